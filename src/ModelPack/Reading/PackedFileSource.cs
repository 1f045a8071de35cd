using ModelPack.Container;
using ModelPack.Primitives;

namespace ModelPack.Reading;

/// <summary>A packed file, read at any offset as if it were restored. The container must outlive it.</summary>
internal sealed class PackedFileSource(BlockStore blocks, IndexedFile file) : ByteSource
{
    // The threads are those that read: packing and unpacking have their own.
    private readonly RangeReader _reader = new(blocks, threads: 1);

    public override string Name { get; } = file.Path.Length == 0 ? blocks.Container.Name : $"{blocks.Container.Name}: {file.Path}";

    public override long Length => file.Length;

    public override void ReadExactly(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > file.Length - destination.Length)
        {
            throw new EndOfStreamException($"{Name}: has {file.Length} bytes, {destination.Length} were asked for at offset {offset}");
        }

        _reader.Read(file, offset, destination, CancellationToken.None);
    }
}
