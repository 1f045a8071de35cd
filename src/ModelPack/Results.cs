namespace ModelPack;

/// <summary>How far a long operation is.</summary>
/// <param name="BytesDone">Original bytes handled so far.</param>
/// <param name="BytesTotal">Original bytes in all, or -1 while unknown (reading from a pipe).</param>
/// <param name="CurrentFile">The file being handled.</param>
public readonly record struct ModelPackProgress(long BytesDone, long BytesTotal, string CurrentFile);

/// <summary>Something a user should know that did not stop the operation.</summary>
/// <param name="File">The file concerned.</param>
/// <param name="Reason">What was found.</param>
/// <param name="Offset">Where in the file, when known.</param>
public sealed record ModelPackWarning(string File, string Reason, long? Offset);

/// <summary>What one file became.</summary>
/// <param name="Path">Relative path as stored in the container.</param>
/// <param name="Format">How the file was understood.</param>
/// <param name="Length">Original bytes.</param>
/// <param name="PackedLength">Bytes of the container spent on the file, without the index.</param>
/// <param name="TensorCount">Number of tensors found.</param>
/// <param name="Sha256">SHA-256 of the original in lower-case hexadecimal, when recorded.</param>
public sealed record FileSummary(string Path, ModelFormat Format, long Length, long PackedLength, int TensorCount, string? Sha256)
{
    /// <summary>What the comparison with a hub's hash gave; null when there was none, and for all but packing.</summary>
    public HubHash? Hub { get; init; }
}

/// <summary>The outcome of packing.</summary>
/// <param name="OriginalLength">Bytes of all original files.</param>
/// <param name="PackedLength">Bytes of the container.</param>
/// <param name="Files">Each file, in container order.</param>
/// <param name="Warnings">What was packed otherwise than its name suggests, and why.</param>
public sealed record PackResult(long OriginalLength, long PackedLength, IReadOnlyList<FileSummary> Files, IReadOnlyList<ModelPackWarning> Warnings)
{
    /// <summary>The base that is needed to restore the container; null when there is none.</summary>
    public BaseModel? Base { get; init; }

    /// <summary>Number of parts that the container was written in; 0 for one file.</summary>
    public int PartCount { get; init; }

    /// <summary>Original bytes whose blocks were left by an earlier, interrupted packing and not coded again.</summary>
    public long ReusedLength { get; init; }
}

/// <summary>The outcome of unpacking.</summary>
/// <param name="OriginalLength">Bytes restored.</param>
/// <param name="PackedLength">Bytes of the container.</param>
/// <param name="Files">Each file, in container order.</param>
public sealed record UnpackResult(long OriginalLength, long PackedLength, IReadOnlyList<FileSummary> Files);

/// <summary>The outcome of verifying a sound container; a damaged one throws.</summary>
/// <param name="OriginalLength">Bytes restored and checked.</param>
/// <param name="PackedLength">Bytes of the container.</param>
/// <param name="Files">Each file, in container order; SHA-256 always present when one was computed or recorded.</param>
/// <param name="Differences">What differs from the original or the expected hash; empty when all is equal.</param>
public sealed record VerifyResult(long OriginalLength, long PackedLength, IReadOnlyList<FileSummary> Files, IReadOnlyList<Difference> Differences);

/// <summary>One difference that verification found.</summary>
/// <param name="File">The file concerned.</param>
/// <param name="Offset">First differing byte, when the contents were compared.</param>
/// <param name="Reason">What differs.</param>
public sealed record Difference(string File, long? Offset, string Reason);
