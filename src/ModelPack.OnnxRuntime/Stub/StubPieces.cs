using Google.Protobuf;
using ModelPack.OnnxRuntime.Weights;
using ModelPack.Primitives;

namespace ModelPack.OnnxRuntime.Stub;

/// <summary>
/// The bytes of a stub as a list of pieces: most are copied from the model, a few are new. Messages inside each other are
/// written front to back; the length of one that changed is filled in at its end.
/// </summary>
/// <param name="model">The original model.</param>
internal sealed class StubPieces(ByteSource model)
{
    private readonly List<Piece> _pieces = [];

    /// <summary>Bytes of all pieces.</summary>
    public long Length { get; private set; }

    /// <summary>Copies bytes of the model.</summary>
    public void Copy(long offset, long length)
    {
        if (_pieces is [.., { Source: { } source } last] && source == model && last.Offset + last.Length == offset)
        {
            _pieces[^1] = last with { Length = last.Length + length };
            Length += length;
        }
        else if (length > 0)
        {
            Append(new Piece(model, offset, length, null));
        }
    }

    /// <summary>Copies bytes of any file of the packed model.</summary>
    public void Copy(ByteSource source, ByteRun run) => Append(new Piece(source, run.Offset, run.Length, null));

    /// <summary>Adds bytes that are not in the model.</summary>
    public void Add(byte[] bytes) => Append(new Piece(null, 0, bytes.Length, bytes));

    /// <summary>Begins a message that may differ from the original.</summary>
    /// <returns>What <see cref="EndMessage"/> asks for.</returns>
    public (int Piece, long Length) BeginMessage()
    {
        _pieces.Add(default);
        return (_pieces.Count - 1, Length);
    }

    /// <summary>Ends a message: its tag and its length now stand where it began.</summary>
    public void EndMessage((int Piece, long Length) begun, int field)
    {
        byte[] head = Head(field, Length - begun.Length);
        _pieces[begun.Piece] = new Piece(null, 0, head.Length, head);
        Length += head.Length;
    }

    /// <summary>Takes back a message that turned out to be as it was.</summary>
    public void Drop((int Piece, long Length) begun)
    {
        _pieces.RemoveRange(begun.Piece, _pieces.Count - begun.Piece);
        Length = begun.Length;
    }

    /// <summary>Tag and length of a field of bytes.</summary>
    public static byte[] Head(int field, long length)
    {
        uint tag = WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);
        byte[] head = new byte[CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeInt64Size(length)];
        using var output = new CodedOutputStream(head);
        output.WriteTag(tag);
        output.WriteInt64(length);
        return head;
    }

    /// <summary>The stub.</summary>
    /// <exception cref="ModelPackException">It is longer than a Protocol Buffers message can be, or the packed model is damaged.</exception>
    public byte[] ToArray(CancellationToken cancellationToken)
    {
        if (Length > Array.MaxLength)
        {
            throw new ModelPackException(
                ModelPackError.Unsupported,
                $"without the tensors that ONNX Runtime takes from memory the model has {Length} bytes, it takes {Array.MaxLength}",
                model.Name);
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Length);
        int at = 0;
        foreach (Piece piece in _pieces)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> target = bytes.AsSpan(at, (int)piece.Length);
            piece.Bytes?.CopyTo(target);
            piece.Source?.ReadExactly(piece.Offset, target);

            at += target.Length;
        }

        return bytes;
    }

    private void Append(Piece piece)
    {
        _pieces.Add(piece);
        Length += piece.Length;
    }

    private readonly record struct Piece(ByteSource? Source, long Offset, long Length, byte[]? Bytes);
}
