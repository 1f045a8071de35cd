using ModelPack.Primitives;

namespace ModelPack.Formats;

/// <summary>Finds where the tensors of one file format lie. A reader never changes or re-serialises anything.</summary>
internal interface IFormatReader
{
    ModelFormat Format { get; }

    /// <summary>
    /// A cheap guess whether the file is of this format, from its name and first bytes. False means "do not even try";
    /// true that <see cref="Read"/> is worth calling and its failure worth a warning.
    /// </summary>
    /// <param name="source">The file; at most its first 4 KiB are read.</param>
    bool Recognises(ByteSource source);

    /// <summary>Maps the file.</summary>
    /// <exception cref="ModelPackException">
    /// The file is not sound (<see cref="ModelPackError.Corrupt"/>) or uses what is not known here
    /// (<see cref="ModelPackError.Unsupported"/>); the offset is the place in the file.
    /// </exception>
    SegmentMap Read(ByteSource source, CancellationToken cancellationToken);
}
