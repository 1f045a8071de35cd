using Google.Protobuf;
using ModelPack.OnnxRuntime.Stub;
using ModelPack.OnnxRuntime.Tests.Support;
using ModelPack.Tests.Formats.Onnx.Wire;
using static ModelPack.OnnxRuntime.Tests.Support.Graphs;

namespace ModelPack.OnnxRuntime.Tests.Stub;

public sealed class StubBuilderTests
{
    [Fact]
    public void Large_initializer_becomes_a_reference_to_its_bytes()
    {
        TensorProto weights = Floats("w", 32, 64);
        weights.DocString = "kept";

        OnnxStub stub = Stubs.Make(Model(Graph([], [weights], [], [])));

        TensorProto tensor = Assert.Single(Stubs.Parse(stub).Graph.Initializer);
        Assert.Equal(("w", Float, "kept", 1), (tensor.Name, tensor.DataType, tensor.DocString, tensor.DataLocation));
        Assert.Equal([32, 64], tensor.Dims);
        Assert.False(tensor.HasRawData);
        Assert.Equal(weights.RawData.ToByteArray(), Stubs.Load(stub, tensor));
    }

    [Fact]
    public void Each_tensor_has_memory_of_its_own_that_begins_at_a_cache_line()
    {
        OnnxStub stub = Stubs.Make(Model(Graph([], [Floats("a", 257), Floats("b", 300), Floats("c", 1000)], [], [])));

        long[] offsets = [.. Stubs.Parse(stub).Graph.Initializer.Select(static tensor => long.Parse(Stubs.Reference(tensor)["offset"]))];
        Assert.Equal([0, 1088, 2304], offsets);
        Assert.Equal(6336, stub.MemoryLength);
    }

    [Fact]
    public void Model_without_large_tensors_stays_as_it_is()
    {
        byte[] model = Model(Graph([Node("Reshape", ["x", "s"], "y")], [Integers("s", [.. Enumerable.Range(0, 4000)]), Floats("small", 255)], [], []));
        OnnxStub stub = Stubs.Make(model);
        Assert.Equal(model, stub.Model);
        Assert.Empty(stub.Weights);
    }

    [Fact]
    public void Everything_else_is_copied_byte_for_byte()
    {
        byte[] unknown = [0xFA, 0x3E, 2, 0xAB, 0xCD];
        GraphProto with = Graph([Node("Relu", ["x"], "y")], [Floats("w", 2000)], [Value("x", Float, 1)], [Value("y", Float, 1)]);
        GraphProto without = with.Clone();
        without.Initializer.Clear();

        byte[] stub = Stubs.Make([.. Model(with), .. unknown]).Model;

        Assert.Equal(unknown, stub[^unknown.Length..]);
        ModelProto parsed = ModelProto.Parser.ParseFrom(stub);
        parsed.Graph.Initializer.Clear();
        Assert.Equal([.. Model(without), .. unknown], parsed.ToByteArray());
    }

    [Fact]
    public void Subgraphs_keep_their_tensors()
    {
        GraphProto branch = Graph([Node("Constant", [], "c", Tensor("value", Floats("", 5000)))], [Floats("w", 5000)], [], []);
        byte[] model = Model(Graph([Node("If", ["x"], "y", Subgraph("then_branch", branch), Subgraph("else_branch", branch))], [], [], []));
        Assert.Equal(model, Stubs.Make(model).Model);
    }

    [Fact]
    public void Constant_of_the_first_graph_moves_one_of_another_domain_does_not()
    {
        NodeProto own = Node("Constant", [], "c", Tensor("value", Floats("", 5000)));
        NodeProto other = own.Clone();
        other.Domain = "com.example";
        NodeProto another = own.Clone();
        another.OpType = "ConstantOf";

        GraphProto graph = Stubs.Parse(Stubs.Make(Model(Graph([own, other, another], [], [], [])))).Graph;

        Assert.Equal([1, 0, 0], graph.Node.Select(static node => node.Attribute[0].T.DataLocation));
        Assert.Equal(other, graph.Node[1]);
    }

    [Fact]
    public void Numbers_in_typed_fields_are_laid_out_as_elements()
    {
        var halves = new TensorProto { Name = "h", DataType = Float16 };
        halves.Dims.Add(1000);
        halves.Int32Data.AddRange(Enumerable.Range(0, 1000).Select(static i => i * 61 % 31744));
        var floats = new TensorProto { Name = "f", DataType = Float };
        floats.Dims.Add(1000);
        floats.FloatData.AddRange(Enumerable.Range(0, 1000).Select(static i => i / 8f));

        OnnxStub stub = Stubs.Make(Model(Graph([], [halves, floats], [], [])));

        Google.Protobuf.Collections.RepeatedField<TensorProto> tensors = Stubs.Parse(stub).Graph.Initializer;
        Assert.All(tensors, static tensor => Assert.Equal((0, 0), (tensor.Int32Data.Count, tensor.FloatData.Count)));
        Assert.Equal(halves.Int32Data.SelectMany(static value => BitConverter.GetBytes((ushort)value)), Stubs.Load(stub, tensors[0]));
        Assert.Equal(floats.FloatData.SelectMany(BitConverter.GetBytes), Stubs.Load(stub, tensors[1]));
    }

    [Fact]
    public void Tensor_in_a_data_file_is_taken_from_there()
    {
        byte[] file = FloatBytes(5000);
        OnnxStub stub = Stubs.Make(Model(Graph([], [MoveOut(Floats("w", 1000), "d.bin", 400)], [], [])), ("d.bin", file));
        Assert.Equal(file[400..4400], Stubs.Load(stub, Stubs.Parse(stub).Graph.Initializer[0]));
    }

    [Fact]
    public void Tensors_that_share_bytes_of_a_data_file_share_memory()
    {
        byte[] model = Model(Graph([], [MoveOut(Floats("a", 1000), "d.bin", 0), MoveOut(Floats("b", 1000), "d.bin", 0, withLength: false)], [], []));
        OnnxStub stub = Stubs.Make(model, ("d.bin", FloatBytes(1000)));
        Assert.Single(stub.Weights);
        Assert.All(Stubs.Parse(stub).Graph.Initializer, static tensor => Assert.Equal("0", Stubs.Reference(tensor)["offset"]));
    }

    [Fact]
    public void Tensor_of_a_subgraph_in_a_data_file_is_put_into_the_stub()
    {
        GraphProto branch = Graph([], [MoveOut(Floats("w", 1000), "d.bin", 8)], [], []);
        OnnxStub stub = Stubs.Make(Model(Graph([Node("If", ["x"], "y", Subgraph("then_branch", branch))], [], [], [])), ("d.bin", FloatBytes(1002)));

        TensorProto tensor = Stubs.Parse(stub).Graph.Node[0].Attribute[0].G.Initializer[0];
        Assert.Equal((0, 0), (tensor.DataLocation, tensor.ExternalData.Count));
        Assert.Equal(FloatBytes(1002)[8..], tensor.RawData.ToByteArray());
        Assert.Empty(stub.Weights);
    }

    [Theory]
    [InlineData(0, 4004, "which has 4000 bytes")]
    [InlineData(4, 4000, "which has 4000 bytes")]
    public void Region_outside_its_data_file_is_refused(long offset, int bytes, string reason)
    {
        byte[] model = Model(Graph([], [MoveOut(Floats("w", bytes / 4), "d.bin", offset)], [], []));
        ModelPackException exception = Assert.Throws<ModelPackException>(() => Stubs.Make(model, ("d.bin", new byte[4000])));
        Assert.Equal((ModelPackError.Corrupt, "m.onnx"), (exception.Error, exception.FileName));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_tensors_on_the_same_bytes_cannot_ask_for_memory_without_bound()
    {
        TensorProto[] tensors = [.. Enumerable.Range(0, 40).Select(static i => MoveOut(Floats($"w{i}", 1000 - i), "d.bin", 0))];
        ModelPackException exception = Assert.Throws<ModelPackException>(() => Stubs.Make(Model(Graph([], tensors, [], [])), ("d.bin", new byte[4000])));
        Assert.Equal(ModelPackError.Corrupt, exception.Error);
    }

    [Fact]
    public void Cut_and_altered_models_are_refused_or_taken_but_never_read_beyond()
    {
        GraphProto branch = Graph([], [Floats("v", 4)], [], []);
        byte[] model = Model(Graph([Node("If", ["x"], "y", Subgraph("then_branch", branch))], [Floats("w", 300), MoveOut(Floats("e", 300), "d.bin", 0)], [], []));
        var random = new Random(5);
        for (int i = 0; i < 4000; i++)
        {
            byte[] altered = i < model.Length ? model[..i] : [.. model];
            if (i >= model.Length)
            {
                altered[random.Next(altered.Length)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                OnnxStub stub = Stubs.Make(altered, ("d.bin", new byte[1200]));
                Assert.True(stub.MemoryLength <= 16 * 1200 + altered.Length * 10L);
            }
            catch (ModelPackException exception)
            {
                Assert.NotEmpty(exception.Reason);
            }
        }
    }

    [Fact]
    public void Messages_inside_each_other_beyond_measure_are_refused()
    {
        // graph, node, attribute: fields 1, 5 and 6, in turn.
        byte[] graph = [];
        foreach (int field in Enumerable.Repeat<int[]>([6, 5, 1], 80).SelectMany(static fields => fields))
        {
            graph = [.. StubPieces.Head(field, graph.Length), .. graph];
        }

        byte[] model = [.. StubPieces.Head(7, graph.Length), .. graph];
        Assert.Equal(ModelPackError.Unsupported, Assert.Throws<ModelPackException>(() => Stubs.Make(model)).Error);
    }
}
