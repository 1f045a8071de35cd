using ModelPack.Formats;
using static ModelPack.Tests.Formats.Onnx.WireBytes;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>What the wire format allows but generated classes never write.</summary>
public sealed class OnnxWireTests
{
    private static readonly byte[] U8 = Number(2, 2);
    private static readonly byte[] Two = Number(1, 2);

    [Fact]
    public void Fields_come_in_any_order()
    {
        byte[] tensor = Bytes(5, Bytes(9, [7, 8]), Text(8, "w"), Two, U8);
        byte[] attribute = Bytes(5, Bytes(5, Bytes(9, [9, 10]), U8, Two), Text(1, "value"));
        byte[] node = Bytes(1, attribute, Text(3, "n"));

        Mapped mapped = Mapped.Read(Bytes(7, tensor, node), Number(1, 8));

        Assert.Equal([7, 8], mapped.Data("w"));
        Assert.Equal([9, 10], mapped.Data("n/value"));
    }

    [Fact]
    public void Dims_are_packed_or_not_or_both()
    {
        Assert.Equal([2ul, 3ul], Mapped.Read(Initializer(Text(8, "w"), U8, Bytes(1, [2, 3]), Bytes(9, new byte[6]))).Shape("w"));
        Assert.Equal([2ul, 3ul, 300ul], Mapped.Read(Initializer(Text(8, "w"), U8, Bytes(9, new byte[1800]), Two, Bytes(1, [3], Varint(300)))).Shape("w"));
        Assert.Equal(ModelPackError.Corrupt, Mapped.Refused(Initializer(U8, Bytes(1, [2, 0x83]), Bytes(9, new byte[6]))).Error);
    }

    [Fact]
    public void The_last_raw_data_and_type_and_name_win()
    {
        Mapped mapped = Mapped.Read(Initializer(
            Number(2, 1), Text(8, "old"), Bytes(9, [1, 2]), Two, U8, Text(8, "new"), Bytes(9, [3, 4])));

        Assert.Equal(["new"], mapped.Names);
        Assert.Equal(Dtype.U8, mapped.Map.Tensors[0].Dtype);
        Assert.Equal([3, 4], mapped.Data("new"));
    }

    [Fact]
    public void Chunks_of_a_packed_field_are_one_tensor()
    {
        byte[] file = Initializer(
            Text(8, "w"), Number(2, 1), Number(1, 3), Bytes(4, new byte[8]), Text(12, "between"), Bytes(4), Bytes(4, [1, 2, 3, 4]));
        Mapped floats = Mapped.Read(file);
        Mapped integers = Mapped.Read(Initializer(Text(8, "w"), Number(2, 7), Number(1, 3), Bytes(7, [1, 2]), Bytes(7, Varint(300))));

        Assert.Equal([8L, 4L], floats.SegmentsOf("w").Select(segment => segment.Length));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], floats.Data("w"));
        Assert.Equal([1, 2, 0xAC, 2], integers.Data("w"));
    }

    [Fact]
    public void A_run_never_ends_inside_an_element()
    {
        // The two halves of a COMPLEX64 (14) in chunks of their own, and a FLOAT in two chunks of two bytes.
        Assert.Empty(Mapped.Read(Initializer(Number(2, 14), Number(1, 1), Bytes(4, new byte[4]), Bytes(4, new byte[4]))).Map.Tensors);
        Assert.Empty(Mapped.Read(Initializer(Number(2, 1), Number(1, 1), Bytes(4, new byte[2]), Bytes(4, new byte[2]))).Map.Tensors);
    }

    [Fact]
    public void Unpacked_elements_leave_the_field_structure()
    {
        byte[] type = Number(2, 7);
        Assert.Empty(Mapped.Read(Initializer(type, Two, Number(7, 1), Number(7, 2))).Map.Tensors);
        Assert.Empty(Mapped.Read(Initializer(type, Two, Number(7, 1), Bytes(7, [2, 3]))).Map.Tensors);
        byte[] unpackedFloat = Concat(Tag(4, 5), [0, 0, 128, 63]);
        Assert.Empty(Mapped.Read(Initializer(Number(2, 1), Number(1, 1), unpackedFloat, Bytes(4, new byte[4]))).Map.Tensors);
        byte[] unpackedDouble = Concat(Tag(10, 1), new byte[8]);
        Assert.Empty(Mapped.Read(Initializer(Number(2, 11), Number(1, 1), unpackedDouble)).Map.Tensors);
    }

    [Fact]
    public void Varints_longer_than_needed_are_read()
    {
        byte[] longLength = Concat(Tag(9, DelimitedType), Varint(2, length: 10), [5, 6]);
        byte[] longTag = Concat(Varint((2 << 3) | VarintType, length: 5), Varint(2, length: 7));

        Mapped mapped = Mapped.Read(Initializer(Text(8, "w"), longTag, Two, longLength));

        Assert.Equal([5, 6], mapped.Data("w"));
    }

    [Fact]
    public void A_graph_in_two_parts_is_one()
    {
        byte[] first = Bytes(7, Bytes(5, Text(8, "a"), U8, Two, Bytes(9, [1, 2])));
        byte[] second = Bytes(7, Bytes(5, Text(8, "b"), U8, Two, Bytes(9, [3, 4])));

        Mapped mapped = Mapped.Read(first, Text(2, "producer"), second);

        Assert.Equal(["a", "b"], mapped.Names);
        Assert.Equal([3, 4], mapped.Data("b"));
    }

    [Fact]
    public void Unknown_fields_and_groups_are_passed_over()
    {
        byte[] group = Group(99, Text(5, "not a tensor"), Group(98, Number(1, 1)), Concat(Tag(3, 5), new byte[4]), Concat(Tag(3, 1), new byte[8]));
        byte[] unknown = Concat(group, Text(1000, "unknown"), Number(536_870_911, ulong.MaxValue));
        byte[] tensor = Bytes(5, unknown, Text(8, "w"), unknown, U8, Two, unknown, Bytes(9, [1, 2]), unknown);

        Mapped mapped = Mapped.Read(unknown, Bytes(7, unknown, tensor, unknown), unknown);

        Assert.Equal(["w"], mapped.Names);
        Assert.Equal([1, 2], mapped.Data("w"));
    }

    [Fact]
    public void A_known_field_number_with_another_wire_type_is_an_unknown_field()
    {
        Mapped mapped = Mapped.Read(Initializer(
            Text(8, "w"), U8, Two, Bytes(9, [1, 2]), Text(2, "type"), Number(9, 77), Group(9), Number(8, 1), Concat(Tag(1, 5), new byte[4])));

        Assert.Equal([1, 2], mapped.Data("w"));
        Assert.Equal(ModelPackError.Corrupt, Mapped.Refused(Group(7), Number(1, 8)).Error);
    }

    [Fact]
    public void The_map_has_the_structure_between_tensors()
    {
        Mapped mapped = Mapped.Read(Initializer(Text(8, "w"), U8, Two, Bytes(9, [1, 2]), Text(12, "doc")));

        // 08 08 | 3A len | 2A len | 42 01 'w' | 10 02 | 08 02 | 4A 02 : 15 bytes; then 62 03 "doc".
        Assert.Equal([new Segment(0, 15, -1), new Segment(15, 2, 0), new Segment(17, 5, -1)], mapped.Map.Segments.ToArray());
    }
}
