using ModelPack.Primitives;

namespace ModelPack.Container;

/// <summary>Where a container is read from, front to back.</summary>
internal abstract class ContainerInput
{
    /// <summary>Reads until the destination is full or the input ends; returns the bytes read.</summary>
    public abstract int Read(Span<byte> destination);

    /// <summary>The next bytes, in the buffer or in place; fewer only where the input ends.</summary>
    /// <param name="length">Bytes wanted.</param>
    /// <param name="buffer">At least that long; used where the bytes are not in memory already.</param>
    public abstract ReadOnlyMemory<byte> Read(int length, byte[] buffer);

    /// <summary>Passes the next bytes; returns how many there were, fewer only where the input ends.</summary>
    /// <param name="length">Bytes to pass.</param>
    /// <param name="buffer">At least that long where <see cref="NeedsBuffer"/>.</param>
    public virtual int Skip(int length, byte[] buffer) => Read(length, buffer).Length;

    /// <summary>Bytes of the whole input; null where that is not known.</summary>
    public abstract long? Length { get; }

    /// <summary>False where <see cref="Read(int, byte[])"/> needs no buffer.</summary>
    public abstract bool NeedsBuffer { get; }

    /// <summary>True where <see cref="ReadBack"/> can be called.</summary>
    public abstract bool CanGoBack { get; }

    /// <summary>Reads bytes once more that were read before; what is read next does not change.</summary>
    /// <param name="offset">Where they start, counted from the first byte read.</param>
    /// <param name="length">Bytes wanted.</param>
    /// <param name="buffer">At least that long where <see cref="NeedsBuffer"/>.</param>
    public abstract ReadOnlyMemory<byte> ReadBack(long offset, int length, byte[] buffer);

    /// <summary>Fills in the place of trouble with what was read.</summary>
    /// <param name="exception">The trouble; its offset counts from the first byte read.</param>
    /// <param name="name">What to call the input.</param>
    public virtual ModelPackException Place(ModelPackException exception, string name) => exception.At(name, 0);

    public static ContainerInput From(Stream stream) => new StreamInput(stream);

    public static ContainerInput From(ReadOnlyMemory<byte> bytes) => new MemoryInput(bytes);

    private sealed class StreamInput(Stream stream) : ContainerInput
    {
        private readonly long _start = stream.CanSeek ? stream.Position : 0;

        public override long? Length => stream.CanSeek ? stream.Length - _start : null;

        public override bool NeedsBuffer => true;

        public override bool CanGoBack => stream.CanSeek;

        public override ReadOnlyMemory<byte> ReadBack(long offset, int length, byte[] buffer)
        {
            long next = stream.Position;
            stream.Position = _start + offset;
            stream.ReadExactly(buffer, 0, length);
            stream.Position = next;
            return buffer.AsMemory(0, length);
        }

        public override ModelPackException Place(ModelPackException exception, string name) =>
            stream is SourceStream { Source: { } source } ? exception.In(source, 0) : base.Place(exception, name);

        public override int Skip(int length, byte[] buffer)
        {
            if (!stream.CanSeek)
            {
                return base.Skip(length, buffer);
            }

            int skipped = (int)Math.Min(length, Math.Max(0, stream.Length - stream.Position));
            stream.Position += skipped;
            return skipped;
        }

        public override int Read(Span<byte> destination) => stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);

        public override ReadOnlyMemory<byte> Read(int length, byte[] buffer) => buffer.AsMemory(0, Read(buffer.AsSpan(0, length)));
    }

    private sealed class MemoryInput(ReadOnlyMemory<byte> bytes) : ContainerInput
    {
        private readonly ReadOnlyMemory<byte> _all = bytes;
        private int _position;

        public override long? Length => _all.Length;

        public override bool NeedsBuffer => false;

        public override bool CanGoBack => true;

        public override ReadOnlyMemory<byte> ReadBack(long offset, int length, byte[] buffer) => _all.Slice((int)offset, length);

        public override int Read(Span<byte> destination)
        {
            ReadOnlyMemory<byte> read = Read(destination.Length, []);
            read.Span.CopyTo(destination);
            return read.Length;
        }

        public override ReadOnlyMemory<byte> Read(int length, byte[] buffer)
        {
            ReadOnlyMemory<byte> read = _all.Slice(_position, Math.Min(length, _all.Length - _position));
            _position += read.Length;
            return read;
        }
    }
}
