using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline;

/// <summary>Where restored bytes go. Called by one thread at a time, in order.</summary>
internal interface IUnpackSink : IDisposable
{
    /// <summary>Called once, first.</summary>
    void Begin(ContainerContent content);

    void BeginFile(FileStart start);

    /// <summary>A folder or a link; comes when no file is begun.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="isSelected">False for a folder that need not be there, but may be for what is in it.</param>
    void AddEntry(FileStart entry, bool isSelected)
    {
    }

    /// <summary>
    /// Room inside the sink for the next bytes of a file, or nothing when it has none: they are then restored elsewhere and
    /// handed to <see cref="Write"/>. Called in order too, but ahead of the other calls and by another thread.
    /// </summary>
    Memory<byte> Reserve(FileStart file, int length) => default;

    /// <summary>The next bytes of the file begun last, all of a block; they lie where <see cref="Reserve"/> said, if it did.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    void EndFile(FileEnd end);

    /// <summary>Called last, and only when all was sound: makes the result visible.</summary>
    void Commit(CancellationToken cancellationToken);
}
