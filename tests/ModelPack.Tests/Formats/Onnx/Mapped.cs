using ModelPack.Formats;
using ModelPack.Formats.Onnx;
using ModelPack.Primitives;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>A file and its map, with what tests ask of the two.</summary>
internal sealed class Mapped
{
    private readonly byte[] _file;

    private Mapped(byte[] file, SegmentMap map) => (_file, Map) = (file, map);

    public SegmentMap Map { get; }

    public string[] Names => [.. Map.Tensors.Select(tensor => tensor.Name)];

    public static Mapped Read(params byte[][] parts)
    {
        byte[] file = WireBytes.Concat(parts);
        var mapped = new Mapped(file, OnnxReader.Instance.Read(ByteSource.FromMemory(file, "test"), CancellationToken.None));
        AssertCovers(mapped.Map, file.Length);
        return mapped;
    }

    public static ModelPackException Refused(params byte[][] parts) => Assert.Throws<ModelPackException>(() => Read(parts));

    /// <summary>Segments are adjacent, not empty and as long as the file; names are all different.</summary>
    public static void AssertCovers(SegmentMap map, long length)
    {
        long position = 0;
        foreach (Segment segment in map.Segments)
        {
            Assert.Equal(position, segment.Offset);
            Assert.True(segment.Length > 0);
            Assert.True(segment.TensorIndex < map.Tensors.Length);
            position = segment.End;
        }

        Assert.Equal(length, position);
        Assert.Equal(length, map.FileLength);
        Assert.Equal(ModelFormat.Onnx, map.Format);
        Assert.Equal(map.Tensors.Length, map.Tensors.Select(tensor => tensor.Name).Distinct(StringComparer.Ordinal).Count());
    }

    public ulong[] Shape(string name) => [.. Tensor(name).Shape];

    public TensorInfo Tensor(string name) => Map.Tensors[IndexOf(name)];

    public Segment[] SegmentsOf(string name)
    {
        int index = IndexOf(name);
        return [.. Map.Segments.Where(segment => segment.TensorIndex == index)];
    }

    public byte[] Data(string name) => Data(IndexOf(name));

    public byte[] Data(int index) =>
        [.. Map.Segments.Where(segment => segment.TensorIndex == index).SelectMany(segment => _file[(int)segment.Offset..(int)segment.End])];

    private int IndexOf(string name)
    {
        Assert.Contains(name, Names);
        return Array.IndexOf(Names, name);
    }
}
