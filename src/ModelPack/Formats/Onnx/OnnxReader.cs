using Google.Protobuf;
using ModelPack.Primitives;

namespace ModelPack.Formats.Onnx;

/// <summary>
/// Maps ONNX models: a <c>ModelProto</c> of onnx.proto in the Protocol Buffers wire format. Only where tensors lie is
/// noted; neither the model nor any weight is loaded.
/// </summary>
/// <remarks>
/// <para>
/// A <c>TensorProto</c> is listed when its data type has a fixed width and its bytes are exactly as many as its
/// dimensions ask for: in <c>raw_data</c>, or failing that packed in the typed field of its data type (for varints: one
/// to ten bytes each). One in an external file is listed without bytes, and <see cref="SegmentMap.ExternalReferences"/> has
/// what the model says of them. All others (strings, unpacked typed fields, unknown data
/// types, negative or too many dimensions, lengths that do not fit) are not errors: they stay structure and are not
/// listed, as nothing true can be said of their elements.
/// </para>
/// <para>
/// Where a field that is not repeated occurs again, Protocol Buffers lets the last number or bytes win and merges
/// messages. The former is done here; of messages each occurrence is read on its own, which finds the same tensors
/// unless one tensor is itself spread over two messages, and that one then stays structure.
/// </para>
/// </remarks>
internal sealed class OnnxReader : IFormatReader
{
    public static readonly OnnxReader Instance = new();

    // IR versions counted up to 14 in nine years.
    private const ulong MaxPlausibleIrVersion = 99;

    // Fields of ModelProto that writers put behind ir_version: one varint, the others length-delimited.
    private const int IrVersion = 1;
    private const int ModelVersion = 5;
    private static ReadOnlySpan<int> DelimitedModelFields => [2, 3, 4, 6, 7, 8, 14, 20, 25, 26];

    public ModelFormat Format => ModelFormat.Onnx;

    /// <inheritdoc/>
    /// <remarks>
    /// True for a name that ends in <c>.onnx</c>, and for a file that begins as writers begin a <c>ModelProto</c>: a
    /// small <c>ir_version</c> and a second field that onnx.proto knows and that fits into the file.
    /// </remarks>
    public bool Recognises(ByteSource source)
    {
        if (source.Name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        try
        {
            using var wire = new WireCursor(source);
            return wire.ReadTag() == WireFormat.MakeTag(IrVersion, WireFormat.WireType.Varint)
                && wire.ReadVarint() is >= 1 and <= MaxPlausibleIrVersion
                && IsModelField(wire, wire.ReadTag(), source.Length);
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public SegmentMap Read(ByteSource source, CancellationToken cancellationToken)
    {
        if (source.Length > OnnxLimits.MaxFileLength)
        {
            throw new ModelPackException(
                ModelPackError.Unsupported,
                $"ONNX: the file has {source.Length} bytes, Protocol Buffers allows {OnnxLimits.MaxFileLength}",
                offset: 0);
        }

        if (source.Length == 0)
        {
            OnnxThrow.Corrupt("the file is empty", offset: 0);
        }

        using var wire = new WireCursor(source);
        var walker = new OnnxWalker(source, wire, cancellationToken);
        walker.Walk();
        if (!walker.HasGraph)
        {
            OnnxThrow.Corrupt("the file has no graph (field 7 of ModelProto)", offset: 0);
        }

        string[] names = new OnnxNames(source).Resolve(walker.Scopes, cancellationToken);
        var map = new SegmentMap.Builder(ModelFormat.Onnx, source.Length);
        for (int i = 0; i < names.Length; i++)
        {
            OnnxTensor tensor = walker.Tensors[i];
            int index = map.AddTensor(new TensorInfo(names[i], tensor.Dtype, tensor.Shape, tensor.Encoding));
            for (int run = tensor.FirstRun; run < tensor.FirstRun + tensor.RunCount; run++)
            {
                map.AddData(index, walker.Runs[run].Offset, walker.Runs[run].Length);
            }
        }

        map.AddExternal(walker.ExternalReferences);
        return map.Build();
    }

    private static bool IsModelField(WireCursor wire, uint tag, long fileLength) => WireFormat.GetTagWireType(tag) switch
    {
        WireFormat.WireType.Varint => WireFormat.GetTagFieldNumber(tag) == ModelVersion,
        WireFormat.WireType.LengthDelimited => DelimitedModelFields.Contains(WireFormat.GetTagFieldNumber(tag))
            && wire.ReadVarint() <= (ulong)(fileLength - wire.Position),
        _ => false,
    };
}
