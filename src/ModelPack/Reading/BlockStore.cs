using ModelPack.Container;
using ModelPack.Pipeline;
using ModelPack.Pipeline.Bases;

namespace ModelPack.Reading;

/// <summary>
/// The blocks of a container, restored when they are asked for. Those that are read in parts are kept: while somebody reads
/// them, and after that as many as there is room for, the ones used last. Safe to use from several threads at once.
/// </summary>
internal sealed class BlockStore
{
    /// <summary>Blocks that no longer hold anything, kept for their buffers.</summary>
    private const int MostSpare = 2;

    private readonly object _lock = new();
    private readonly WorkerPool<BlockLoader> _loaders;
    private readonly long _room;
    private readonly Dictionary<(IndexedFile File, int Block), KeptBlock> _blocks = [];
    private readonly LinkedList<KeptBlock> _idle = new();
    private readonly Stack<KeptBlock> _spare = new();
    private long _idleLength;
    private long _restoredBlocks;

    /// <param name="container">The container; must outlive the store.</param>
    /// <param name="bases">The base that the container needs, if it needs one and it is known.</param>
    /// <param name="room">Bytes of restored blocks to keep that nobody reads.</param>
    public BlockStore(ContainerFile container, BaseFiles? bases, long room)
    {
        _loaders = new WorkerPool<BlockLoader>(() => new BlockLoader(container, bases));
        _room = room;
        Container = container;
    }

    public ContainerFile Container { get; }

    /// <summary>How many blocks were restored so far.</summary>
    public long RestoredBlocks => Interlocked.Read(ref _restoredBlocks);

    /// <summary>Restores a whole block where the caller wants it; keeps nothing.</summary>
    /// <exception cref="ModelPackException">The block is damaged, or a difference to a base that was not named.</exception>
    public void Load(IndexedFile file, int block, Span<byte> destination)
    {
        BlockLoader loader = _loaders.Rent();
        try
        {
            loader.Load(file, block, destination);
            Interlocked.Increment(ref _restoredBlocks);
        }
        finally
        {
            _loaders.Return(loader);
        }
    }

    /// <summary>Takes a block to read it, restored by this or an earlier call; to be given back by <see cref="Return"/>.</summary>
    /// <exception cref="ModelPackException">The block is damaged, or a difference to a base that was not named.</exception>
    public KeptBlock Take(IndexedFile file, int block)
    {
        KeptBlock? taken;
        lock (_lock)
        {
            if (!_blocks.TryGetValue((file, block), out taken))
            {
                taken = _spare.TryPop(out KeptBlock? spare) ? spare : new KeptBlock();
                taken.Assign((file, block));
                _blocks.Add(taken.Key, taken);
            }
            else if (taken.Users == 0)
            {
                _idle.Remove(taken.Node);
                _idleLength -= taken.Capacity;
            }

            taken.Users++;
        }

        // Whoever takes it while it is being restored waits here.
        lock (taken)
        {
            if (!taken.IsRestored)
            {
                Restore(taken);
            }
        }

        return taken;
    }

    /// <summary>Gives back a block that was taken.</summary>
    public void Return(KeptBlock block)
    {
        lock (_lock)
        {
            if (--block.Users > 0)
            {
                return;
            }

            if (!block.IsRestored)
            {
                Forget(block);
                return;
            }

            _idle.AddLast(block.Node);
            _idleLength += block.Capacity;
            while (_idleLength > _room)
            {
                KeptBlock oldest = _idle.First!.Value;
                _idle.RemoveFirst();
                _idleLength -= oldest.Capacity;
                Forget(oldest);
            }
        }
    }

    private void Restore(KeptBlock block)
    {
        BlockLoader loader = _loaders.Rent();
        try
        {
            block.Restore(loader);
            Interlocked.Increment(ref _restoredBlocks);
        }
        catch (ModelPackException exception)
        {
            Return(block);
            throw Container.Place(exception, 0);
        }
        catch
        {
            Return(block);
            throw;
        }
        finally
        {
            _loaders.Return(loader);
        }
    }

    private void Forget(KeptBlock block)
    {
        _blocks.Remove(block.Key);
        if (_spare.Count < MostSpare)
        {
            _spare.Push(block);
        }
    }
}
