using ModelPack.Container;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Bases;

/// <summary>A packed file, read at any offset as if it were restored. The container must outlive it.</summary>
internal sealed class PackedFileSource(ContainerFile container, IndexedFile file) : ByteSource
{
    private readonly WorkerPool<BlockReader> _readers = new(() => new BlockReader(container, file, bases: null));

    public override string Name { get; } = file.Path.Length == 0 ? container.Name : $"{container.Name}: {file.Path}";

    public override long Length => file.Length;

    public override void ReadExactly(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > file.Length - destination.Length)
        {
            throw new EndOfStreamException($"{Name}: has {file.Length} bytes, {destination.Length} were asked for at offset {offset}");
        }

        BlockReader reader = _readers.Rent();
        long end = offset + destination.Length;
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> part = reader.Read(end - destination.Length, end);
            part.CopyTo(destination);
            destination = destination[part.Length..];
        }

        _readers.Return(reader);
    }
}
