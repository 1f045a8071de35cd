using System.Text;
using ModelPack.Formats;
using ModelPack.Formats.Safetensors;
using ModelPack.Primitives;

namespace ModelPack.Tests.Formats.Safetensors;

/// <summary>What is accepted, and how it is mapped.</summary>
public sealed class SafetensorsReaderTests
{
    public static TheoryData<string, Dtype, int> Dtypes()
    {
        var data = new TheoryData<string, Dtype, int>();
        foreach ((string name, Dtype dtype, int bits) in SafetensorsFile.Dtypes)
        {
            data.Add(name, dtype, bits);
        }

        return data;
    }

    /// <summary>The file of the reference implementation's <c>test_deserialization</c>, byte for byte.</summary>
    [Fact]
    public void Reads_a_file_of_the_reference_implementation()
    {
        byte[] file = [.. "<\0\0\0\0\0\0\0{\"test\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}"u8, .. new byte[16]];

        SegmentMap map = SafetensorsFile.Read(file);

        Assert.Equal(ModelFormat.Safetensors, map.Format);
        Assert.Equal(84, map.FileLength);
        Assert.Equal<Segment>([new Segment(0, 68, Segment.Structure), new Segment(68, 16, 0)], map.Segments);
        TensorInfo tensor = Assert.Single(map.Tensors);
        Assert.Equal("test", tensor.Name);
        Assert.Equal(Dtype.I32, tensor.Dtype);
        Assert.Equal<ulong>([2ul, 2ul], tensor.Shape);
        Assert.Equal(TensorEncoding.Raw, tensor.Encoding);
    }

    [Theory]
    [MemberData(nameof(Dtypes))]
    public void Knows_every_dtype(string name, Dtype dtype, int bits)
    {
        // Eight elements of any width are as many bytes as an element has bits.
        SegmentMap map = SafetensorsFile.Read(SafetensorsFile.Make($$$"""{"t":{"dtype":"{{{name}}}","shape":[2,4],"data_offsets":[0,{{{bits}}}]}}""", bits));

        Assert.Equal(dtype, Assert.Single(map.Tensors).Dtype);
        Assert.Equal(bits, map.Segments[1].Length);
    }

    [Fact]
    public void Takes_all_22_dtypes_and_no_other() =>
        Assert.Equal(SafetensorsFile.Dtypes.Select(static d => d.Dtype).Order(), SafetensorsFormat.Dtypes.Order());

    [Theory]
    [InlineData("""{"t":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}""", 4)] // scalar
    [InlineData("""{"t":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}}""", 3)] // four of 6 bits
    [InlineData(" \t\r\n{\"t\" : {\n\"dtype\":\"U8\",\"shape\":[ 3 ],\"data_offsets\":[0 ,3]}}  \t\r\n", 3)] // white space around
    [InlineData("""{"t":{"data_offsets":[0,3],"shape":[3],"dtype":"U8"}}""", 3)] // fields in another order
    [InlineData("""{"\u0074":{"\u0064type":"\u00558","\u0073hape":[3],"data\u005foffsets":[0,3]}}""", 3)] // escapes in keys and dtype
    [InlineData("""{"__metadata__":{"format":"pt","":"\ud83d\ude00"},"t":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 3)] // metadata
    [InlineData("""{"t":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"__metadata__":{}}""", 3)] // metadata last
    [InlineData("""{"__metadata__":null,"t":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 3)] // metadata null
    [InlineData("""{"__metadata__":{"a":"1","a":"2"},"t":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 3)] // metadata key twice
    [InlineData("""{"t":{"x":{"shape":[1,{"y":null}]},"dtype":"U8","n":[-1.5e300,true],"shape":[3],"data_offsets":[0,3],"n":""}}""", 3)] // unknown fields
    [InlineData("""{"t":{"x":[0e999,1e-999,1e308],"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 3)] // unknown numbers at the edge
    public void Accepts(string header, int dataLength)
    {
        SegmentMap map = SafetensorsFile.Read(SafetensorsFile.Make(header, dataLength));

        Assert.Equal("t", Assert.Single(map.Tensors).Name);
        int dataStart = 8 + header.Length;
        Assert.Equal<Segment>([new Segment(0, dataStart, Segment.Structure), new Segment(dataStart, dataLength, 0)], map.Segments);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{}\r \t\n")]
    [InlineData("\t\n{}\r ")]
    [InlineData("""{"__metadata__":{"format":"pt"}}""")]
    public void Accepts_a_file_without_tensors(string header)
    {
        SegmentMap map = SafetensorsFile.Read(SafetensorsFile.Make(header));

        Assert.Empty(map.Tensors);
        Assert.Equal<Segment>([new Segment(0, 8 + header.Length, Segment.Structure)], map.Segments);
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"\\/\\\"\\\\\\n\"", "/\"\\\n")]
    [InlineData("\"\\ud83d\\ude00\"", "\U0001F600")]
    [InlineData("\"\U0001F600é\uFFFF\"", "\U0001F600é\uFFFF")]
    [InlineData("\"\\u0000\u007F\"", "\0\u007F")]
    public void Decodes_names(string literal, string name) =>
        Assert.Equal(name, Assert.Single(SafetensorsFile.Read(SafetensorsFile.Make($$$"""{ {{{literal}}}:{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""")).Tensors).Name);

    [Theory]
    [InlineData("18446744073709551615,0")]
    [InlineData("0,18446744073709551615,18446744073709551615")]
    [InlineData("2,9223372036854775807,0")]
    public void Accepts_large_dimensions_where_the_product_stays_small(string shape)
    {
        SegmentMap map = SafetensorsFile.Read(SafetensorsFile.Make($$$"""{"t":{"dtype":"I64","shape":[{{{shape}}}],"data_offsets":[0,0]}}"""));

        Assert.Equal(shape, string.Join(',', Assert.Single(map.Tensors).Shape));
        Assert.Single(map.Segments);
    }

    [Fact]
    public void Empty_tensors_share_offsets_with_their_neighbours()
    {
        const string Header = """
            {"z":{"dtype":"I32","shape":[0],"data_offsets":[8,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[8,12]},
            "a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F4","shape":[7,0],"data_offsets":[0,0]},
            "x":{"dtype":"U8","shape":[0],"data_offsets":[12,12]},"w":{"dtype":"U8","shape":[0],"data_offsets":[8,8]}}
            """;

        SegmentMap map = SafetensorsFile.Read(SafetensorsFile.Make(Header, 12));

        Assert.Equal(["z", "b", "a", "y", "x", "w"], map.Tensors.Select(static t => t.Name));
        int dataStart = 8 + Header.Length;
        Assert.Equal<Segment>([new Segment(0, dataStart, Segment.Structure), new Segment(dataStart, 8, 2), new Segment(dataStart + 8, 4, 1)], map.Segments);
    }

    [Fact]
    public void Nesting_of_127_is_the_deepest_allowed()
    {
        // The header, the tensor and 125 arrays.
        string header = $$$"""{"t":{"x":{{{new string('[', 125)}}}{{{new string(']', 125)}}},"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""";

        Assert.Single(SafetensorsFile.Read(SafetensorsFile.Make(header, 1)).Tensors);
    }

    [Fact]
    public void Header_of_100_000_000_bytes_is_the_longest_allowed()
    {
        using var source = new PaddedHeader(100_000_000);

        SegmentMap map = new SafetensorsReader().Read(source, CancellationToken.None);

        Assert.Equal<Segment>([new Segment(0, 100_000_008, Segment.Structure)], map.Segments);
    }

    [Fact]
    public void Longer_header_is_refused_before_it_is_read()
    {
        using var source = new PaddedHeader(100_000_001);

        ModelPackException refusal = Assert.Throws<ModelPackException>(() => new SafetensorsReader().Read(source, CancellationToken.None));

        Assert.Equal(ModelPackError.Corrupt, refusal.Error);
        Assert.Equal(0, refusal.Offset);
        Assert.Contains("100000001", refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(8, source.BytesRead);
    }

    [Fact]
    public void Cancellation_is_heeded()
    {
        using ByteSource source = ByteSource.FromMemory(SafetensorsFile.Make("""{"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"""), "test");

        Assert.Throws<OperationCanceledException>(() => new SafetensorsReader().Read(source, new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData("any.safetensors", "", true)]
    [InlineData("dir/ANY.SafeTensors", "not one at all", true)]
    [InlineData("-", "\x02\0\0\0\0\0\0\0{}", true)]
    [InlineData("-", "\x09\0\0\0\0\0\0\0 \n\t{ \"t\": and whatever", true)]
    [InlineData("-", "\x03\0\0\0\0\0\0\0{}", false)]
    [InlineData("-", "\x02\0\0\0\0\0\0\0{x", false)]
    [InlineData("-", "\x02\0\0\0\0\0\0\0[]", false)]
    [InlineData("-", "\x02\0\0\0\0\0\0\x7F{}", false)]
    [InlineData("-", "\x02\0\0\0\0\0\0\0  ", false)]
    [InlineData("-", "\0\0\0\0\0\0\0\0", false)]
    [InlineData("-", "\0\0\0\0\0\0\0", false)]
    [InlineData("model.safetensors.index.json", "{\"metadata\":{}}", false)]
    public void Recognises_by_extension_or_beginning(string name, string content, bool expected)
    {
        using ByteSource source = ByteSource.FromMemory(Encoding.Latin1.GetBytes(content), name);

        Assert.Equal(expected, new SafetensorsReader().Recognises(source));
    }

    /// <summary>A header <c>{}</c> with spaces up to a length, made as it is read.</summary>
    private sealed class PaddedHeader(int headerLength) : ByteSource
    {
        public override string Name => "padded";

        public override long Length => 8L + headerLength;

        public long BytesRead { get; private set; }

        public override void ReadExactly(long offset, Span<byte> destination)
        {
            destination.Fill((byte)' ');
            byte[] start = [.. BitConverter.GetBytes((long)headerLength), (byte)'{', (byte)'}'];
            for (long i = offset; i < Math.Min(start.Length, offset + destination.Length); i++)
            {
                destination[(int)(i - offset)] = start[i];
            }

            BytesRead += destination.Length;
        }
    }
}
