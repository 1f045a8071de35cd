using Google.Protobuf;
using ModelPack.Primitives;

namespace ModelPack.Formats.Onnx;

/// <summary>
/// Walks the messages of one ONNX file along <see cref="OnnxSchema"/> and notes every tensor. The open messages are on
/// an explicit stack, each with the offset of its end, so depth costs heap only and nothing can reach past its parent.
/// </summary>
internal sealed class OnnxWalker(ByteSource source, WireCursor wire, CancellationToken cancellationToken)
{
    private readonly OnnxTensorDraft _draft = new();
    private readonly List<OnnxTensor> _tensors = [];
    private readonly List<OnnxScope> _scopes = [];
    private readonly List<FileRange> _runs = [];
    private readonly OnnxExternalData _external = new(wire);
    private Frame[] _frames = new Frame[16];
    private int _depth;
    private int _scopesKept;
    private long _fieldStart;

    /// <summary>The tensors in file order; <see cref="Scopes"/> has the scope that names each.</summary>
    public IReadOnlyList<OnnxTensor> Tensors => _tensors;

    public IReadOnlyList<OnnxScope> Scopes => _scopes;

    /// <summary>The bytes of all tensors: <see cref="OnnxTensor.FirstRun"/> says where each begins.</summary>
    public IReadOnlyList<FileRange> Runs => _runs;

    /// <summary>What the file says of tensors whose bytes lie in other files.</summary>
    public IReadOnlyList<ExternalReference> ExternalReferences => _external.References;

    public bool HasGraph { get; private set; }

    /// <summary>Walks the whole file; called once.</summary>
    /// <exception cref="ModelPackException">The file is not sound, or over a limit.</exception>
    public void Walk()
    {
        try
        {
            Push(new Frame { Message = OnnxMessage.Model, End = source.Length });
            while (_depth > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _fieldStart = wire.Position;
                ref Frame frame = ref _frames[_depth - 1];
                if (_fieldStart == frame.End)
                {
                    Close(frame);
                }
                else
                {
                    ReadField(ref frame);
                }
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            OnnxThrow.Corrupt($"not a Protocol Buffers field: {e.Message}", _fieldStart, e);
        }
    }

    private void ReadField(ref Frame frame)
    {
        uint tag = wire.ReadTag();
        CheckLeft(frame, needed: 0);
        int number = WireFormat.GetTagFieldNumber(tag);
        OnnxField field = OnnxSchema.Find(frame.Message, number);
        switch (WireFormat.GetTagWireType(tag))
        {
            case WireFormat.WireType.Varint:
                ulong value = wire.ReadVarint();
                CheckLeft(frame, needed: 0);
                _draft.TakeVarint(field, value);
                break;
            case WireFormat.WireType.Fixed32:
                SkipFixed(frame, field, sizeof(uint));
                break;
            case WireFormat.WireType.Fixed64:
                SkipFixed(frame, field, sizeof(ulong));
                break;
            case WireFormat.WireType.LengthDelimited:
                ulong length = wire.ReadVarint();
                CheckLeft(frame, length);
                TakePayload(ref frame, field, new FileRange((int)wire.Position, (int)length));
                break;
            case WireFormat.WireType.StartGroup:
                Push(new Frame { End = frame.End, Group = number });
                break;
            case WireFormat.WireType.EndGroup:
                EndGroup(frame, number);
                break;
            default:
                OnnxThrow.Corrupt($"field {number} has wire type {tag & 7}, the greatest is 5", _fieldStart);
                break;
        }
    }

    // Only typed fields of floats come as fixed numbers; in the place of any other wire type they are unknown fields.
    private void SkipFixed(in Frame frame, in OnnxField field, uint length)
    {
        CheckLeft(frame, length);
        if (field.Kind == OnnxFieldKind.TypedData)
        {
            _draft.AddUnpacked(field.Number);
        }

        wire.Position += length;
    }

    private void TakePayload(ref Frame frame, in OnnxField field, FileRange payload)
    {
        switch (field.Kind)
        {
            case OnnxFieldKind.Message:
                Open(ref frame, field, payload);
                return;
            case OnnxFieldKind.Dims:
                ReadPackedDims(payload);
                return;
            case OnnxFieldKind.Name:
                frame.Named?.Name = payload;
                break;
            case OnnxFieldKind.FirstOutput when frame.Named is { FirstOutput.Length: 0 } node:
                node.FirstOutput = payload;
                break;
            case OnnxFieldKind.OpType:
                frame.Named?.OpType = payload;
                break;
            case OnnxFieldKind.RawData:
                _draft.RawData = payload;
                break;
            case OnnxFieldKind.EntryKey:
                _draft.EntryKey = payload;
                break;
            case OnnxFieldKind.EntryValue:
                _draft.EntryValue = payload;
                break;
            case OnnxFieldKind.TypedData:
                _draft.AddPacked(field.Number, payload);
                CheckRuns(_draft.ChunkCount);
                break;
        }

        wire.Position += payload.Length;
    }

    private void ReadPackedDims(FileRange payload)
    {
        long end = payload.Offset + (long)payload.Length;
        while (wire.Position < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _draft.AddDim((long)wire.ReadVarint());
        }

        if (wire.Position > end)
        {
            OnnxThrow.Corrupt($"a dimension crosses the end of its field at offset {end}", _fieldStart);
        }
    }

    private void Open(ref Frame parent, in OnnxField field, FileRange payload)
    {
        OnnxScope? outer = parent.Scope;
        int ordinal = field.Child == OnnxMessage.Node ? parent.Nodes++ : -1;
        OnnxScope? scope = field.Naming == OnnxNaming.Inherited ? outer : new OnnxScope(outer, field.Label, ordinal);
        OnnxScope? named = field.Naming switch
        {
            OnnxNaming.Own => scope,
            OnnxNaming.LabelAndNamesOuter => parent.Named,
            _ => null,
        };

        HasGraph |= parent.Message == OnnxMessage.Model && field.Child == OnnxMessage.Graph;
        if (field.Child == OnnxMessage.Tensor)
        {
            _draft.Clear();
        }
        else if (field.Child == OnnxMessage.StringEntry)
        {
            _draft.BeginEntry();
        }

        Push(new Frame { Message = field.Child, End = wire.Position + payload.Length, Scope = scope, Named = named });
    }

    private void Close(in Frame frame)
    {
        if (frame.Group != 0)
        {
            OnnxThrow.Corrupt($"group {frame.Group} is not ended before its message is", _fieldStart);
        }

        if (frame.Message == OnnxMessage.Tensor)
        {
            CloseTensor(frame);
        }
        else if (frame.Message == OnnxMessage.StringEntry)
        {
            _draft.EndEntry();
        }

        _frames[--_depth] = default;
    }

    private void CloseTensor(in Frame frame)
    {
        int index = -1;
        if (_draft.TryFinish(_runs, out OnnxTensor tensor))
        {
            if (_tensors.Count == OnnxLimits.MaxTensors)
            {
                OnnxThrow.OverLimit("tensors", OnnxLimits.MaxTensors, _fieldStart);
            }

            CheckRuns(0);
            KeepScopes(frame.Scope!);
            index = _tensors.Count;
            _tensors.Add(tensor);
            _scopes.Add(frame.Scope!);
        }

        if (_draft.IsExternal)
        {
            _external.Add(index, _draft.ExternalEntries, _fieldStart);
        }
    }

    private void EndGroup(in Frame frame, int number)
    {
        if (frame.Group != number)
        {
            OnnxThrow.Corrupt(
                frame.Group == 0 ? $"group {number} ends but none has started" : $"group {number} ends inside group {frame.Group}",
                _fieldStart);
        }

        _frames[--_depth] = default;
    }

    private void Push(in Frame frame)
    {
        if (_depth == OnnxLimits.MaxDepth)
        {
            OnnxThrow.OverLimit("messages inside each other", OnnxLimits.MaxDepth, _fieldStart);
        }

        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }

        _frames[_depth++] = frame;
    }

    // The scopes of a tensor stay until all names are known; those that a tensor before it keeps are not walked again.
    private void KeepScopes(OnnxScope leaf)
    {
        for (OnnxScope? scope = leaf; scope is { LeadsToTensor: false }; scope = scope.Parent)
        {
            if (_scopesKept++ == OnnxLimits.MaxScopes)
            {
                OnnxThrow.OverLimit("nodes, attributes and initializers with tensors", OnnxLimits.MaxScopes, _fieldStart);
            }

            scope.LeadsToTensor = true;
        }
    }

    private void CheckRuns(int pending)
    {
        if (_runs.Count + pending > OnnxLimits.MaxRuns)
        {
            OnnxThrow.OverLimit("runs of tensor bytes", OnnxLimits.MaxRuns, _fieldStart);
        }
    }

    // Checked behind a tag, number or length: these may have crossed the end of their message themselves.
    private void CheckLeft(in Frame frame, ulong needed)
    {
        long left = frame.End - wire.Position;
        if (left < 0 || needed > (ulong)left)
        {
            OnnxThrow.Corrupt(
                left < 0 ? $"a field ends {-left} bytes behind its message" : $"a field needs {needed} bytes, its message has {left} left",
                _fieldStart);
        }
    }

    // A message or a group that is open.
    private struct Frame
    {
        public OnnxMessage Message;

        // Field number of a group; 0 for a message.
        public int Group;

        // Node messages opened so far.
        public int Nodes;

        public long End;

        // The innermost scope here, and the one that the message's own name fields name.
        public OnnxScope? Scope;
        public OnnxScope? Named;
    }
}
