using System.IO.Hashing;

namespace ModelPack.Pipeline.Targets;

/// <summary>
/// Takes a container front to back. What an earlier process left of the same container is passed, not written again, as far as
/// it has the same bytes; from the first other byte on it is cut off.
/// </summary>
internal sealed class PackStream(PartStore store, PackJournal? journal) : Stream
{
    private int _writes;
    private long _reusable;
    private bool _hasCut;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => store.Position;

    public override long Position
    {
        get => store.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>Bytes of the container that an earlier process has left and that may be used.</summary>
    public long Reusable => Volatile.Read(ref _reusable);

    /// <summary>Looks for what an earlier process has left; comes before all writes.</summary>
    /// <param name="plan">What decides the packed bytes but the originals' values.</param>
    public void Begin(UInt128 plan)
    {
        if (journal is null)
        {
            return;
        }

        journal.Begin(plan);
        if (journal.Count == 0)
        {
            store.Cut();
        }

        Volatile.Write(ref _reusable, journal.Length);
    }

    /// <summary>The bytes that an earlier process has left of a write, as they were when it made it. May be called by any thread.</summary>
    /// <param name="write">Number of writes before it.</param>
    /// <param name="buffer">Receives them; grows as needed.</param>
    /// <param name="length">How many they are.</param>
    public bool TryReadEarlier(int write, ref byte[] buffer, out int length)
    {
        length = 0;
        if (Reusable == 0)
        {
            return false;
        }

        long offset;
        ulong hash;
        lock (store)
        {
            if (write >= journal!.Count)
            {
                return false;
            }

            (offset, length, hash) = journal[write];
        }

        if (offset + length > Reusable)
        {
            return false;
        }

        Buffers.Reserve(ref buffer, length);
        Span<byte> bytes = buffer.AsSpan(0, length);
        return store.TryRead(offset, bytes) && XxHash3.HashToUInt64(bytes) == hash;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (store.Position < Reusable)
        {
            if (_writes < journal!.Count && journal[_writes].Length == buffer.Length && store.TryPass(buffer))
            {
                _writes++;
                return;
            }

            Volatile.Write(ref _reusable, 0);
        }

        if (journal is null)
        {
            store.Write(buffer);
            return;
        }

        lock (store)
        {
            if (_writes < journal.Count)
            {
                journal.Cut(_writes);
            }
        }

        if (!_hasCut)
        {
            // Also what was written and not recorded any more.
            store.Cut();
            _hasCut = true;
        }

        store.Write(buffer);
        lock (store)
        {
            journal.Append(buffer);
        }

        _writes++;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
