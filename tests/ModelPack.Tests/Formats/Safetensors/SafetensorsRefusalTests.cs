using System.Text;

namespace ModelPack.Tests.Formats.Safetensors;

/// <summary>What is refused, and where. A <c>¦</c> in a header stands before the byte whose offset the refusal must name.</summary>
public sealed class SafetensorsRefusalTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("\0\0\0\0\0\0\0")]
    public void File_shorter_than_the_header_length(string file) => AssertRefused(Encoding.Latin1.GetBytes(file), file.Length, "header length alone");

    [Theory]
    [InlineData("\x01\0\0\0\0\0\0\0", "only 0 bytes follow")]
    [InlineData("\x03\0\0\0\0\0\0\0{}", "only 2 bytes follow")]
    [InlineData("\x00\xE1\xF5\x05\0\0\0\0{}", "length is 100000000, but only 2 bytes follow")]
    [InlineData("\x01\xE1\xF5\x05\0\0\0\0{}", "length is 100000001, but at most 100000000")]
    [InlineData("\0\0\0\0\0\0\0\x80{}", "length is 9223372036854775808, but at most")]
    [InlineData("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", "length is 18446744073709551615, but at most")]
    [InlineData("\xF8\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", "but at most")]
    public void Header_length_beyond_the_file_or_the_limit(string file, string reason) => AssertRefused(Encoding.Latin1.GetBytes(file), 0, reason);

    [Fact]
    public void Header_length_that_lies_costs_no_memory()
    {
        byte[] file = Encoding.Latin1.GetBytes("\x00\xE1\xF5\x05\0\0\0\0{}");
        SafetensorsFile.Refused(file);

        long before = GC.GetAllocatedBytesForCurrentThread();
        SafetensorsFile.Refused(file);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [InlineData("¦", "not valid JSON")]
    [InlineData("  ¦", "not valid JSON")]
    [InlineData("{¦", "not valid JSON")]
    [InlineData("¦[]", "StartArray")]
    [InlineData("¦null", "Null")]
    [InlineData("¦\u000B{}", "not valid JSON")]
    [InlineData("¦\uFEFF{}", "not valid JSON")]
    [InlineData("¦/**/{}", "not valid JSON")]
    [InlineData("{}¦\0", "not valid JSON")]
    [InlineData("{}¦{}", "not valid JSON")]
    [InlineData("{¦1:2}", "not valid JSON")]
    [InlineData("{\"a¦\u0001\":2}", "not valid JSON")]
    [InlineData("""{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}¦,}""", "not valid JSON")]
    [InlineData("""{"t":{"x":¦NaN,"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", "not valid JSON")]
    [InlineData("""{"t":{"dtype":"U8","shape":[¦01],"data_offsets":[0,1]}}""", "not valid JSON")]
    public void Header_that_is_no_JSON_object(string header, string reason) => AssertRefusedNear(header, reason);

    [Theory]
    [InlineData("7B 22 FF 22 3A 30 7D", 10)] // a byte that never occurs in UTF-8
    [InlineData("7B 22 ED A0 80 22 7D", 10)] // a surrogate
    [InlineData("7B 22 C3 A9 C0 80 22 7D", 12)] // an overlong NUL after a valid é
    [InlineData("7B 7D E2 82", 10)] // cut short
    [InlineData("FF FE 7B 00", 8)] // the mark of UTF-16
    public void Header_that_is_not_UTF8(string hex, int offset) =>
        AssertRefused(SafetensorsFile.Make(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))), offset, "not valid UTF-8");

    [Theory]
    [InlineData("""{"¦\ud83d":0}""")]
    [InlineData("""{"a\n¦\udc00":0}""")]
    [InlineData("""{"¦\ud83d\u0041":0}""")]
    [InlineData("""{"¦\ud83d\n":0}""")]
    [InlineData("""{"\ud83d\ude00¦\ud83d\ud83d\ude00":0}""")]
    [InlineData("""{"__metadata__":{"a":"¦\ud800"}}""")]
    [InlineData("""{"t":{"x":["¦\ud800"]}}""")]
    [InlineData("""{"t":{"¦\udc00":1}}""")]
    [InlineData("""{"t":{"dtype":"¦\udc00"}}""")]
    public void Lone_surrogate_in_any_string(string header) => AssertRefused(header, "surrogate");

    [Theory]
    [InlineData("""{"t":¦1}""", "Number")]
    [InlineData("""{"t":¦null}""", "Null")]
    [InlineData("""{"t":¦["U8",[1],[0,1]]}""", "StartArray")]
    [InlineData("""{¦"t":{}}""", "has no dtype")]
    [InlineData("""{"__metadata__":{},¦"t":{"shape":[1],"data_offsets":[0,1]}}""", "has no dtype")]
    [InlineData("""{¦"t":{"dtype":"U8","data_offsets":[0,1]}}""", "has no shape")]
    [InlineData("""{¦"t":{"dtype":"U8","shape":[1]}}""", "has no data_offsets")]
    [InlineData("""{"__metadata__":¦[]}""", "StartArray")]
    [InlineData("""{"__metadata__":{"a":¦1}}""", "Number")]
    [InlineData("""{"__metadata__":{"a":¦null}}""", "Null")]
    [InlineData("""{"t":{"dtype":¦1}}""", "Number")]
    [InlineData("""{"t":{"dtype":¦{"U8":null}}}""", "StartObject")]
    [InlineData("""{"t":{"shape":¦null}}""", "Null")]
    [InlineData("""{"t":{"shape":¦3}}""", "Number")]
    [InlineData("""{"t":{"shape":[¦"3"]}}""", "String")]
    [InlineData("""{"t":{"shape":[¦[3]]}}""", "StartArray")]
    [InlineData("""{"t":{"data_offsets":[¦]}}""", "EndArray")]
    [InlineData("""{"t":{"data_offsets":[0¦]}}""", "EndArray")]
    [InlineData("""{"t":{"data_offsets":[0,1,¦1]}}""", "Number")]
    [InlineData("""{"t":{"data_offsets":¦{"0":1}}}""", "StartObject")]
    public void Value_of_another_kind_or_missing(string header, string reason) => AssertRefused(header, reason);

    [Theory]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("1E0")]
    [InlineData("18446744073709551616")]
    [InlineData("100000000000000000000000000000000000000000000000000000")]
    public void Number_that_is_no_64_bit_unsigned_integer(string number)
    {
        AssertRefused($$$"""{"t":{"dtype":"U8","shape":[1,¦{{{number}}}],"data_offsets":[0,1]}}""", number);
        AssertRefused($$$"""{"t":{"dtype":"U8","shape":[1],"data_offsets":[¦{{{number}}},1]}}""", number);
        AssertRefused($$$"""{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,¦{{{number}}}]}}""", number);
    }

    [Theory]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    [InlineData("1e99999999999999999999")]
    public void Unknown_number_beyond_binary64(string number)
    {
        AssertRefused($$$"""{"t":{"x":¦{{{number}}}}}""", "binary64");
        AssertRefused($$$"""{"t":{"x":[{"y":¦{{{number}}}}]}}""", "binary64");
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},¦"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},¦"\u0061":{}}""")]
    [InlineData("""{"__metadata__":{},¦"__metadata__":{}}""")]
    [InlineData("""{"__metadata__":null,¦"__metadata__":{}}""")]
    [InlineData("""{"t":{"dtype":"U8",¦"dtype":"U8"}}""")]
    [InlineData("""{"t":{"shape":[],¦"shape":[]}}""")]
    [InlineData("""{"t":{"data_offsets":[0,0],¦"data_offsets":[0,0]}}""")]
    public void Key_that_occurs_twice(string header) => AssertRefused(header, "occurs twice");

    [Theory]
    [InlineData("f32")]
    [InlineData("F32 ")]
    [InlineData("")]
    [InlineData("BYTES")]
    [InlineData("C128")]
    [InlineData("U4")]
    [InlineData("I4")]
    [InlineData("U2")]
    [InlineData("I2")]
    public void Unknown_dtype(string dtype) =>
        AssertRefused($$$"""{"t":{"dtype":¦"{{{dtype}}}","shape":[8],"data_offsets":[0,8]}}""", $"'{dtype}'", error: ModelPackError.Unsupported);

    [Theory]
    [InlineData("I32", "2,18446744073709551614", "2^64 elements")] // test_validation_overflow of the reference implementation
    [InlineData("I32", "2,9223372036854775807", "2^64 bits")]
    [InlineData("I32", "18446744073709551615,2,0", "2^64 elements")]
    [InlineData("F4", "18446744073709551615", "2^64 bits")]
    [InlineData("U8", "2305843009213693952", "2^64 bits")]
    [InlineData("U8", "2305843009213693951", "take 2305843009213693951")]
    public void Shape_too_large(string dtype, string shape, string reason) =>
        AssertRefused($$$"""{¦"t":{"dtype":"{{{dtype}}}","shape":[{{{shape}}}],"data_offsets":[0,16]}}""", reason, 16);

    [Theory]
    [InlineData("F4", 3, 1)]
    [InlineData("F4", 3, 2)]
    [InlineData("F6_E2M3", 2, 2)]
    [InlineData("F6_E3M2", 5, 4)]
    public void Data_that_is_no_whole_number_of_bytes(string dtype, int count, int bytes) =>
        AssertRefused($$$"""{¦"t":{"dtype":"{{{dtype}}}","shape":[{{{count}}}],"data_offsets":[0,{{{bytes}}}]}}""", "whole number of bytes", bytes);

    [Theory]
    [InlineData("""{¦"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", "leaves a hole")] // hole at the start
    [InlineData("""{¦"b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "leaves a hole")] // hole
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},¦"b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}}""", "overlaps")] // overlap
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},¦"b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", "overlaps")] // same bytes
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},¦"b":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}""", "overlaps")] // empty inside
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},¦"b":{"dtype":"U8","shape":[0],"data_offsets":[8,7]}}""", "backwards")] // backwards
    [InlineData("""{¦"a":{"dtype":"U16","shape":[8],"data_offsets":[0,8]}}""", "8 bytes of data, but its shape and dtype take 16")] // too few bytes
    [InlineData("""{¦"a":{"dtype":"U8","shape":[7],"data_offsets":[0,8]}}""", "8 bytes of data, but its shape and dtype take 7")] // too many bytes
    public void Offsets_that_do_not_fit(string header, string reason) => AssertRefused(header, reason, 8);

    [Theory]
    [InlineData(7, 7)]
    [InlineData(0, 0)]
    [InlineData(9, 8)]
    [InlineData(100, 8)]
    public void Data_shorter_or_longer_than_the_tensors(int dataLength, int faultInData)
    {
        const string Header = """{"t":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""";

        AssertRefused(SafetensorsFile.Make(Header, dataLength), 8 + Header.Length + faultInData, $"the tensors have 8 bytes, but {dataLength} bytes follow");
    }

    [Fact]
    public void Tensor_of_2_to_the_61st_bytes_in_a_small_file()
    {
        const string Header = """{"t":{"dtype":"U8","shape":[2305843009213693951],"data_offsets":[0,2305843009213693951]}}""";

        AssertRefused(SafetensorsFile.Make(Header, 8), 8 + Header.Length + 8, "but 8 bytes follow");
    }

    [Fact]
    public void Every_truncation_and_every_longer_file()
    {
        byte[] file = SafetensorsFile.Make(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F4","shape":[4],"data_offsets":[8,10]}}  """, 10);
        Assert.Equal(2, SafetensorsFile.Read(file).Tensors.Length);

        for (int length = 0; length < file.Length; length++)
        {
            ModelPackException refusal = SafetensorsFile.Refused(file[..length]);
            Assert.Equal(ModelPackError.Corrupt, refusal.Error);
            Assert.InRange(refusal.Offset!.Value, 0, length);
        }

        Assert.Equal(file.Length, SafetensorsFile.Refused([.. file, 0]).Offset);
    }

    [Theory]
    [InlineData(126)]
    [InlineData(1_000_000)]
    public void Nesting_deeper_than_127(int arrays)
    {
        // The header and the tensor are two; the 126th array is the 128th.
        AssertRefused($$$"""{"t":{"x":{{{new string('[', 125)}}}¦{{{new string('[', arrays - 125)}}}{{{new string(']', arrays)}}}}}""", "127");
        AssertRefused(SafetensorsFile.Make(new string('[', arrays)), 8, "StartArray");
    }

    [Fact]
    public void Message_stays_short_and_free_of_control_characters()
    {
        string name = "\\u001b[2J" + new string('n', 1_000_000);

        ModelPackException refusal = SafetensorsFile.Refused(SafetensorsFile.Make($$$"""{"{{{name}}}":{}}"""));

        Assert.InRange(refusal.Message.Length, 1, 250);
        Assert.DoesNotContain(refusal.Message, char.IsControl);
        Assert.InRange(SafetensorsFile.Refused(SafetensorsFile.Make($"{{\"t\":t{new string('r', 1_000_000)}}}")).Message.Length, 1, 250);
    }

    private static void AssertRefused(string markedHeader, string reason, int dataLength = 0, ModelPackError error = ModelPackError.Corrupt)
    {
        (string header, int offset) = Unmark(markedHeader);
        AssertRefused(SafetensorsFile.Make(header, dataLength), offset, reason, error);
    }

    private static void AssertRefused(byte[] file, long offset, string reason, ModelPackError error = ModelPackError.Corrupt)
    {
        ModelPackException refusal = SafetensorsFile.Refused(file);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(offset, refusal.Offset);
        Assert.Equal(error, refusal.Error);
    }

    // The JSON parser names the token it could not read or, inside a token, where that token begins.
    private static void AssertRefusedNear(string markedHeader, string reason)
    {
        (string header, int offset) = Unmark(markedHeader);
        ModelPackException refusal = SafetensorsFile.Refused(SafetensorsFile.Make(header));
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(ModelPackError.Corrupt, refusal.Error);
        Assert.InRange(refusal.Offset!.Value, offset - 2, offset + 1);
    }

    private static (string Header, int Offset) Unmark(string markedHeader)
    {
        int mark = markedHeader.IndexOf('¦', StringComparison.Ordinal);
        Assert.True(mark >= 0, "no mark in the header");
        return (markedHeader.Remove(mark, 1), 8 + Encoding.UTF8.GetByteCount(markedHeader.AsSpan(0, mark)));
    }
}
