namespace ModelPack.Pipeline.Hub;

/// <summary>
/// Hashes files on a thread of its own, so that the slowest part of packing, which must go in order, does not hold up the
/// rest. A bounded number of blocks waits; whoever adds one more waits, too.
/// </summary>
/// <remarks>Calls come from one thread at a time. Buffers go round: the one that is added is exchanged for one that was hashed.</remarks>
internal sealed class HashLine : IDisposable
{
    private readonly FileHashes _hashes = new();
    private readonly object _lock = new();
    private readonly (ReadOnlyMemory<byte> Bytes, byte[]? Buffer)[] _waiting;
    private readonly Stack<byte[]> _free = new();
    private readonly Thread? _thread;
    private long _added;
    private long _hashed;
    private bool _ended;

    /// <param name="length">Most blocks that wait; 0 hashes on the thread that adds them.</param>
    public HashLine(int length)
    {
        _waiting = new (ReadOnlyMemory<byte>, byte[]?)[length];
        if (length > 0)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "ModelPack hashes" };
            _thread.Start();
        }
    }

    /// <inheritdoc cref="FileHashes.Begin"/>
    public void Begin(bool sha256, bool gitBlobSha1, long length) => _hashes.Begin(sha256, gitBlobSha1, length);

    /// <summary>Adds the next bytes of the file.</summary>
    /// <param name="bytes">The bytes: at the start of the buffer, or in memory that does not change.</param>
    /// <param name="buffer">The buffer; exchanged for another, of any length, if the bytes lie in it.</param>
    public void Add(ReadOnlyMemory<byte> bytes, ref byte[] buffer)
    {
        if (_thread is null)
        {
            _hashes.Append(bytes.Span);
            return;
        }

        bool isInBuffer = bytes.Span.Overlaps(buffer);
        lock (_lock)
        {
            while (_added - _hashed == _waiting.Length)
            {
                Monitor.Wait(_lock);
            }

            _waiting[_added++ % _waiting.Length] = (bytes, isInBuffer ? buffer : null);
            if (isInBuffer)
            {
                buffer = _free.TryPop(out byte[]? free) ? free : [];
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Ends the file; waits until all of it is hashed.</summary>
    public (byte[] Sha256, byte[] GitBlobSha1) End()
    {
        lock (_lock)
        {
            while (_hashed < _added)
            {
                Monitor.Wait(_lock);
            }
        }

        return _hashes.End();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            Monitor.PulseAll(_lock);
        }

        _thread?.Join();
        _hashes.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            (ReadOnlyMemory<byte> bytes, byte[]? buffer) next;
            lock (_lock)
            {
                while (_hashed == _added && !_ended)
                {
                    Monitor.Wait(_lock);
                }

                if (_ended)
                {
                    return;
                }

                next = _waiting[_hashed % _waiting.Length];
            }

            _hashes.Append(next.bytes.Span);
            lock (_lock)
            {
                _hashed++;
                if (next.buffer is not null)
                {
                    _free.Push(next.buffer);
                }

                Monitor.PulseAll(_lock);
            }
        }
    }
}
