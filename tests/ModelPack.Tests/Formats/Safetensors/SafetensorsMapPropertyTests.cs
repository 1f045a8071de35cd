using System.Text;
using CsCheck;
using ModelPack.Formats;

namespace ModelPack.Tests.Formats.Safetensors;

public sealed class SafetensorsMapPropertyTests
{
    private const int Cases = 500;

    // A last dimension of 4 makes whole bytes of sub-byte elements.
    private static readonly Gen<Tensor> AnyTensor =
        Gen.Select(
            Gen.Int[0, SafetensorsFile.Dtypes.Length - 1],
            Gen.ULong[0, 5].Array[0, 3],
            static (dtype, shape) => new Tensor(SafetensorsFile.Dtypes[dtype], [.. shape, 4]));

    private static readonly Gen<Layout> AnyLayout =
        from tensors in AnyTensor.Array[0, 12]
        from headerOrder in Gen.Shuffle(Enumerable.Range(0, tensors.Length).ToArray())
        from padding in Gen.Int[0, 9]
        from hasMetadata in Gen.Bool
        select new Layout(tensors, headerOrder, padding, hasMetadata);

    [Fact]
    public void Segments_cover_any_file_without_a_gap()
    {
        for (uint stream = 0; stream < Cases; stream++)
        {
            Check(AnyLayout.Generate(new PCG(stream, 20_260_514), null, out _), stream);
        }
    }

    private static void Check(Layout layout, uint stream)
    {
        var expected = new (long Offset, long Length)[layout.Tensors.Length];
        long dataLength = 0;
        for (int i = 0; i < layout.Tensors.Length; i++)
        {
            expected[i] = (dataLength, layout.Tensors[i].Length);
            dataLength += layout.Tensors[i].Length;
        }

        byte[] file = SafetensorsFile.Make(layout.Header(expected), (int)dataLength);
        SegmentMap map = SafetensorsFile.Read(file);

        long dataStart = file.Length - dataLength;
        Assert.Equal(file.Length, map.FileLength);
        Assert.Equal(new Segment(0, dataStart, Segment.Structure), map.Segments[0]);
        long position = 0;
        foreach (Segment segment in map.Segments)
        {
            Assert.True(segment.Offset == position && segment.Length > 0, $"case {stream}: a gap or an empty segment at {position}");
            position = segment.End;
        }

        Assert.Equal(file.Length, position);
        Assert.Equal(layout.HeaderOrder.Select(static i => $"t{i}"), map.Tensors.Select(static t => t.Name));
        for (int i = 0; i < map.Tensors.Length; i++)
        {
            int made = layout.HeaderOrder[i];
            Assert.Equal(layout.Tensors[made].Dtype.Dtype, map.Tensors[i].Dtype);
            Assert.Equal<ulong>(layout.Tensors[made].Shape, map.Tensors[i].Shape);
            IEnumerable<Segment> data = expected[made].Length == 0 ? [] : [new Segment(dataStart + expected[made].Offset, expected[made].Length, i)];
            Assert.Equal(data, map.Segments.Where(s => s.TensorIndex == i));
        }
    }

    private sealed record Tensor((string Name, Dtype Dtype, int Bits) Dtype, ulong[] Shape)
    {
        public long Length => (long)Shape.Aggregate(1ul, static (product, dimension) => product * dimension) * Dtype.Bits / 8;
    }

    private sealed record Layout(Tensor[] Tensors, int[] HeaderOrder, int Padding, bool HasMetadata)
    {
        public string Header((long Offset, long Length)[] data)
        {
            IEnumerable<string> entries = HeaderOrder.Select(i =>
                $$"""
                "t{{i}}":{"dtype":"{{Tensors[i].Dtype.Name}}","shape":[{{string.Join(',', Tensors[i].Shape)}}],"data_offsets":[{{data[i].Offset}},{{data[i].Offset + data[i].Length}}]}
                """);
            string[] metadata = HasMetadata ? ["\"__metadata__\":{\"format\":\"pt\"}"] : [];
            return new StringBuilder("{").AppendJoin(',', metadata.Concat(entries)).Append('}').Append(' ', Padding).ToString();
        }
    }
}
