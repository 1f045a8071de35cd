using System.Buffers.Binary;
using System.Collections.Immutable;
using Google.Protobuf;
using static ModelPack.TestModels.Onnx.TensorProto.Types;

namespace ModelPack.TestModels.Onnx;

/// <summary>Finds the tensors that an ONNX model holds and reads their elements (onnx.proto, <c>TensorProto</c>).</summary>
internal static class OnnxTensors
{
    /// <summary>Reads a model of up to 2 GB, which is also the limit of the format.</summary>
    /// <param name="path">The model.</param>
    /// <param name="keepUnknownFields">Keep what the reader does not know, so that the model can be written again.</param>
    /// <exception cref="ModelPackException">The file is not a model.</exception>
    public static ModelProto Load(string path, bool keepUnknownFields = false)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        try
        {
            ModelProto model = ModelProto.Parser.WithDiscardUnknownFields(!keepUnknownFields).ParseFrom(file);
            return model.Graph is not null
                ? model
                : throw new ModelPackException(ModelPackError.Corrupt, "not an ONNX model: it has no graph", path);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"not an ONNX model: {e.Message}", path, innerException: e);
        }
    }

    /// <summary>
    /// All initializers, those of subgraphs included, and the values of Constant nodes under the name of the node's output.
    /// Names are made unique with a number.
    /// </summary>
    public static IEnumerable<(string Name, TensorProto Tensor)> All(ModelProto model)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var graphs = new Stack<GraphProto>([model.Graph]);
        while (graphs.TryPop(out GraphProto? graph))
        {
            foreach (TensorProto initializer in graph.Initializer)
            {
                yield return (Unique(names, initializer.Name), initializer);
            }

            foreach (NodeProto node in graph.Node)
            {
                foreach (AttributeProto attribute in node.Attribute)
                {
                    if (attribute.T is not null && node.OpType == "Constant" && node.Output.Count > 0)
                    {
                        yield return (Unique(names, node.Output[0]), attribute.T);
                    }

                    if (attribute.G is not null)
                    {
                        graphs.Push(attribute.G);
                    }

                    foreach (GraphProto subgraph in attribute.Graphs)
                    {
                        graphs.Push(subgraph);
                    }
                }
            }
        }
    }

    /// <summary>All initializers, those of subgraphs included.</summary>
    public static IEnumerable<TensorProto> Initializers(ModelProto model)
    {
        var graphs = new Stack<GraphProto>([model.Graph]);
        while (graphs.TryPop(out GraphProto? graph))
        {
            foreach (TensorProto initializer in graph.Initializer)
            {
                yield return initializer;
            }

            foreach (AttributeProto attribute in graph.Node.SelectMany(static node => node.Attribute))
            {
                IEnumerable<GraphProto> inner = attribute.G is null ? attribute.Graphs : [attribute.G, .. attribute.Graphs];
                foreach (GraphProto subgraph in inner)
                {
                    graphs.Push(subgraph);
                }
            }
        }
    }

    /// <summary>The dtype, or null where ModelPack has none (STRING, UNDEFINED, a number unknown here).</summary>
    public static Dtype? DtypeOf(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        DataType.Float => Dtype.F32,
        DataType.Uint8 => Dtype.U8,
        DataType.Int8 => Dtype.I8,
        DataType.Uint16 => Dtype.U16,
        DataType.Int16 => Dtype.I16,
        DataType.Int32 => Dtype.I32,
        DataType.Int64 => Dtype.I64,
        DataType.Bool => Dtype.Bool,
        DataType.Float16 => Dtype.F16,
        DataType.Double => Dtype.F64,
        DataType.Uint32 => Dtype.U32,
        DataType.Uint64 => Dtype.U64,
        DataType.Complex64 => Dtype.C64,
        DataType.Complex128 => Dtype.C128,
        DataType.Bfloat16 => Dtype.BF16,
        DataType.Float8E4M3Fn => Dtype.F8E4M3,
        DataType.Float8E4M3Fnuz => Dtype.F8E4M3Fnuz,
        DataType.Float8E5M2 => Dtype.F8E5M2,
        DataType.Float8E5M2Fnuz => Dtype.F8E5M2Fnuz,
        DataType.Uint4 => Dtype.U4,
        DataType.Int4 => Dtype.I4,
        DataType.Float4E2M1 => Dtype.F4,
        DataType.Float8E8M0 => Dtype.F8E8M0,
        DataType.Uint2 => Dtype.U2,
        DataType.Int2 => Dtype.I2,
        _ => null,
    };

    /// <summary>The dimensions.</summary>
    /// <exception cref="ModelPackException">A dimension is negative.</exception>
    public static ImmutableArray<ulong> ShapeOf(TensorProto tensor) =>
    [
        .. tensor.Dims.Select(dimension => dimension >= 0
            ? (ulong)dimension
            : throw new ModelPackException(ModelPackError.Corrupt, $"tensor '{tensor.Name}' has the dimension {dimension}")),
    ];

    /// <summary>The elements as <c>raw_data</c> has them or would have them: little-endian, sub-byte types packed.</summary>
    /// <exception cref="ModelPackException">The elements lie in another file.</exception>
    public static ReadOnlyMemory<byte> Bytes(TensorProto tensor, Dtype dtype)
    {
        if (tensor.DataLocation == DataLocation.External)
        {
            throw new ModelPackException(ModelPackError.Unsupported, $"tensor '{tensor.Name}' keeps its elements in another file");
        }

        if (tensor.HasRawData)
        {
            return tensor.RawData.Memory;
        }

        // An int32_data entry of a sub-byte type holds one byte of packed elements.
        int width = Math.Max(8, dtype.BitWidth()) / 8;
        return dtype switch
        {
            Dtype.F32 or Dtype.C64 => Pack(tensor.FloatData, sizeof(float), BinaryPrimitives.WriteSingleLittleEndian),
            Dtype.F64 or Dtype.C128 => Pack(tensor.DoubleData, sizeof(double), BinaryPrimitives.WriteDoubleLittleEndian),
            Dtype.I64 => Pack(tensor.Int64Data, sizeof(long), BinaryPrimitives.WriteInt64LittleEndian),
            Dtype.U64 => Pack(tensor.Uint64Data, sizeof(ulong), BinaryPrimitives.WriteUInt64LittleEndian),
            Dtype.U32 => Pack(tensor.Uint64Data, sizeof(uint), (element, value) => BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)value)),
            Dtype.I32 => Pack(tensor.Int32Data, sizeof(int), BinaryPrimitives.WriteInt32LittleEndian),
            _ when width == 2 => Pack(tensor.Int32Data, sizeof(short), (element, value) => BinaryPrimitives.WriteInt16LittleEndian(element, (short)value)),
            _ => Pack(tensor.Int32Data, sizeof(byte), (element, value) => element[0] = (byte)value),
        };
    }

    private delegate void ElementWriter<T>(Span<byte> element, T value);

    private static byte[] Pack<T>(ICollection<T> values, int width, ElementWriter<T> write)
    {
        byte[] bytes = new byte[checked(values.Count * width)];
        int offset = 0;
        foreach (T value in values)
        {
            write(bytes.AsSpan(offset, width), value);
            offset += width;
        }

        return bytes;
    }

    private static string Unique(HashSet<string> names, string name)
    {
        string unique = name;
        for (int number = 2; !names.Add(unique); number++)
        {
            unique = $"{name}.{number}";
        }

        return unique;
    }
}
