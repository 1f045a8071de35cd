using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelPack.Primitives;

/// <summary>Writes fields of bits, least significant bit of each byte first, into a span that may be too small.</summary>
internal ref struct BitWriter(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    // Bits not yet in a whole byte, fewer than 8 between calls; the bits above them are zero.
    private ulong _pending;
    private int _pendingCount;
    private int _written;

    /// <summary>Bits written so far.</summary>
    public readonly long Position => (_written * 8L) + _pendingCount;

    /// <summary>Appends a field; may use as scratch what is left of the span behind it.</summary>
    /// <param name="value">The field; bits from <paramref name="count"/> on must be zero.</param>
    /// <param name="count">Width of the field, 0 to 32 bits.</param>
    /// <returns>False when the span ends before that; the writer must not be used any more.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(uint value, int count)
    {
        _pending |= (ulong)value << _pendingCount;
        _pendingCount += count;
        if (_bytes.Length - _written < sizeof(ulong))
        {
            // On a copy, so that the fields of a writer that never gets here can live in registers.
            BitWriter copy = this;
            bool fits = copy.TryWriteNearEnd();
            this = copy;
            return fits;
        }

        LittleEndian.WriteUInt64(ref MemoryMarshal.GetReference(_bytes), (nuint)_written, _pending);
        _written += _pendingCount >> 3;
        _pending >>= _pendingCount & ~7;
        _pendingCount &= 7;
        return true;
    }

    /// <summary>Fills the last byte up with zero bits.</summary>
    /// <param name="written">Whole bytes written.</param>
    /// <returns>False when the span ends before that.</returns>
    public bool TryFinish(out int written)
    {
        bool fits = TryWrite(0, -_pendingCount & 7);
        written = fits ? _written : 0;
        return fits;
    }

    private bool TryWriteNearEnd()
    {
        for (; _pendingCount >= 8; _pendingCount -= 8, _pending >>= 8)
        {
            if (_written == _bytes.Length)
            {
                return false;
            }

            _bytes[_written++] = (byte)_pending;
        }

        // A last part of a byte needs room as well, or the next call would find out too late.
        return _pendingCount == 0 || _written < _bytes.Length;
    }
}
