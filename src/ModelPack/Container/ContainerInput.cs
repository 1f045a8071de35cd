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

    /// <summary>False where <see cref="Read(int, byte[])"/> needs no buffer.</summary>
    public abstract bool NeedsBuffer { get; }

    public static ContainerInput From(Stream stream) => new StreamInput(stream);

    public static ContainerInput From(ReadOnlyMemory<byte> bytes) => new MemoryInput(bytes);

    private sealed class StreamInput(Stream stream) : ContainerInput
    {
        public override bool NeedsBuffer => true;

        public override int Read(Span<byte> destination) => stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);

        public override ReadOnlyMemory<byte> Read(int length, byte[] buffer) => buffer.AsMemory(0, Read(buffer.AsSpan(0, length)));
    }

    private sealed class MemoryInput(ReadOnlyMemory<byte> bytes) : ContainerInput
    {
        private ReadOnlyMemory<byte> _rest = bytes;

        public override bool NeedsBuffer => false;

        public override int Read(Span<byte> destination)
        {
            ReadOnlyMemory<byte> read = Read(destination.Length, []);
            read.Span.CopyTo(destination);
            return read.Length;
        }

        public override ReadOnlyMemory<byte> Read(int length, byte[] buffer)
        {
            ReadOnlyMemory<byte> read = _rest[..Math.Min(length, _rest.Length)];
            _rest = _rest[read.Length..];
            return read;
        }
    }
}
