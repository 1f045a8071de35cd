using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline;

/// <summary>Restores the one file of a container into memory of exactly its length; blocks are decoded in place.</summary>
internal sealed class MemorySink(Memory<byte> target) : IUnpackSink
{
    private int _reserved;

    public void Begin(ContainerContent content) => StreamSink.RequireFile(content);

    public void BeginFile(FileStart start)
    {
    }

    public Memory<byte> Reserve(FileStart file, int length)
    {
        if (file.Length != (ulong)target.Length)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"the file has {file.Length} bytes, there is room for {target.Length}");
        }

        // The reader has checked that blocks restore no more than the file's length.
        Memory<byte> reserved = target.Slice(_reserved, length);
        _reserved += length;
        return reserved;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
    }

    public void EndFile(FileEnd end)
    {
        if (_reserved != target.Length)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"the file has {_reserved} bytes, there is room for {target.Length}");
        }
    }

    public void Commit(CancellationToken cancellationToken)
    {
    }

    public void Dispose()
    {
    }
}
