using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline;

/// <summary>Writes the one file of a container to a stream.</summary>
internal sealed class StreamSink(Stream target) : IUnpackSink
{
    public void Begin(ContainerContent content) => RequireFile(content);

    /// <exception cref="ModelPackException">The container holds a folder.</exception>
    public static void RequireFile(ContainerContent content)
    {
        if (content != ContainerContent.File)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "the container holds a folder, which cannot be restored to a stream");
        }
    }

    public void BeginFile(FileStart start)
    {
    }

    public void Write(ReadOnlySpan<byte> bytes) => target.Write(bytes);

    public void EndFile(FileEnd end)
    {
    }

    public void Commit(CancellationToken cancellationToken) => target.Flush();

    public void Dispose()
    {
    }
}
