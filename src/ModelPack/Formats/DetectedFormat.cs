namespace ModelPack.Formats;

/// <summary>How a file was mapped.</summary>
/// <param name="Map">The whole file.</param>
/// <param name="Warning">Set when the file looks like a model but was not understood.</param>
internal readonly record struct DetectedFormat(SegmentMap Map, FormatWarning? Warning);
