using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline;

/// <summary>Where restored bytes go. Called by one thread at a time, in order.</summary>
internal interface IUnpackSink : IDisposable
{
    /// <summary>Called once, first.</summary>
    void Begin(ContainerContent content);

    void BeginFile(FileStart start);

    /// <summary>The next bytes of the file begun last.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    void EndFile(FileEnd end);

    /// <summary>Called last, and only when all was sound: makes the result visible.</summary>
    void Commit(CancellationToken cancellationToken);
}
