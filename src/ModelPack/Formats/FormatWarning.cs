namespace ModelPack.Formats;

/// <summary>Why a file that looks like a model is mapped as opaque.</summary>
/// <param name="Reason">What was found and what was allowed.</param>
/// <param name="Offset">The place in the file, when known.</param>
internal sealed record FormatWarning(string Reason, long? Offset);
