using System.Collections.Immutable;
using ModelPack.Formats.Onnx;
using ModelPack.Formats.Safetensors;
using ModelPack.Primitives;

namespace ModelPack.Formats;

/// <summary>Maps any file: by the first reader that recognises it, else as opaque.</summary>
internal static class FormatDetector
{
    // Whoever names a file so expects its tensors to be found.
    private static readonly ImmutableArray<string> ModelExtensions = [SafetensorsFormat.Extension, ".onnx"];

    /// <summary>All readers, the one with the surest marks first.</summary>
    public static ImmutableArray<IFormatReader> Readers { get; } =
    [
        new SafetensorsReader(),
        OnnxReader.Instance,
    ];

    /// <summary>Maps a file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="readers">Best first, such as <see cref="Readers"/>; only the first that recognises the file is asked to read it.</param>
    /// <param name="strict">Throw where otherwise an opaque map comes with a warning.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ModelPackException">
    /// Only if <paramref name="strict"/>: the file looks like a model but cannot be read as one.
    /// </exception>
    public static DetectedFormat Detect(
        ByteSource source, ImmutableArray<IFormatReader> readers, bool strict, CancellationToken cancellationToken)
    {
        foreach (IFormatReader reader in readers)
        {
            if (reader.Recognises(source))
            {
                return Read(source, reader, strict, cancellationToken);
            }
        }

        if (!HasModelExtension(source.Name))
        {
            return new DetectedFormat(SegmentMap.Opaque(source.Length), null);
        }

        const string Reason = "the file is named like a model but has no format that is known here";
        var fault = new ModelPackException(ModelPackError.Unsupported, Reason, source.Name);
        return strict ? throw fault : new DetectedFormat(SegmentMap.Opaque(source.Length), new FormatWarning(fault));
    }

    private static DetectedFormat Read(ByteSource source, IFormatReader reader, bool strict, CancellationToken cancellationToken)
    {
        try
        {
            return new DetectedFormat(reader.Read(source, cancellationToken), null);
        }
        catch (ModelPackException exception) when (strict)
        {
            throw exception.At(source.Name, 0);
        }
        catch (ModelPackException exception)
        {
            return new DetectedFormat(SegmentMap.Opaque(source.Length), new FormatWarning(exception));
        }
    }

    private static bool HasModelExtension(string name) =>
        ModelExtensions.Any(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
}
