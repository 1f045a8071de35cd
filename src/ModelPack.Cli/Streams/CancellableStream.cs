namespace ModelPack.Cli.Streams;

/// <summary>
/// A pipe whose reads and writes end when the token is cancelled, even while the other side is silent. The call that
/// hangs is left behind with a buffer of its own; the process is about to end.
/// </summary>
internal sealed class CancellableStream(Stream inner, string name, CancellationToken cancellationToken) : Stream
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(1 << 18);

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int wanted = Math.Min(buffer.Length, _buffer.Length);
        int read = Wait(Task.Run(() => inner.Read(_buffer, 0, wanted), CancellationToken.None));
        _buffer.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(buffer.Length, _buffer.Length);
            buffer[..count].CopyTo(_buffer);
            Wait(Task.Run(
                () =>
                {
                    inner.Write(_buffer, 0, count);
                    return count;
                },
                CancellationToken.None));
            buffer = buffer[count..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && inner is FileStream { CanSeek: true } file)
        {
            // Writing was positional; asking for the handle moves the descriptor that a shell shares with what follows.
            _ = file.SafeFileHandle;
        }

        base.Dispose(disposing);
    }

    private int Wait(Task<int> call)
    {
        try
        {
            return call.WaitAsync(cancellationToken).GetAwaiter().GetResult();
        }
        catch (IOException exception)
        {
            throw new IOException($"{name}: {exception.Message}", exception.HResult);
        }
    }
}
