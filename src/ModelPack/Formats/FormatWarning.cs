namespace ModelPack.Formats;

/// <summary>Why a file that looks like a model is mapped as opaque.</summary>
/// <param name="Cause">What was found and what was allowed, as it is thrown where such a file is refused.</param>
internal sealed record FormatWarning(ModelPackException Cause)
{
    public string Reason => Cause.Reason;

    /// <summary>The place in the file, when known.</summary>
    public long? Offset => Cause.Offset;
}
