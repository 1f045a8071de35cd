using Google.Protobuf;
using ModelPack.Formats.Onnx;
using ModelPack.Primitives;
using ModelPack.Tests.Formats.Onnx.Wire;
using static ModelPack.Tests.Formats.Onnx.WireBytes;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>Files that are cut, lie about lengths or are out of proportion.</summary>
public sealed class OnnxHostileTests
{
    [Fact]
    public void A_file_cut_anywhere_is_refused_exactly_when_it_is_no_model_any_more()
    {
        byte[] file = SmallModel().ToByteArray();
        int refused = 0;
        for (int length = 0; length < file.Length; length++)
        {
            byte[] cut = file[..length];
            if (IsModel(cut))
            {
                Mapped.Read(cut);
            }
            else
            {
                ModelPackException e = Mapped.Refused(cut);
                Assert.Equal(ModelPackError.Corrupt, e.Error);
                Assert.InRange(e.Offset ?? -1, 0, length);
                refused++;
            }
        }

        Assert.InRange(refused, file.Length - 10, file.Length);
    }

    [Fact]
    public void Any_byte_changed_gives_a_full_cover_or_a_refusal()
    {
        byte[] file = SmallModel().ToByteArray();
        int mapped = 0;
        for (int i = 0; i < file.Length; i++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] changed = [.. file];
                changed[i] = (byte)value;
                try
                {
                    Mapped.Read(changed);
                    mapped++;
                }
                catch (ModelPackException e)
                {
                    Assert.Equal(ModelPackError.Corrupt, e.Error);
                    Assert.InRange(e.Offset ?? -1, 0, file.Length);
                    Assert.False(IsModel(changed), $"byte {i} set to {value}: refused ({e.Message}), but protobuf reads it");
                }
            }
        }

        Assert.True(mapped > file.Length * 64, $"only {mapped} changed files were mapped");
    }

    [Theory]
    [InlineData(1_000_000_000_000_000_000)]
    [InlineData(ulong.MaxValue)]
    [InlineData((1ul << 32) + 2)]
    [InlineData(1ul << 31)]
    [InlineData(5)]
    public void Lengths_beyond_the_message_are_refused(ulong length)
    {
        ModelPackException e = Mapped.Refused(Initializer(Text(8, "w"), Concat(Tag(9, DelimitedType), Varint(length), [1, 2, 3, 4])));

        Assert.Equal(ModelPackError.Corrupt, e.Error);
        Assert.Equal(9, e.Offset);
        Assert.Contains($"needs {length} bytes", e.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_may_not_cross_its_message_even_where_the_file_goes_on()
    {
        byte[] more = new byte[64];
        byte[][] crossing =
        [
            [0x4A, 0x20],               // raw_data of 32 bytes
            [0x10],                     // data_type without its number
            [0x10, 0x80],               // ... inside its number
            [0x95, 0x01, 0, 0],         // field 18, two of four bytes
            [0x91, 0x01, 0, 0, 0, 0],   // field 18, four of eight bytes
            [0x80],                     // half a tag
            [0x9B],                     // half the tag of a group
        ];
        foreach (byte[] fields in crossing)
        {
            Assert.Equal(ModelPackError.Corrupt, Mapped.Refused(File(fields)).Error);
        }

        Mapped.Read(File([]));

        byte[] File(byte[] tensor) => Concat(Number(1, 8), Bytes(7, Bytes(5, tensor), Text(10, "doc")), Bytes(14, more));
    }

    [Theory]
    [InlineData(new byte[] { 0x00 })]                       // field number 0
    [InlineData(new byte[] { 0x0E })]                       // wire type 6
    [InlineData(new byte[] { 0x0F, 0x00 })]                 // wire type 7
    [InlineData(new byte[] { 0x0C })]                       // end of a group that has not begun
    [InlineData(new byte[] { 0x0B })]                       // group without end
    [InlineData(new byte[] { 0x0B, 0x14 })]                 // group 1 ended as group 2
    [InlineData(new byte[] { 0x0B, 0x13, 0x0C, 0x14 })]     // groups that cross
    [InlineData(new byte[] { 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })] // 11-byte varint
    public void Broken_fields_are_refused(byte[] field)
    {
        Assert.Equal(ModelPackError.Corrupt, Mapped.Refused(Bytes(7), field).Error);
        Assert.Equal(ModelPackError.Corrupt, Mapped.Refused(Bytes(7, field), Text(2, "producer")).Error);
        Assert.Equal(ModelPackError.Corrupt, Mapped.Refused(Initializer(field)).Error);
    }

    [Fact]
    public void Twenty_thousand_subgraphs_inside_each_other_are_mapped()
    {
        byte[] tensor = Bytes(5, Text(8, "deep"), Number(2, 2), Number(1, 2), Bytes(9, [1, 2]));
        Mapped mapped = Mapped.Read(NestedGraphs(20_000, tensor));

        string name = Assert.Single(mapped.Names);
        Assert.Equal([1, 2], mapped.Data(name));
        Assert.InRange(name.Length, 900, 1024);
        Assert.StartsWith("…/", name, StringComparison.Ordinal);
        Assert.EndsWith("/node_0/g/node_0/g/deep", name, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_has_a_bound()
    {
        ModelPackException graphs = Mapped.Refused(NestedGraphs(40_000, []));
        Assert.Equal(ModelPackError.Unsupported, graphs.Error);
        Assert.Contains("100000", graphs.Reason, StringComparison.Ordinal);

        byte[] groups = Concat(Bytes(7), Repeat(200_000, 0x0B));
        Assert.Equal(ModelPackError.Unsupported, Mapped.Refused(groups).Error);
    }

    [Fact]
    public void Groups_deeper_than_any_recursion_limit_are_passed_over()
    {
        const int Depth = 50_000;
        byte[] groups = Concat(Repeat(Depth, 0x0B), Repeat(Depth, 0x0C));
        Assert.Empty(Mapped.Read(Bytes(7), groups).Map.Tensors);
    }

    [Fact]
    public void Tensors_have_a_bound()
    {
        // An empty UINT8 tensor: 2A 04 | 10 02 | 08 00.
        byte[] tensors = Repeat(1_000_001, 0x2A, 0x04, 0x10, 0x02, 0x08, 0x00);

        Assert.Equal(ModelPackError.Unsupported, Mapped.Refused(Bytes(7, tensors)).Error);
    }

    [Fact]
    public void Chunks_of_packed_fields_have_a_bound()
    {
        byte[] chunks = Repeat(2_000_001, 0x3A, 0x01, 0x00);

        Assert.Equal(ModelPackError.Unsupported, Mapped.Refused(Initializer(Number(2, 7), Number(1, 2_000_001), chunks)).Error);
    }

    [Fact]
    public void Names_together_have_a_bound()
    {
        // Each of 70,000 tensors of one attribute would carry a path of a thousand characters.
        byte[] tensors = Repeat(70_000, 0x52, 0x04, 0x10, 0x02, 0x08, 0x00);
        byte[] node = Bytes(1, Text(3, new string('n', 990)), Bytes(5, Text(1, "a"), tensors));

        ModelPackException e = Mapped.Refused(Bytes(7, node));

        Assert.Equal(ModelPackError.Unsupported, e.Error);
        Assert.Contains("names", e.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_graph_or_without_anything_is_refused()
    {
        Assert.Contains("graph", Mapped.Refused(Number(1, 8), Text(2, "producer")).Reason, StringComparison.Ordinal);
        Assert.Contains("empty", Mapped.Refused([]).Reason, StringComparison.Ordinal);
        Assert.Empty(Mapped.Read(Bytes(7)).Map.Tensors);
    }

    [Fact]
    public void A_file_over_two_gibibytes_is_refused_unread()
    {
        using var source = new UnreadableSource(1L << 31);
        var e = Assert.Throws<ModelPackException>(() => OnnxReader.Instance.Read(source, CancellationToken.None));
        Assert.Equal(ModelPackError.Unsupported, e.Error);
    }

    [Fact]
    public void Payloads_are_not_read()
    {
        byte[] file = Initializer(Text(8, "w"), Number(2, 2), Number(1, 5_000_000), Bytes(9, new byte[5_000_000]));
        using var source = new CountingSource(file);

        Assert.Single(OnnxReader.Instance.Read(source, CancellationToken.None).Tensors);
        Assert.InRange(source.BytesRead, 1, 10_000);
    }

    [Fact]
    public void A_cancelled_read_stops()
    {
        using var source = ByteSource.FromMemory(SmallModel().ToByteArray(), "test");
        Assert.Throws<OperationCanceledException>(() => OnnxReader.Instance.Read(source, new CancellationToken(canceled: true)));
    }

    // Graph, node, attribute, graph, ...: built from the inside out, each level only its three heads.
    private static byte[] NestedGraphs(int levels, byte[] innermost)
    {
        var heads = new List<byte[]>();
        int length = innermost.Length;
        void Wrap(int field, byte[] before)
        {
            byte[] head = Concat(before, Tag(field, DelimitedType), Varint((ulong)length));
            heads.Add(head);
            length += head.Length;
        }

        for (int i = 1; i < levels; i++)
        {
            Wrap(6, Text(1, "g"));
            Wrap(5, []);
            Wrap(1, []);
        }

        Wrap(7, Number(1, 8));
        heads.Reverse();
        return Concat([.. heads, innermost]);
    }

    private static bool IsModel(byte[] file)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(file).Graph is not null;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static ModelProto SmallModel()
    {
        ModelProto model = OnnxTensorTests.Model(
            OnnxTensorTests.Raw("w", 1, [2, 2], OnnxTensorTests.Pattern(16, seed: 3)),
            new TensorProto { Name = "i", DataType = 7, Dims = { 2 }, Int64Data = { 1, 300 } });
        model.Graph.Node.Add(new NodeProto
        {
            Name = "n",
            OpType = "If",
            Attribute = { new AttributeProto { Name = "g", G = new GraphProto { Initializer = { OnnxTensorTests.Raw("x", 2, [3], [1, 2, 3]) } } } },
        });
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        return model;
    }

    private sealed class UnreadableSource(long length) : ByteSource
    {
        public override string Name => "huge.onnx";

        public override long Length => length;

        public override void ReadExactly(long offset, Span<byte> destination) => Assert.Fail("must not be read");
    }

    private sealed class CountingSource(byte[] bytes) : ByteSource
    {
        public long BytesRead { get; private set; }

        public override string Name => "counted";

        public override long Length => bytes.Length;

        public override void ReadExactly(long offset, Span<byte> destination)
        {
            BytesRead += destination.Length;
            bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }
    }
}
