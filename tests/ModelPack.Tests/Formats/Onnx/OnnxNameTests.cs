using System.Text;
using Google.Protobuf;
using ModelPack.Tests.Formats.Onnx.Wire;
using static ModelPack.Tests.Formats.Onnx.OnnxTensorTests;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>Every place of onnx.proto that holds tensors, and the names they get.</summary>
public sealed class OnnxNameTests
{
    private const int U8 = 2;

    [Fact]
    public void Every_place_with_tensors_is_found_and_named_by_its_path()
    {
        var model = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "g" } };
        model.Graph.Initializer.Add(One("/layer.0/weight", 1));
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = One("sparse", 2), Indices = One("", 3) });
        model.Graph.Node.Add(Node("const", "Constant", new AttributeProto { Name = "value", T = One("ignored", 4) }));
        model.Graph.Node.Add(Node("many", "Custom", new AttributeProto { Name = "list", Tensors = { One("", 5), One("", 6) } }));
        model.Graph.Node.Add(Node("sp", "Constant", new AttributeProto { Name = "sparse_value", SparseTensor = new() { Values = One("v", 7), Indices = One("i", 8) } }));
        model.Graph.Node.Add(Node("sps", "Custom", new AttributeProto { Name = "all", SparseTensors = { new SparseTensorProto { Values = One("v", 9) } } }));
        model.Graph.Node.Add(Node(
            "if",
            "If",
            new AttributeProto { Name = "then_branch", G = new GraphProto { Initializer = { One("bias", 10) } } },
            new AttributeProto { Name = "else_branch", G = new GraphProto { Node = { Node("inner", "Constant", new AttributeProto { Name = "value", T = One("", 11) }) } } }));
        model.Graph.Node.Add(Node("graphs", "Custom", new AttributeProto { Name = "bodies", Graphs = { new GraphProto { Initializer = { One("bias", 12) } } } }));
        model.Functions.Add(new FunctionProto
        {
            Name = "fn",
            Node = { Node("c", "Constant", new AttributeProto { Name = "value", T = One("", 13) }) },
            AttributeProto = { new AttributeProto { Name = "default", T = One("", 14) } },
        });
        model.TrainingInfo.Add(new TrainingInfoProto
        {
            Initialization = new GraphProto { Initializer = { One("w0", 15) } },
            Algorithm = new GraphProto { Initializer = { One("step", 16) } },
        });

        Mapped mapped = Mapped.Read(model.ToByteArray());

        (string, byte)[] expected =
        [
            ("/layer.0/weight", 1), ("sparse/values", 2), ("sparse/indices", 3), ("const/value", 4), ("many/list", 5),
            ("many/list#2", 6), ("sp/sparse_value/values", 7), ("sp/sparse_value/indices", 8), ("sps/all/values", 9),
            ("if/then_branch/bias", 10), ("if/else_branch/inner/value", 11), ("graphs/bodies/bias", 12),
            ("fn/c/value", 13), ("fn/default", 14), ("training_info/initialization/w0", 15),
            ("training_info/algorithm/step", 16),
        ];
        Assert.Equal(
            expected.OrderBy(pair => pair.Item1, StringComparer.Ordinal),
            mapped.Names.Select(name => (name, Assert.Single(mapped.Data(name)))).OrderBy(pair => pair.name, StringComparer.Ordinal));
    }

    [Fact]
    public void A_node_without_name_goes_by_its_first_output_or_its_kind_and_place()
    {
        var value = new AttributeProto { Name = "value", T = One("", 1) };
        var graph = new GraphProto
        {
            Node =
            {
                new NodeProto { OpType = "Constant", Output = { "", "out", "other" }, Attribute = { value } },
                new NodeProto { OpType = "Constant", Attribute = { value } },
                new NodeProto { Attribute = { value } },
                new NodeProto { OpType = "Constant", Attribute = { new AttributeProto { T = One("", 1) } } },
            },
        };

        Mapped mapped = Mapped.Read(new ModelProto { Graph = graph }.ToByteArray());

        Assert.Equal(["out/value", "Constant_1/value", "node_2/value", "Constant_3/attribute"], mapped.Names);
    }

    [Fact]
    public void Equal_names_get_suffixes_and_real_names_of_initializers_go_first()
    {
        var model = Model(One("w", 1), One("w", 2), One("w#2", 3), One("", 4), One("", 5), One("c/value", 6));
        model.Graph.Node.Add(Node("c", "Constant", new AttributeProto { Name = "value", T = One("", 7) }));

        Mapped mapped = Mapped.Read(model.ToByteArray());

        // Nodes come before initializers in the file.
        Assert.Equal(["c/value#2", "w", "w#3", "w#2", "initializer", "initializer#2", "c/value"], mapped.Names);
    }

    [Fact]
    public void Names_are_bounded_and_still_different()
    {
        string longName = new('n', 5000);
        var model = Model(One(longName, 1), One(longName, 2), One(string.Concat(Enumerable.Repeat("😀", 400)), 3));
        model.Graph.Node.Add(Node(longName, "Constant", new AttributeProto { Name = longName, T = One("", 4) }));
        model.Graph.Node.Add(Node(longName, "Constant", new AttributeProto { Name = "value", T = One("", 5) }));

        Mapped mapped = Mapped.Read(model.ToByteArray());

        Assert.Equal(5, mapped.Names.Length);
        Assert.All(mapped.Names, name => Assert.InRange(name.Length, 1, 1024));
        Assert.StartsWith("nnnn", mapped.Names[2], StringComparison.Ordinal);
        Assert.Equal("…/value", mapped.Names[1]);
        Assert.All(mapped.Names, name => Assert.Equal(name, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name))));
    }

    [Fact]
    public void Names_that_are_not_text_are_still_names()
    {
        Mapped mapped = Mapped.Read(WireBytes.Initializer(
            WireBytes.Bytes(8, [0xFF, 0x41]), WireBytes.Number(2, U8), WireBytes.Number(1, 1), WireBytes.Bytes(9, [5])));

        Assert.Equal(["\uFFFDA"], mapped.Names);
    }

    private static TensorProto One(string name, byte value)
    {
        TensorProto tensor = Raw(name, U8, [1], [value]);
        if (name.Length == 0)
        {
            tensor.ClearName();
        }

        return tensor;
    }

    private static NodeProto Node(string name, string opType, params AttributeProto[] attributes) =>
        new() { Name = name, OpType = opType, Input = { "x" }, Output = { name + "_out" }, Attribute = { attributes } };
}
