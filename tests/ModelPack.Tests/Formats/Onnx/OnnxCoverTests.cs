using CsCheck;
using Google.Protobuf;
using ModelPack.Tests.Formats.Onnx.Wire;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>Random models and random bytes: the map always covers the file, and has just the tensors that were put in.</summary>
public sealed class OnnxCoverTests
{
    private const string Seed = "0000KOIa0360";

    // Data type, bits and typed field of types that between them use every way to hold data.
    private static readonly (int DataType, int Bits)[] Types =
        [(1, 32), (2, 8), (6, 32), (7, 64), (10, 16), (11, 64), (13, 64), (14, 64), (15, 128), (16, 16), (22, 4), (25, 2)];

    private static readonly Gen<TensorProto> Tensors =
        from type in Gen.Int[0, Types.Length - 1].Select(i => Types[i])
        from dims in Gen.Long[0, 6].Array[0, 3]
        from typed in Gen.Bool
        from name in Gen.String[Gen.Char.AlphaNumeric, 0, 3]
        from seed in Gen.Int
        select Tensor(type.DataType, type.Bits, dims, typed, name, seed);

    private static readonly Gen<GraphProto> Graphs = Gen.Recursive<GraphProto>((depth, inner) =>
        from initializers in Tensors.Array[0, 4]
        from constants in Tensors.Array[0, 3]
        from subgraphs in depth < 3 ? inner.Array[0, 2] : Gen.Const(Array.Empty<GraphProto>())
        select Graph(initializers, constants, subgraphs));

    [Fact]
    public void Random_models_are_covered_and_their_tensors_found() => Graphs.Sample(
        graph =>
        {
            Mapped mapped = Mapped.Read(new ModelProto { IrVersion = 8, Graph = graph }.ToByteArray());
            TensorProto[] expected = [.. InFileOrder(graph)];
            Assert.Equal(expected.Length, mapped.Map.Tensors.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i].Dims.Select(dim => (ulong)dim), mapped.Map.Tensors[i].Shape.ToArray());
                Assert.Equal(Payload(expected[i]), mapped.Data(i));
            }
        },
        seed: Seed,
        iter: 300,
        threads: 1);

    [Fact]
    public void Random_bytes_are_covered_or_refused() => Gen.Byte.Array[0, 60].Sample(
        bytes =>
        {
            try
            {
                // Behind a graph, so that short garbage that parses is accepted.
                Mapped.Read([0x3A, 0x00], bytes);
            }
            catch (ModelPackException e)
            {
                Assert.Equal(ModelPackError.Corrupt, e.Error);
            }
        },
        seed: Seed,
        iter: 20_000,
        threads: 1);

    private static GraphProto Graph(TensorProto[] initializers, TensorProto[] constants, GraphProto[] subgraphs)
    {
        var graph = new GraphProto { Initializer = { initializers } };
        graph.Node.Add(constants.Select(tensor => new NodeProto { OpType = "Constant", Attribute = { new AttributeProto { Name = "value", T = tensor } } }));
        graph.Node.Add(subgraphs.Select(body => new NodeProto { Name = "loop", Attribute = { new AttributeProto { Name = "body", G = body } } }));
        return graph;
    }

    // Generated classes write fields by number: nodes (1) before initializers (5).
    private static IEnumerable<TensorProto> InFileOrder(GraphProto graph) =>
        graph.Node.SelectMany(node => node.Attribute)
            .SelectMany(attribute => attribute.G is { } body ? InFileOrder(body) : [attribute.T])
            .Concat(graph.Initializer);

    private static TensorProto Tensor(int dataType, int bits, long[] dims, bool typed, string name, int seed)
    {
        var tensor = new TensorProto { Name = name, DataType = dataType, Dims = { dims } };
        int elements = (int)dims.Aggregate(1L, (product, dim) => product * dim);
        byte[] raw = OnnxTensorTests.Pattern(((elements * bits) + 7) / 8, seed);
        if (!typed)
        {
            tensor.RawData = ByteString.CopyFrom(raw);
            return tensor;
        }

        var random = new Random(seed);
        int numbers = bits < 8 ? raw.Length : elements;
        switch (dataType)
        {
            case 1 or 14:
                tensor.FloatData.Add(Enumerable.Range(0, raw.Length / 4).Select(_ => random.NextSingle()));
                break;
            case 11 or 15:
                tensor.DoubleData.Add(Enumerable.Range(0, raw.Length / 8).Select(_ => random.NextDouble()));
                break;
            case 7:
                tensor.Int64Data.Add(Enumerable.Range(0, numbers).Select(_ => random.NextInt64(-1000, 1000)));
                break;
            case 13:
                tensor.Uint64Data.Add(Enumerable.Range(0, numbers).Select(_ => (ulong)random.NextInt64()));
                break;
            default:
                tensor.Int32Data.Add(Enumerable.Range(0, numbers).Select(_ => random.Next(-1000, 1000)));
                break;
        }

        return tensor;
    }

    // The payload of the one data field, as the generated class writes it.
    private static byte[] Payload(TensorProto tensor)
    {
        var data = new TensorProto
        {
            FloatData = { tensor.FloatData },
            Int32Data = { tensor.Int32Data },
            Int64Data = { tensor.Int64Data },
            DoubleData = { tensor.DoubleData },
            Uint64Data = { tensor.Uint64Data },
        };
        if (tensor.HasRawData)
        {
            data.RawData = tensor.RawData;
        }

        var input = new CodedInputStream(data.ToByteArray());
        return input.ReadTag() == 0 ? [] : input.ReadBytes().ToByteArray();
    }
}
