namespace ModelPack.Formats;

/// <summary>A run of bytes of a file: either tensor data or structure that is kept verbatim.</summary>
/// <param name="Offset">First byte in the file.</param>
/// <param name="Length">Bytes; at least 1.</param>
/// <param name="TensorIndex">Index into <see cref="SegmentMap.Tensors"/>, or <see cref="Structure"/>.</param>
internal readonly record struct Segment(long Offset, long Length, int TensorIndex)
{
    /// <summary>The <see cref="TensorIndex"/> of a segment that belongs to no tensor.</summary>
    public const int Structure = -1;

    public bool IsStructure => TensorIndex < 0;

    public long End => Offset + Length;
}
