using System.Runtime.InteropServices;
using Google.Protobuf;
using ModelPack.Tests.Formats.Onnx.Wire;

namespace ModelPack.OnnxRuntime.Tests.Support;

/// <summary>Small ONNX models, made with the classes that protoc makes of onnx.proto.</summary>
internal static class Graphs
{
    public const int Float = 1;
    public const int Int64 = 7;
    public const int Float16 = 10;

    // AttributeProto.AttributeType, which ONNX Runtime asks for; the subset leaves it out.
    private const int TypeField = 20;
    private const int TensorType = 4;
    private const int GraphType = 5;
    private const int IntType = 2;

    public static byte[] Model(GraphProto graph)
    {
        var model = new ModelProto { IrVersion = 10, ProducerName = "tests", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 21 });
        return model.ToByteArray();
    }

    public static GraphProto Graph(NodeProto[] nodes, TensorProto[] initializers, ValueInfoProto[] inputs, ValueInfoProto[] outputs)
    {
        var graph = new GraphProto { Name = "g" };
        graph.Node.AddRange(nodes);
        graph.Initializer.AddRange(initializers);
        graph.Input.AddRange(inputs);
        graph.Output.AddRange(outputs);
        return graph;
    }

    public static NodeProto Node(string type, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = "n_" + output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        return node;
    }

    public static ValueInfoProto Value(string name, int type, params long[] shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.AddRange(shape.Select(static size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new() { ElemType = type, Shape = dimensions } } };
    }

    public static AttributeProto Tensor(string name, TensorProto value) => Typed(new AttributeProto { Name = name, T = value }, TensorType);

    public static AttributeProto Subgraph(string name, GraphProto value) => Typed(new AttributeProto { Name = name, G = value }, GraphType);

    public static AttributeProto Integer(string name, long value) => Typed(new AttributeProto { Name = name, I = value }, IntType);

    /// <summary>Floats that tell where they stand.</summary>
    public static TensorProto Floats(string name, params long[] dims)
    {
        var tensor = new TensorProto { Name = name, DataType = Float, RawData = ByteString.CopyFrom(FloatBytes(dims.Aggregate(1L, static (product, dim) => product * dim))) };
        tensor.Dims.AddRange(dims);
        return tensor;
    }

    public static TensorProto Integers(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = Int64, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) };
        tensor.Dims.Add(values.Length);
        return tensor;
    }

    /// <summary>The same tensor with its data in another file.</summary>
    public static TensorProto MoveOut(TensorProto tensor, string location, long offset, bool withLength = true)
    {
        int length = tensor.RawData.Length;
        tensor.ClearRawData();
        tensor.DataLocation = 1;
        Entry("location", location);
        Entry("offset", $"{offset}");
        if (withLength)
        {
            Entry("length", $"{length}");
        }

        return tensor;

        void Entry(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    public static byte[] FloatBytes(long count)
    {
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ((i * 7919 % 1000) - 500) / 1000f;
        }

        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    // The subset has no such field, so it goes along as one that is not known.
    private static AttributeProto Typed(AttributeProto attribute, int type)
    {
        using var bytes = new MemoryStream();
        bytes.Write(attribute.ToByteArray());
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(TypeField, WireFormat.WireType.Varint);
            output.WriteInt32(type);
        }

        return AttributeProto.Parser.ParseFrom(bytes.ToArray());
    }
}
