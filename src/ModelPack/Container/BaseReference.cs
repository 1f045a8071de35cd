using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ModelPack.Container;

/// <summary>How a block is restored from the bytes of the base and what its payload holds (FORMAT.md, "Differences").</summary>
internal enum BaseOperation : byte
{
    /// <summary>The block is the bytes of the base.</summary>
    Same = 0,

    /// <summary>The payload holds the block XOR the base.</summary>
    Xor = 1,

    /// <summary>The payload holds differences of elements of 1, 2, 4 or 8 bytes.</summary>
    Subtract1 = 2,
    Subtract2 = 3,
    Subtract4 = 4,
    Subtract8 = 5,
}

/// <summary>A run of bytes of a block and where the base has its counterpart.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="File">0 where the base has none, which counts as zeros; else 1 + the index of the base's file.</param>
/// <param name="Offset">Where the counterpart stands in that file.</param>
internal readonly record struct BasePiece(int Length, int File, long Offset);

/// <summary>The start of the payload of a block that is a difference to a base model. Reused from block to block.</summary>
internal sealed class BaseReference
{
    private readonly List<BasePiece> _pieces = [];

    public BaseOperation Operation { get; set; }

    /// <summary>The pieces in the order of the block's bytes.</summary>
    public ReadOnlySpan<BasePiece> Pieces => CollectionsMarshal.AsSpan(_pieces);

    /// <summary>True when some of the block has a counterpart.</summary>
    public bool HasAny { get; private set; }

    /// <summary>True when all of the block has a counterpart.</summary>
    public bool HasAll { get; private set; }

    /// <summary>Bytes that <see cref="Write"/> needs at most.</summary>
    public int MaxWrittenLength => 1 + Varint.MaxLength + (_pieces.Count * ((2 * Varint.MaxLength) + sizeof(ulong)));

    public void Clear()
    {
        _pieces.Clear();
        HasAny = false;
        HasAll = true;
    }

    /// <summary>Adds a piece, joined to the one before where the base goes on without a gap.</summary>
    public void Add(BasePiece piece)
    {
        HasAny |= piece.File > 0;
        HasAll &= piece.File > 0;
        if (_pieces.Count > 0 && _pieces[^1] is var last && last.File == piece.File && (last.File == 0 || last.Offset + last.Length == piece.Offset))
        {
            _pieces[^1] = last with { Length = last.Length + piece.Length };
        }
        else
        {
            _pieces.Add(piece);
        }
    }

    /// <summary>Writes the reference and returns its length.</summary>
    public int Write(Span<byte> destination)
    {
        destination[0] = (byte)Operation;
        int position = 1;
        position += Varint.Write(destination[position..], (uint)_pieces.Count);
        foreach (BasePiece piece in _pieces)
        {
            position += Varint.Write(destination[position..], (uint)piece.Length);
            position += Varint.Write(destination[position..], (uint)piece.File);
            if (piece.File > 0)
            {
                BinaryPrimitives.WriteInt64LittleEndian(destination[position..], piece.Offset);
                position += sizeof(ulong);
            }
        }

        return position;
    }

    /// <summary>Reads a reference, forgetting the one before.</summary>
    /// <param name="payload">The block's payload.</param>
    /// <param name="restoredLength">Original bytes of the block.</param>
    /// <param name="fileLengths">Bytes of each file of the base.</param>
    /// <returns>Length of the reference; what restores the difference follows it.</returns>
    /// <exception cref="ModelPackException">The reference breaks a rule; the offset counts from the start of the payload.</exception>
    public int Read(ReadOnlySpan<byte> payload, int restoredLength, ReadOnlySpan<long> fileLengths)
    {
        Clear();
        Operation = payload.IsEmpty ? BaseOperation.Same : (BaseOperation)payload[0];
        if (Operation > BaseOperation.Subtract8)
        {
            ContainerThrow.Unsupported($"a block is a difference of kind {payload[0]}, which this program does not know", 0);
        }

        int position = 1;
        uint count = Varint.Read(payload, ref position);
        if (count is 0 or > ContainerLimits.MaxRuns || count > (payload.Length - position) / 2)
        {
            ContainerThrow.Corrupt($"a block has {count} pieces of a base in a payload of {payload.Length} bytes", 1);
        }

        long left = restoredLength;
        for (uint i = 0; i < count; i++)
        {
            int start = position;
            uint length = Varint.Read(payload, ref position);
            uint file = Varint.Read(payload, ref position);
            long offset = 0;
            if (file > 0 && payload.Length - position >= sizeof(ulong))
            {
                offset = BinaryPrimitives.ReadInt64LittleEndian(payload[position..]);
                position += sizeof(ulong);
            }
            else if (file > 0)
            {
                ContainerThrow.Corrupt("the list of pieces of a base is cut off", position);
            }

            if (length == 0 || length > left || file > fileLengths.Length || (file > 0 && (offset < 0 || offset > fileLengths[(int)file - 1] - length)))
            {
                ContainerThrow.Corrupt($"piece {i} has {length} bytes from offset {offset} of file {file} of a base of {fileLengths.Length}, where {left} bytes are left", start);
            }

            left -= length;
            var piece = new BasePiece((int)length, (int)file, offset);
            HasAny |= file > 0;
            HasAll &= file > 0;
            _pieces.Add(piece);
        }

        bool same = Operation == BaseOperation.Same;
        if (left != 0 || (same && (!HasAll || position != payload.Length)) || restoredLength % ElementSize(Operation) != 0)
        {
            ContainerThrow.Corrupt($"the pieces of a base leave {left} of {restoredLength} bytes for a difference of kind {(byte)Operation}", position);
        }

        return position;
    }

    /// <summary>Bytes of the elements that an operation works on.</summary>
    public static int ElementSize(BaseOperation operation) => operation switch
    {
        BaseOperation.Subtract2 => 2,
        BaseOperation.Subtract4 => 4,
        BaseOperation.Subtract8 => 8,
        _ => 1,
    };
}
