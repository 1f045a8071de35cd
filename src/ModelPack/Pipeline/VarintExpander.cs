using System.Buffers.Binary;

namespace ModelPack.Pipeline;

/// <summary>
/// Decodes varints to fixed-width little-endian elements. A negative number comes as its 64-bit two's complement
/// (Protocol Buffers encoding, "Signed Integers"), so an element is the low bytes of the varint.
/// </summary>
/// <param name="destination">Receives the elements.</param>
/// <param name="elementSize">Bytes of an element, at most eight.</param>
/// <param name="limit">Most elements that the destination takes.</param>
internal sealed class VarintExpander(Stream destination, int elementSize, long limit = long.MaxValue)
{
    // Ten groups of 7 bits hold 64 bits; the last has one to give.
    private const int LastShift = 63;

    private readonly byte[] _output = GC.AllocateUninitializedArray<byte>(1 << 16);
    private int _filled;
    private ulong _value;
    private int _shift;

    /// <summary>Elements decoded so far.</summary>
    public long Count { get; private set; }

    /// <summary>Decodes the next bytes; a varint may go on in the bytes after them.</summary>
    /// <exception cref="ModelPackException">A varint is longer than 64 bits, or one too many.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            if (_shift == LastShift && next > 1)
            {
                throw new ModelPackException(ModelPackError.Corrupt, $"varint {Count} of the tensor is longer than 64 bits");
            }

            _value |= (ulong)(next & 0x7F) << _shift;
            _shift += 7;
            if (next < 0x80)
            {
                Emit();
            }
        }
    }

    /// <summary>Writes what is left.</summary>
    /// <exception cref="ModelPackException">The bytes end inside a varint.</exception>
    public void Finish()
    {
        if (_shift != 0)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"the tensor ends inside varint {Count}");
        }

        Flush();
    }

    private void Emit()
    {
        if (Count == limit)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"the tensor has more than the {limit} varints that its shape asks for");
        }

        // Eight bytes are written, of which the next element overwrites what is too many.
        if (_filled > _output.Length - sizeof(ulong))
        {
            Flush();
        }

        BinaryPrimitives.WriteUInt64LittleEndian(_output.AsSpan(_filled), _value);
        _filled += elementSize;
        _value = 0;
        _shift = 0;
        Count++;
    }

    private void Flush()
    {
        destination.Write(_output.AsSpan(0, _filled));
        _filled = 0;
    }
}
