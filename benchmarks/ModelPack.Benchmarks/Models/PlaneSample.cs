using ModelPack.Coding;
using ModelPack.Formats;
using ModelPack.Pipeline;
using ModelPack.Planes;
using ModelPack.Primitives;

namespace ModelPack.Benchmarks.Models;

/// <summary>A plane of real tensors, and the coder that is for such planes.</summary>
/// <param name="Coder">The coder.</param>
/// <param name="File">A file in testmodels.</param>
/// <param name="Dtype">Tensors of this dtype; <see cref="Dtype.None"/> is the structure between tensors.</param>
/// <param name="Plane">Plane of the dtype's layout.</param>
/// <param name="Tensor">Only this tensor; null takes all.</param>
internal sealed record PlaneSample(CoderId Coder, string File, Dtype Dtype, int Plane, string? Tensor = null)
{
    /// <summary>Samples that every checkout has.</summary>
    public static IReadOnlyList<PlaneSample> Committed { get; } =
    [
        new(CoderId.LaneAns, "transformer_bf16.safetensors", Dtype.BF16, 0),
        new(CoderId.Stored, "transformer_bf16.safetensors", Dtype.BF16, 1),
        new(CoderId.Huffman, "quantised.safetensors", Dtype.I8, 0),
        new(CoderId.Lzw, "quantised.safetensors", Dtype.Bool, 0),
        new(CoderId.Constant, "floats.safetensors", Dtype.F32, 3, "widened.f32"),
    ];

    private static readonly PlaneSample[] Fetched =
    [
        new(CoderId.LaneAns, "fetched/isnet_medium_bf16.safetensors", Dtype.BF16, 0),
        new(CoderId.LaneAns, "fetched/isnet_medium_f16.safetensors", Dtype.F16, 0),
        new(CoderId.Stored, "fetched/isnet_medium_bf16.safetensors", Dtype.BF16, 1),
        new(CoderId.Huffman, "fetched/isnet_small_u8.safetensors", Dtype.U8, 0),
        new(CoderId.Lzw, "fetched/isnet_small.onnx", Dtype.None, 0),
        new(CoderId.Constant, "fetched/isnet_medium_f32.safetensors", Dtype.F32, 3),
    ];

    /// <summary>The fetched samples that are there, else the committed ones.</summary>
    public static IReadOnlyList<PlaneSample> Default =>
        Fetched.Where(sample => ModelFiles.IsThere(sample.File)).ToArray() is { Length: > 0 } fetched ? fetched : Committed;

    /// <summary>The one of <see cref="Default"/> with this text.</summary>
    public static PlaneSample Find(string text) => Default.Single(sample => sample.ToString() == text);

    /// <summary>
    /// The plane, cut into blocks as long as the pipeline makes them. Tensors are joined first, so that the blocks are
    /// full also where tensors are small.
    /// </summary>
    /// <exception cref="InvalidDataException">The file has no such tensors.</exception>
    public IReadOnlyList<byte[]> Load()
    {
        byte[] elements = Elements();
        var layout = PlaneLayout.For(Dtype, TensorEncoding.Raw);
        int blockLength = BlockPlanner.TargetElements * layout.ElementSize;
        var blocks = new List<byte[]>();
        for (int start = 0; start < elements.Length; start += blockLength)
        {
            ReadOnlySpan<byte> block = elements.AsSpan(start, Math.Min(blockLength, elements.Length - start));
            int count = block.Length / layout.ElementSize;
            byte[] planes = new byte[layout.BufferLength(count)];
            PlaneSplitter.Split(layout, block, planes);
            blocks.Add(planes.AsSpan(layout.PlaneOffset(Plane, count), layout.PlaneLength(Plane, count)).ToArray());
        }

        return blocks;
    }

    public override string ToString() => $"{Coder}: {Path.GetFileName(File)} {Dtype.DisplayName()} {Tensor} plane {Plane}".Replace("  ", " ", StringComparison.Ordinal);

    private byte[] Elements()
    {
        using ByteSource source = ByteSource.OpenFile(ModelFiles.PathOf(File));
        SegmentMap map = FormatDetector.Detect(source, FormatDetector.Readers, strict: true, CancellationToken.None).Map;
        Segment[] segments = [.. map.Segments.Where(segment => IsWanted(map, segment))];
        byte[] elements = new byte[segments.Sum(segment => segment.Length)];
        int end = 0;
        foreach (Segment segment in segments)
        {
            source.ReadExactly(segment.Offset, elements.AsSpan(end, (int)segment.Length));
            end += (int)segment.Length;
        }

        return end > 0 ? elements : throw new InvalidDataException($"{File} has no {Dtype.DisplayName()} to measure");
    }

    private bool IsWanted(SegmentMap map, Segment segment)
    {
        if (segment.IsStructure)
        {
            return Dtype == Dtype.None;
        }

        TensorInfo tensor = map.Tensors[segment.TensorIndex];
        return tensor.Dtype == Dtype && tensor.Encoding == TensorEncoding.Raw && (Tensor ?? tensor.Name) == tensor.Name;
    }
}
