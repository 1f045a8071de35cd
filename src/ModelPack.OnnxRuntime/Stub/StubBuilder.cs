using Google.Protobuf;
using ModelPack.Formats.Onnx;
using ModelPack.OnnxRuntime.Weights;
using ModelPack.Primitives;

namespace ModelPack.OnnxRuntime.Stub;

/// <summary>
/// Makes the stub of a model: walks its messages and copies every byte, but for large tensors, which become references to
/// memory. Nothing is parsed and written anew, so what this program does not know stays as it is.
/// </summary>
/// <remarks>
/// Tensors stay in the stub where ONNX Runtime would not look for them in memory (subgraphs, functions, sparse tensors,
/// training information), where their elements have no fixed width, and where they are so small that shape inference may
/// ask for them before the memory is known. One there whose data lie in another file gets them put in.
/// </remarks>
internal sealed class StubBuilder : IDisposable
{
    /// <summary>Tensors of fewer bytes stay in the stub; the bound below which exporters do not use external data.</summary>
    public const int SmallLength = 1024;

    /// <summary>Lists of integers below this stay as well: axes, shapes and indices, from which shapes are inferred.</summary>
    public const int SmallListLength = 64 * 1024;

    // Protocol Buffers refuses more than 100 messages inside each other.
    private const int MaxDepth = 100;

    // Tied weights are two tensors on the same bytes.
    private const int MostSharing = 16;

    private const int GraphField = 7;
    private const int NodeField = 1;
    private const int AttributeField = 5;
    private const int InitializerField = 5;
    private const int ValueField = 5;
    private const int OpTypeField = 4;
    private const int DomainField = 7;
    private const int RawDataField = 9;

    private readonly ByteSource _model;
    private readonly Func<string, ByteSource> _openData;
    private readonly CancellationToken _cancellationToken;
    private readonly StubWire _wire;
    private readonly StubTensorReader _tensor;
    private readonly StubPieces _pieces;
    private readonly List<FileRange> _runs = [];
    private readonly List<Weight> _weights = [];
    private readonly Dictionary<(ByteSource, ByteRun), long> _placed = [];
    private readonly HashSet<ByteSource> _dataFiles = [];
    private long _memoryLength;
    private Int128 _externalLength;
    private Int128 _dataFilesLength;

    /// <param name="model">The model file.</param>
    /// <param name="openData">Finds a data file by the location that the model states.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public StubBuilder(ByteSource model, Func<string, ByteSource> openData, CancellationToken cancellationToken)
    {
        _model = model;
        _openData = openData;
        _cancellationToken = cancellationToken;
        _wire = new StubWire(model);
        _tensor = new StubTensorReader(_wire);
        _pieces = new StubPieces(model);
    }

    /// <summary>Builds the stub; called once.</summary>
    /// <exception cref="ModelPackException">The model is damaged, too large for a stub, or names a data file that is not there.</exception>
    public OnnxStub Build()
    {
        if (_model.Length > OnnxLimits.MaxFileLength)
        {
            throw new ModelPackException(ModelPackError.Unsupported, $"ONNX: the file has {_model.Length} bytes, Protocol Buffers allows {OnnxLimits.MaxFileLength}", _model.Name);
        }

        try
        {
            CopyFields(OnnxMessage.Model, StubPlace.Model, _model.Length, depth: 0);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"ONNX: not a Protocol Buffers field: {exception.Message}", _model.Name, _wire.FieldStart, exception);
        }
        catch (ModelPackException exception)
        {
            throw exception.At(_model.Name, 0);
        }

        return new OnnxStub(_pieces.ToArray(_cancellationToken), _weights, _memoryLength);
    }

    public void Dispose() => _wire.Dispose();

    /// <summary>Copies the fields of a message; false when all are as they were.</summary>
    private bool CopyFields(OnnxMessage message, StubPlace place, long end, int depth)
    {
        if (depth > MaxDepth)
        {
            OnnxThrow.OverLimit("messages inside each other", MaxDepth, _wire.FieldStart);
        }

        bool changed = false;
        while (_wire.Position < end)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            long start = _wire.BeginField();
            uint tag = _wire.ReadTag();
            OnnxField field = OnnxSchema.Find(message, WireFormat.GetTagFieldNumber(tag));
            if (field.Kind == OnnxFieldKind.Message && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                changed |= CopyMessage(field, place, start, _wire.PayloadEnd(end), depth);
            }
            else
            {
                _wire.Skip(tag, end);
                _pieces.Copy(start, _wire.Position - start);
            }
        }

        return changed;
    }

    private bool CopyMessage(in OnnxField field, StubPlace outer, long start, long end, int depth)
    {
        StubPlace place = PlaceOf(outer, field.Number, end);
        (int Piece, long Length) begun = _pieces.BeginMessage();
        bool changed = field.Child == OnnxMessage.Tensor ? CopyTensor(place, end) : CopyFields(field.Child, place, end, depth + 1);
        if (changed)
        {
            _pieces.EndMessage(begun, field.Number);
        }
        else
        {
            _pieces.Drop(begun);
            _pieces.Copy(start, end - start);
        }

        _wire.Position = end;
        return changed;
    }

    private StubPlace PlaceOf(StubPlace outer, int field, long end) => (outer, field) switch
    {
        (StubPlace.Model, GraphField) => StubPlace.Graph,
        (StubPlace.Graph, InitializerField) => StubPlace.Movable,
        (StubPlace.Graph, NodeField) when IsConstant(end) => StubPlace.Constant,
        (StubPlace.Constant, AttributeField) => StubPlace.ConstantValue,
        (StubPlace.ConstantValue, ValueField) => StubPlace.Movable,
        _ => StubPlace.Elsewhere,
    };

    /// <summary>Whether the node that begins here is a <c>Constant</c> of ONNX itself.</summary>
    private bool IsConstant(long end)
    {
        long start = _wire.Position;
        string? type = "", domain = "";
        while (_wire.Position < end)
        {
            uint tag = _wire.ReadTag();
            if (tag == WireFormat.MakeTag(OpTypeField, WireFormat.WireType.LengthDelimited))
            {
                type = _wire.ReadText(_wire.PayloadEnd(end), "Constant".Length);
            }
            else if (tag == WireFormat.MakeTag(DomainField, WireFormat.WireType.LengthDelimited))
            {
                domain = _wire.ReadText(_wire.PayloadEnd(end), "ai.onnx".Length);
            }
            else
            {
                _wire.Skip(tag, end);
            }
        }

        _wire.Position = start;
        return type == "Constant" && domain is "" or "ai.onnx";
    }

    private bool CopyTensor(StubPlace place, long end)
    {
        _tensor.Read(end);
        _runs.Clear();
        if (!_tensor.Draft.TryFinish(_runs, out OnnxTensor tensor))
        {
            return _tensor.Draft.IsExternal
                ? throw new ModelPackException(ModelPackError.Unsupported, $"ONNX: a tensor of data type {_tensor.Draft.DataType} lies in another file", offset: _wire.FieldStart)
                : false;
        }

        long length = LengthOf(tensor);
        bool isSmall = length < SmallLength || (length < SmallListLength && tensor.Shape.Length <= 1 && tensor.Dtype is Dtype.I32 or Dtype.I64);
        bool moves = place == StubPlace.Movable && !isSmall;
        if (!moves && !_tensor.Draft.IsExternal)
        {
            return false;
        }

        ByteSource source = _model;
        ByteRun[] runs;
        if (_tensor.Draft.IsExternal)
        {
            source = _openData(_tensor.External.Location);
            runs = length == 0 ? [] : [ExternalRun(source, length)];
        }
        else
        {
            runs = [.. _runs.Select(static run => new ByteRun(run.Offset, run.Length))];
        }

        foreach (ByteRun kept in _tensor.KeptFields)
        {
            _pieces.Copy(kept.Offset, kept.Length);
        }

        if (moves)
        {
            int varintSize = tensor.Encoding == TensorEncoding.Varint ? Math.Max(1, tensor.Dtype.BitWidth() / 8) : 0;
            _pieces.Add(ExternalData.ForMemory(OnnxStub.MemoryLocation, Place(source, runs, length, varintSize), length));
        }
        else
        {
            _pieces.Add(StubPieces.Head(RawDataField, length));
            foreach (ByteRun run in runs)
            {
                _pieces.Copy(source, run);
            }
        }

        return true;
    }

    private ByteRun ExternalRun(ByteSource source, long length)
    {
        long offset = _tensor.External.Offset;
        if (_tensor.External.Length is { } stated && stated != length)
        {
            OnnxThrow.Corrupt($"a tensor in another file is said to have {stated} bytes, its shape asks for {length}", _wire.FieldStart);
        }

        if (offset > source.Length - length)
        {
            OnnxThrow.Corrupt($"a tensor of {length} bytes is said to lie at offset {offset} of {source.Name}, which has {source.Length} bytes", _wire.FieldStart);
        }

        if (_dataFiles.Add(source))
        {
            _dataFilesLength += source.Length;
        }

        // Tensors may share bytes, but a small file must not ask for memory without bound.
        _externalLength += length;
        if (_externalLength > MostSharing * _dataFilesLength)
        {
            OnnxThrow.Corrupt($"the tensors in other files have more than {MostSharing} times the bytes of those", _wire.FieldStart);
        }

        return new ByteRun(offset, length);
    }

    /// <summary>Offset in memory for a tensor; the same for two that share their bytes in another file.</summary>
    private long Place(ByteSource source, ByteRun[] runs, long length, int varintSize)
    {
        if (source != _model && _placed.TryGetValue((source, runs[0]), out long known))
        {
            return known;
        }

        long target = _memoryLength;
        _memoryLength = checked((target + length + WeightMemory.Alignment - 1) / WeightMemory.Alignment * WeightMemory.Alignment);
        _weights.Add(new Weight(source, runs, target, length, varintSize));
        if (source != _model)
        {
            _placed.Add((source, runs[0]), target);
        }

        return target;
    }

    /// <summary>Bytes of a tensor's elements in <c>raw_data</c>.</summary>
    private long LengthOf(OnnxTensor tensor)
    {
        Int128 elements = tensor.Shape.Contains(0UL) ? 0 : 1;
        foreach (ulong dim in tensor.Shape)
        {
            elements *= dim;
            if (elements > long.MaxValue / 128)
            {
                OnnxThrow.Corrupt("the shape of a tensor asks for more than 2^63 bits", _wire.FieldStart);
            }
        }

        return (long)(((elements * tensor.Dtype.BitWidth()) + 7) / 8);
    }
}
