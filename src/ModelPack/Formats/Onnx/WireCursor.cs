using Google.Protobuf;
using ModelPack.Primitives;

namespace ModelPack.Formats.Onnx;

/// <summary>
/// Reads Protocol Buffers wire primitives at any position of a source, by Google.Protobuf's
/// <see cref="CodedInputStream"/>.
/// </summary>
/// <remarks>
/// <see cref="CodedInputStream"/> can neither seek nor skip without reading. Here it draws from a stream that hands out
/// one byte a call, so it never holds a byte it has not consumed and <see cref="Position"/> may be set between two
/// reads: a payload of any length is passed over without being read. Only tags, lengths and small numbers go through.
/// </remarks>
internal sealed class WireCursor : IDisposable
{
    /// <summary>Bytes fetched from the source at once: most jumps lead behind a payload, to a few dozen bytes of framing.</summary>
    public const int WindowLength = 4096;

    private readonly SingleByteStream _bytes;
    private readonly CodedInputStream _coded;

    public WireCursor(ByteSource source)
    {
        _bytes = new SingleByteStream(source);
        _coded = new CodedInputStream(_bytes);
    }

    /// <summary>Offset in the source of the next byte to be read.</summary>
    public long Position
    {
        get => _bytes.Position;
        set => _bytes.Position = value;
    }

    /// <summary>The next tag; 0 at the end of the source.</summary>
    /// <exception cref="InvalidProtocolBufferException">The tag's field number is 0, or its varint is cut or too long.</exception>
    public uint ReadTag() => _coded.ReadTag();

    /// <summary>
    /// The next varint. Lengths are read by this too: <see cref="CodedInputStream.ReadLength"/> drops the upper 32 bits,
    /// and so takes a length that no file can have for a small one.
    /// </summary>
    /// <exception cref="InvalidProtocolBufferException">The varint is cut or longer than 10 bytes.</exception>
    public ulong ReadVarint() => _coded.ReadUInt64();

    /// <summary>Reads bytes at any place; <see cref="Position"/> stays.</summary>
    /// <param name="offset">Offset in the source.</param>
    /// <param name="destination">At most <see cref="WindowLength"/> bytes, all of which the source has.</param>
    public void ReadBytes(long offset, Span<byte> destination) => _bytes.ReadBytes(offset, destination);

    public void Dispose() => _coded.Dispose();

    private sealed class SingleByteStream(ByteSource source) : Stream
    {
        private readonly byte[] _window = new byte[WindowLength];
        private long _windowStart;
        private int _windowFill;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => source.Length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (count == 0 || Position >= source.Length)
            {
                return 0;
            }

            if (!Holds(Position, 1))
            {
                Fill(Position);
            }

            buffer[offset] = _window[Position - _windowStart];
            Position++;
            return 1;
        }

        public void ReadBytes(long offset, Span<byte> destination)
        {
            if (!Holds(offset, destination.Length))
            {
                // What comes next lies behind it, mostly near.
                Fill(offset);
            }

            _window.AsSpan((int)(offset - _windowStart), destination.Length).CopyTo(destination);
        }

        private bool Holds(long offset, int length) => offset >= _windowStart && offset + length <= _windowStart + _windowFill;

        private void Fill(long offset)
        {
            int fill = (int)Math.Min(WindowLength, source.Length - offset);
            _windowFill = 0;
            source.ReadExactly(offset, _window.AsSpan(0, fill));
            (_windowStart, _windowFill) = (offset, fill);
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();
    }
}
