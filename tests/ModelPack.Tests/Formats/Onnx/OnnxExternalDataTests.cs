using System.Globalization;
using Google.Protobuf;
using ModelPack.Formats;
using ModelPack.Tests.Formats.Onnx.Wire;
using static ModelPack.Tests.Formats.Onnx.OnnxTensorTests;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>What a model says of tensors in other files (onnx.proto, <c>TensorProto.external_data</c>).</summary>
public sealed class OnnxExternalDataTests
{
    private const int Float = 1;
    private const int String = 8;

    [Fact]
    public void Location_offset_and_length_are_read()
    {
        ExternalReference reference = Single(External("w", [3, 5], ("location", "data/w.bin"), ("offset", "4096"), ("length", "60"), ("checksum", "0a"), ("basepath", "/etc")));
        Assert.Equal(new ExternalReference(0, "data/w.bin", 4096, 60, null), reference);
    }

    [Fact]
    public void What_is_left_out_has_the_meaning_of_the_specification() =>
        Assert.Equal(new ExternalReference(0, "w", 0, null, null), Single(External("w", [3], ("location", "w"))));

    [Fact]
    public void The_last_of_several_counts()
    {
        TensorProto tensor = External("w", [3], ("location", "a"), ("offset", "1"), ("location", "b"), ("offset", "2"));
        Assert.Equal(new ExternalReference(0, "b", 2, null, null), Single(tensor));
    }

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "1e3")]
    [InlineData("offset", "0x10")]
    [InlineData("offset", "")]
    [InlineData("offset", "9223372036854775808")]
    [InlineData("length", "-1")]
    [InlineData("length", "1,000")]
    [InlineData("length", "99999999999999999999999999999999999999999999999999999999999999999999999999999999")]
    public void A_number_that_is_none_is_a_fault(string key, string value)
    {
        ExternalReference reference = Single(External("w", [3], ("location", "a"), (key, value)));
        Assert.Contains($"has an {key}".Replace("an length", "a length", StringComparison.Ordinal), reference.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_offset_is_sound() =>
        Assert.Equal(long.MaxValue, Single(External("w", [3], ("location", "a"), ("offset", " 9223372036854775807 "))).Offset);

    [Fact]
    public void A_tensor_must_name_its_file()
    {
        Assert.Contains("names no file", Single(External("w", [3])).Fault, StringComparison.Ordinal);
        Assert.Contains("names no file", Single(External("w", [3], ("location", ""))).Fault, StringComparison.Ordinal);
        Assert.Contains("4096 bytes", Single(External("w", [3], ("location", new string('a', 4097)))).Fault, StringComparison.Ordinal);
        Assert.Null(Single(External("w", [3], ("location", new string('a', 4096)))).Fault);
    }

    [Fact]
    public void Entries_have_a_bound()
    {
        (string, string)[] many = [.. Enumerable.Range(0, 63).Select(i => ($"k{i}", "v")), ("location", "a")];
        Assert.Equal("a", Single(External("w", [3], many)).Location);
        Assert.Contains("more than 64", Single(External("w", [3], [.. many, ("more", "")])).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_location_that_is_no_text_is_a_fault()
    {
        byte[] file = WireBytes.Initializer(
            WireBytes.Number(1, 3), WireBytes.Number(2, 1), WireBytes.Number(14, 1),
            WireBytes.Bytes(13, WireBytes.Text(1, "location"), WireBytes.Bytes(2, [0xFF, 0xFE])));
        Assert.Contains("UTF-8", Assert.Single(Mapped.Read(file).Map.ExternalReferences).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_come_in_any_order()
    {
        byte[] entry = WireBytes.Bytes(13, WireBytes.Text(2, "w.bin"), WireBytes.Text(1, "location"));
        byte[] file = WireBytes.Initializer(entry, WireBytes.Number(14, 1), WireBytes.Number(2, 1), WireBytes.Number(1, 3), WireBytes.Text(8, "w"));
        Assert.Equal(new ExternalReference(0, "w.bin", 0, null, null), Assert.Single(Mapped.Read(file).Map.ExternalReferences));
    }

    [Fact]
    public void Entries_of_a_tensor_that_is_not_external_say_nothing()
    {
        TensorProto tensor = Raw("w", Float, [2], Pattern(8, seed: 1));
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "w.bin" });
        Mapped mapped = Mapped.Read(Model(tensor).ToByteArray());
        Assert.Empty(mapped.Map.ExternalReferences);
        Assert.Equal(Pattern(8, seed: 1), mapped.Data("w"));
    }

    [Fact]
    public void A_tensor_of_unknown_type_still_names_its_file()
    {
        TensorProto tensor = External("w", [3], ("location", "w.bin"));
        tensor.DataType = String;
        Assert.Equal(new ExternalReference(-1, "w.bin", 0, null, null), Single(tensor));
    }

    [Fact]
    public void External_tensors_are_found_wherever_tensors_are()
    {
        GraphProto branch = new() { Name = "b", Initializer = { At(1) }, Node = { Constant(At(2)) } };
        ModelProto model = Model(At(0));
        model.Graph.Node.Add(new NodeProto { Name = "if", OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = branch } } });
        model.Graph.Node.Add(Constant(At(3)));
        model.Graph.Node.Add(new NodeProto { Name = "many", Attribute = { new AttributeProto { Name = "list", Tensors = { At(4), At(5) } } } });
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = At(6), Indices = At(7), Dims = { 9 } });
        model.Functions.Add(new FunctionProto { Name = "f", Node = { Constant(At(8)) } });
        model.TrainingInfo.Add(new TrainingInfoProto { Initialization = new GraphProto { Initializer = { At(9) } } });

        Mapped mapped = Mapped.Read(model.ToByteArray());

        Assert.Equal(10, mapped.Names.Length);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), mapped.Map.ExternalReferences.Select(r => r.Offset).Order());
        Assert.All(mapped.Map.ExternalReferences, reference => Assert.Same(mapped.Map.ExternalReferences[0].Location, reference.Location));
        Assert.Equal(Enumerable.Range(0, 10), mapped.Map.ExternalReferences.Select(r => r.TensorIndex).Order());

        static TensorProto At(int offset) => External($"t{offset}", [3], ("location", "all.bin"), ("offset", offset.ToString(CultureInfo.InvariantCulture)));
        static NodeProto Constant(TensorProto value) => new() { OpType = "Constant", Output = { value.Name }, Attribute = { new AttributeProto { Name = "value", T = value } } };
    }

    [Fact]
    public void Many_tensors_far_apart_are_read_right()
    {
        // Docs of all lengths between the entries, so that those cross the edges of what is read at once.
        var random = new Random(5);
        TensorProto[] tensors =
        [
            .. Enumerable.Range(0, 3000).Select(i =>
            {
                TensorProto tensor = External($"w{i}", [3], ("location", $"f{i % 7}"), ("offset", (i * 12).ToString(CultureInfo.InvariantCulture)));
                tensor.DocString = new string('d', random.Next(900));
                return tensor;
            }),
        ];
        Mapped mapped = Mapped.Read(Model(tensors).ToByteArray());
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => new ExternalReference(i, $"f{i % 7}", i * 12, null, null)), mapped.Map.ExternalReferences);
    }

    internal static TensorProto External(string name, long[] dims, params (string Key, string Value)[] entries)
    {
        var tensor = new TensorProto { Name = name, DataType = Float, Dims = { dims }, DataLocation = 1 };
        tensor.ExternalData.AddRange(entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        return tensor;
    }

    private static ExternalReference Single(TensorProto tensor) => Assert.Single(Mapped.Read(Model(tensor).ToByteArray()).Map.ExternalReferences);
}
