using Google.Protobuf;
using ModelPack.Formats.Onnx;
using ModelPack.OnnxRuntime.Weights;

namespace ModelPack.OnnxRuntime.Stub;

/// <summary>Reads one tensor after the other: what its data are, and which of its fields say nothing of them.</summary>
internal sealed class StubTensorReader(StubWire wire)
{
    private const int StringDataField = 6;

    private readonly List<ByteRun> _keptFields = [];

    /// <summary>What the tensor says of its data.</summary>
    public OnnxTensorDraft Draft { get; } = new();

    /// <summary>Where they lie, if in another file.</summary>
    public ExternalData External { get; } = new();

    /// <summary>The fields that say nothing of the data.</summary>
    public IReadOnlyList<ByteRun> KeptFields => _keptFields;

    /// <summary>Reads a tensor from where the wire stands.</summary>
    /// <param name="end">Where it ends.</param>
    public void Read(long end)
    {
        Draft.Clear();
        External.Clear();
        _keptFields.Clear();
        while (wire.Position < end)
        {
            long start = wire.BeginField();
            uint tag = wire.ReadTag();
            int number = WireFormat.GetTagFieldNumber(tag);
            OnnxField field = OnnxSchema.Find(OnnxMessage.Tensor, number);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.Varint:
                    Draft.TakeVarint(field, wire.ReadVarint());
                    break;
                case WireFormat.WireType.LengthDelimited:
                    TakeBytes(number, field, wire.PayloadEnd(end));
                    break;
                default:
                    if (field.Kind == OnnxFieldKind.TypedData)
                    {
                        Draft.AddUnpacked(number);
                    }

                    wire.Skip(tag, end);
                    break;
            }

            if (wire.Position > end)
            {
                OnnxThrow.Corrupt("a field ends behind its tensor", start);
            }

            bool isData = field.Kind is OnnxFieldKind.TypedData or OnnxFieldKind.RawData or OnnxFieldKind.DataLocation
                || number is ExternalData.ExternalDataField or StringDataField;
            if (!isData)
            {
                _keptFields.Add(new ByteRun(start, wire.Position - start));
            }
        }
    }

    private void TakeBytes(int number, in OnnxField field, long end)
    {
        var payload = new FileRange((int)wire.Position, (int)(end - wire.Position));
        if (number == ExternalData.ExternalDataField)
        {
            ReadEntry(end);
        }
        else if (field.Kind == OnnxFieldKind.Dims)
        {
            while (wire.Position < end)
            {
                Draft.AddDim((long)wire.ReadVarint());
            }
        }
        else if (field.Kind == OnnxFieldKind.RawData)
        {
            Draft.RawData = payload;
        }
        else if (field.Kind == OnnxFieldKind.TypedData)
        {
            Draft.AddPacked(number, payload);
        }

        wire.Position = end;
    }

    private void ReadEntry(long end)
    {
        const int Longest = 4096;
        string key = "", value = "";
        while (wire.Position < end)
        {
            uint tag = wire.ReadTag();
            switch ((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag)))
            {
                case (1, WireFormat.WireType.LengthDelimited):
                    key = wire.ReadText(wire.PayloadEnd(end), Longest) ?? "";
                    break;
                case (2, WireFormat.WireType.LengthDelimited):
                    value = wire.ReadText(wire.PayloadEnd(end), Longest) ?? "";
                    break;
                default:
                    wire.Skip(tag, end);
                    break;
            }
        }

        External.Add(key, value);
    }
}
