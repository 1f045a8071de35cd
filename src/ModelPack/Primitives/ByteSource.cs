using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>Bytes of known length that can be read at any offset, from several threads at once.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>The file's path or another name a user recognises.</summary>
    public abstract string Name { get; }

    /// <summary>Length in bytes when the source was opened.</summary>
    public abstract long Length { get; }

    /// <summary>Length in bytes now; differs from <see cref="Length"/> when the source was changed.</summary>
    public virtual long CurrentLength => Length;

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>.</summary>
    /// <exception cref="EndOfStreamException">The source ends before that, for example because it was cut since it was opened.</exception>
    public abstract void ReadExactly(long offset, Span<byte> destination);

    /// <summary>Bytes that are in memory already, without a copy; false where <see cref="ReadExactly"/> must fetch them.</summary>
    public virtual bool TryGet(long offset, int length, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <summary>The file that holds the byte at an offset, and where in it: another than <see cref="Name"/> for a source of several files.</summary>
    public virtual (string Name, long Offset) Locate(long offset) => (Name, offset);

    /// <summary>The offset, or the next behind it, at which there is a byte to read; <see cref="Length"/> when there is none.</summary>
    public virtual long NextReadable(long offset) => offset;

    /// <summary>The offset behind the last byte that can be read without a gap from a readable one on.</summary>
    public virtual long ReadableEnd(long offset) => Length;

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Opens a file for shared reading.</summary>
    /// <param name="path">The path.</param>
    /// <param name="name">What to call it in messages, if not by its path.</param>
    /// <param name="followLink">False refuses a link at the path.</param>
    /// <exception cref="ModelPackException">There is something else than a regular file at that path.</exception>
    public static ByteSource OpenFile(string path, string? name = null, bool followLink = true) =>
        new FileSource(RegularFile.Open(path, followLink), name ?? path, ownsHandle: true);

    /// <summary>Reads through an open handle.</summary>
    public static ByteSource FromHandle(SafeFileHandle handle, string name, bool ownsHandle) => new FileSource(handle, name, ownsHandle);

    /// <summary>Wraps bytes in memory.</summary>
    public static ByteSource FromMemory(ReadOnlyMemory<byte> bytes, string name) => new MemorySource(bytes, name);

    /// <summary>Reads a stream that can seek, from where it stands to its end.</summary>
    /// <param name="stream">Not to be used elsewhere meanwhile.</param>
    /// <param name="leaveOpen">Whether to leave it open when the source is disposed.</param>
    public static ByteSource FromStream(Stream stream, bool leaveOpen) => new StreamSource(stream, leaveOpen);

    /// <summary>Reads what one call gives; 0 at the end. Trouble is told with the file's name, which a handle does not know, and its place.</summary>
    protected static int Read(SafeFileHandle handle, Span<byte> destination, long offset, string name)
    {
        try
        {
            return RandomAccess.Read(handle, destination, offset);
        }
        catch (IOException exception)
        {
            throw new IOException($"{name}: at offset {offset}: {exception.Message}", exception.HResult);
        }
    }

    private sealed class FileSource : ByteSource
    {
        private readonly SafeFileHandle _handle;
        private readonly bool _ownsHandle;

        public FileSource(SafeFileHandle handle, string name, bool ownsHandle)
        {
            _handle = handle;
            _ownsHandle = ownsHandle;
            Name = name;
            Length = RandomAccess.GetLength(_handle);
        }

        public override string Name { get; }

        public override long Length { get; }

        public override long CurrentLength => RandomAccess.GetLength(_handle);

        public override void ReadExactly(long offset, Span<byte> destination)
        {
            while (!destination.IsEmpty)
            {
                int read = Read(_handle, destination, offset, Name);
                if (read == 0)
                {
                    throw new EndOfStreamException($"{Name}: ends at offset {offset}, but {Length} bytes were there when it was opened");
                }

                offset += read;
                destination = destination[read..];
            }
        }

        public override void Dispose()
        {
            if (_ownsHandle)
            {
                _handle.Dispose();
            }

            base.Dispose();
        }
    }

    private sealed class MemorySource(ReadOnlyMemory<byte> bytes, string name) : ByteSource
    {
        public override string Name => name;

        public override long Length => bytes.Length;

        public override bool TryGet(long offset, int length, out ReadOnlyMemory<byte> inMemory)
        {
            inMemory = bytes.Slice((int)offset, length);
            return true;
        }

        public override void ReadExactly(long offset, Span<byte> destination)
        {
            if (offset < 0 || offset > bytes.Length - destination.Length)
            {
                throw new EndOfStreamException($"{Name}: has {bytes.Length} bytes, {destination.Length} were asked for at offset {offset}");
            }

            bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
        }
    }

    private sealed class StreamSource(Stream stream, bool leaveOpen) : ByteSource
    {
        private readonly object _lock = new();
        private readonly long _start = stream.Position;

        public override string Name { get; } = stream is FileStream file ? file.Name : "(stream)";

        public override long Length { get; } = Math.Max(stream.Length - stream.Position, 0);

        public override long CurrentLength
        {
            get
            {
                lock (_lock)
                {
                    return Math.Max(stream.Length - _start, 0);
                }
            }
        }

        public override void ReadExactly(long offset, Span<byte> destination)
        {
            lock (_lock)
            {
                stream.Position = _start + offset;
                stream.ReadExactly(destination);
            }
        }

        public override void Dispose()
        {
            if (!leaveOpen)
            {
                stream.Dispose();
            }

            base.Dispose();
        }
    }
}
