using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>A new file that is written front to back.</summary>
internal sealed class WrittenFile : Stream
{
    private long _length;

    /// <exception cref="IOException">There is something at that path already, or it cannot be created.</exception>
    public WrittenFile(string path)
    {
        Name = path;
        Handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    public string Name { get; }

    public SafeFileHandle Handle { get; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Writes to any file at a place.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="bytes">What to write.</param>
    /// <param name="offset">Where.</param>
    /// <param name="name">What to call it in messages; null names nothing.</param>
    /// <exception cref="IOException">It cannot be written, or not be that long.</exception>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string? name = null)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            // So the runtime tells of a file that is longer than its file system or a limit of the process allows: EFBIG.
            const string Reason = "The file is longer than its file system or a limit of the process allows";
            throw new IOException(name is null ? Reason : $"{Reason} : '{name}'", exception);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Write(Handle, buffer, _length, Name);
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Waits until the file is on the device.</summary>
    /// <exception cref="IOException">It is not there: what was written is lost.</exception>
    public void FlushToDevice() => DeviceFlush.Run(Handle, Name);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Handle.Dispose();
        }

        base.Dispose(disposing);
    }
}
