namespace ModelPack.Container;

/// <summary>The format of a file as containers record it (FORMAT.md, "Index").</summary>
internal static class PackedFormat
{
    /// <summary>Data files of other models have no format of their own.</summary>
    public static uint ToWire(ModelFormat format) => format == ModelFormat.OnnxExternalData ? (uint)ModelFormat.Opaque : (uint)format;

    public static ModelFormat FromWire(uint format, bool hasTensors) =>
        (ModelFormat)format == ModelFormat.Opaque && hasTensors ? ModelFormat.OnnxExternalData : (ModelFormat)format;
}
