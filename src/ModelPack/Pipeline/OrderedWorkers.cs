using System.Runtime.ExceptionServices;

namespace ModelPack.Pipeline;

/// <summary>
/// A bounded pipeline over one set of threads: items are produced one at a time in order, worked on in parallel, and
/// consumed one at a time in the order they were produced. The calling thread works along.
/// </summary>
/// <remarks>
/// Each item is one of a fixed number of slots, so memory is bounded by slots and not by the amount of work. There are no
/// threads for reading or writing alone: whichever worker is free does what is next, so that all processors stay busy.
/// </remarks>
/// <typeparam name="TSlot">An item with its buffers; reused.</typeparam>
internal abstract class OrderedWorkers<TSlot>
    where TSlot : class
{
    private enum SlotState
    {
        Free,
        Taken,
        Done,
    }

    private readonly object _lock = new();
    private TSlot[] _slots = [];
    private SlotState[] _states = [];
    private long _produced;
    private long _consumed;
    private bool _producing;
    private bool _consuming;
    private bool _ended;
    private int _waiting;
    private Exception? _failure;

    /// <summary>Makes a slot; called once for each slot before work starts.</summary>
    protected abstract TSlot CreateSlot();

    /// <summary>Fills the slot with the next item; false when there is none. Never called by two threads at once.</summary>
    protected abstract bool Produce(TSlot slot);

    /// <summary>The parallel part.</summary>
    protected abstract void Work(TSlot slot);

    /// <summary>Takes the finished item, in order. Never called by two threads at once.</summary>
    protected abstract void Consume(TSlot slot);

    /// <summary>Runs to the end on this many threads, the caller's included; rethrows the first failure once all have stopped.</summary>
    protected void Run(int threads, CancellationToken cancellationToken)
    {
        // Two slots a thread: one in work, one finished and waiting for its turn.
        _slots = new TSlot[threads == 1 ? 1 : 2 * threads];
        _states = new SlotState[_slots.Length];
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i] = CreateSlot();
        }

        using (cancellationToken.Register(WakeAll))
        {
            List<Thread> helpers = StartHelpers(threads - 1, cancellationToken);
            WorkLoop(cancellationToken);
            helpers.ForEach(static helper => helper.Join());
        }

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>Starts as many threads as the system gives: the work needs none but the caller's.</summary>
    private List<Thread> StartHelpers(int count, CancellationToken cancellationToken)
    {
        var helpers = new List<Thread>(count);
        try
        {
            while (helpers.Count < count)
            {
                var helper = new Thread(() => WorkLoop(cancellationToken)) { IsBackground = true, Name = $"ModelPack worker {helpers.Count + 1}" };
                helper.Start();
                helpers.Add(helper);
            }
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // No more threads, or no memory for one.
        }

        return helpers;
    }

    /// <summary>The number of threads for an option where 0 means one for each processor.</summary>
    public static int ThreadCount(int requested)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(requested);
        return requested == 0 ? Environment.ProcessorCount : Math.Min(requested, 1024);
    }

    private void WorkLoop(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                switch (NextTask(cancellationToken, out int index))
                {
                    case WorkerTask.Stop:
                        return;
                    case WorkerTask.Consume:
                        Consume(_slots[index]);
                        FinishConsuming(index);
                        break;
                    case WorkerTask.Produce:
                        bool any = Produce(_slots[index]);
                        FinishProducing(index, any);
                        if (any)
                        {
                            Work(_slots[index]);
                            FinishWork(index);
                        }

                        break;
                }
            }
        }
#pragma warning disable CA1031 // The failure is rethrown by Run on the calling thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // Nothing is allocated here: the failure may be that there is no memory.
            lock (_lock)
            {
                _failure ??= exception;
                Monitor.PulseAll(_lock);
            }
        }
    }

    private enum WorkerTask
    {
        Produce,
        Consume,
        Stop,
        Wait,
    }

    /// <summary>Waits until there is something to do. Consuming goes first: it frees slots.</summary>
    private WorkerTask NextTask(CancellationToken cancellationToken, out int index)
    {
        lock (_lock)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                WorkerTask task = Available(out index);
                switch (task)
                {
                    case WorkerTask.Consume:
                        _consuming = true;
                        return task;
                    case WorkerTask.Produce:
                        _producing = true;
                        _states[index] = SlotState.Taken;
                        return task;
                    case WorkerTask.Stop:
                        return task;
                }

                _waiting++;
                try
                {
                    Monitor.Wait(_lock);
                }
                finally
                {
                    _waiting--;
                }
            }
        }
    }

    private WorkerTask Available(out int index)
    {
        index = (int)(_consumed % _slots.Length);
        if (_failure is not null || (_ended && _consumed == _produced))
        {
            return WorkerTask.Stop;
        }

        if (!_consuming && _states[index] == SlotState.Done)
        {
            return WorkerTask.Consume;
        }

        index = (int)(_produced % _slots.Length);
        return !_producing && !_ended && _states[index] == SlotState.Free ? WorkerTask.Produce : WorkerTask.Wait;
    }

    /// <summary>
    /// Wakes who waits, where there is something to do. Whoever finishes asks for its next task right away, so a second task is
    /// needed for a second thread; but to wake one too many costs little, and to wake none would cost a processor.
    /// </summary>
    private void Wake()
    {
        if (_waiting > 0 && Available(out _) != WorkerTask.Wait)
        {
            Monitor.PulseAll(_lock);
        }
    }

    private void FinishProducing(int index, bool any)
    {
        lock (_lock)
        {
            _producing = false;
            if (any)
            {
                _produced++;
            }
            else
            {
                _ended = true;
                _states[index] = SlotState.Free;
            }

            Wake();
        }
    }

    private void FinishWork(int index)
    {
        lock (_lock)
        {
            _states[index] = SlotState.Done;
            Wake();
        }
    }

    private void FinishConsuming(int index)
    {
        lock (_lock)
        {
            _consumed++;
            _consuming = false;
            _states[index] = SlotState.Free;
            Wake();
        }
    }

    private void WakeAll()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }
}
