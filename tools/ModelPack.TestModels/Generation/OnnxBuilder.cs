using Google.Protobuf;
using ModelPack.TestModels.Onnx;
using static ModelPack.TestModels.Onnx.AttributeProto.Types;
using static ModelPack.TestModels.Onnx.TensorProto.Types;

namespace ModelPack.TestModels.Generation;

/// <summary>Short words for the parts of an ONNX model.</summary>
internal static class OnnxBuilder
{
    /// <summary>Operator set 21 has block-wise DequantizeLinear and the 4-bit integers; IR version 10 goes with it.</summary>
    public static SmallModel Model(string file, string about, GraphProto graph)
    {
        var model = new ModelProto
        {
            IrVersion = 10,
            ProducerName = "ModelPack.TestModels",
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 21 } },
        };
        return new SmallModel(file, about, model.ToByteArray());
    }

    public static GraphProto Graph(string name, NodeProto[] nodes, TensorProto[] initializers, ValueInfoProto[] inputs, ValueInfoProto[] outputs)
    {
        var graph = new GraphProto { Name = name };
        graph.Node.AddRange(nodes);
        graph.Initializer.AddRange(initializers);
        graph.Input.AddRange(inputs);
        graph.Output.AddRange(outputs);
        return graph;
    }

    public static NodeProto Node(string type, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = $"{type}_{output}", Output = { output } };
        node.Input.AddRange(inputs);
        node.Attribute.AddRange(attributes);
        return node;
    }

    public static AttributeProto Attribute(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Attribute(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    public static AttributeProto Attribute(string name, long[] values) => new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    public static AttributeProto Attribute(string name, TensorProto value) => new() { Name = name, Type = AttributeType.Tensor, T = value };

    public static AttributeProto Attribute(string name, GraphProto value) => new() { Name = name, Type = AttributeType.Graph, G = value };

    /// <summary>A value of fixed shape; a negative dimension is left open.</summary>
    public static ValueInfoProto Value(string name, DataType type, params long[] shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.AddRange(shape.Select(size => size < 0
            ? new TensorShapeProto.Types.Dimension { DimParam = "batch" }
            : new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new() { ElemType = (int)type, Shape = dimensions } } };
    }

    /// <summary>A tensor whose elements are in <c>raw_data</c>.</summary>
    public static TensorProto Raw(string name, DataType type, long[] dims, byte[] data)
    {
        TensorProto tensor = Typed(name, type, dims);
        tensor.RawData = ByteString.CopyFrom(data);
        return tensor;
    }

    /// <summary>A tensor whose elements the caller puts into a typed field.</summary>
    public static TensorProto Typed(string name, DataType type, params long[] dims) =>
        new() { Name = name, DataType = (int)type, Dims = { dims } };
}
