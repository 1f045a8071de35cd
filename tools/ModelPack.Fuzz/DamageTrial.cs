using System.Diagnostics;

namespace ModelPack.Fuzz;

/// <summary>What became of all damaged forms of one container.</summary>
internal sealed class DamageTrial
{
    private readonly byte[] _container;
    private readonly ulong _restored;

    /// <param name="container">A sound container.</param>
    /// <exception cref="ModelPackException">It is not sound.</exception>
    public DamageTrial(byte[] container)
    {
        _container = container;
        _restored = RestoredFiles.Stream(container);
    }

    public long Tried { get; private set; }

    /// <summary>Damaged containers that were taken for sound: there may be none.</summary>
    public long Unnoticed { get; private set; }

    /// <summary>Refusals that do not say at which offset of the file.</summary>
    public long WithoutOffset { get; private set; }

    /// <summary>The first of these refusals.</summary>
    public string? FirstWithoutOffset { get; private set; }

    public TimeSpan Slowest { get; private set; }

    public long MostAllocatedBytes { get; private set; }

    /// <summary>The first damage that went unnoticed.</summary>
    public DamagedContainer? FirstUnnoticed { get; private set; }

    public void Run(byte[] other, int countOfEachKind, int seed)
    {
        foreach (DamagedContainer damaged in new Damage(_container, other, seed).All(countOfEachKind))
        {
            long allocated = GC.GetTotalAllocatedBytes();
            long start = Stopwatch.GetTimestamp();
            bool silent = !IsRefused(damaged.Bytes, damaged.ChecksRemade) | !OpensTrue(damaged.Bytes);
            TimeSpan taken = Stopwatch.GetElapsedTime(start);
            allocated = GC.GetTotalAllocatedBytes() - allocated;
            Tried++;
            Slowest = taken > Slowest ? taken : Slowest;
            MostAllocatedBytes = Math.Max(MostAllocatedBytes, allocated);
            if (silent)
            {
                Unnoticed++;
                FirstUnnoticed ??= damaged;
            }
        }
    }

    /// <summary>Front to back, as unpack and verify read: any change must be refused, but for one that its checks were adapted to and that restores the same.</summary>
    private bool IsRefused(byte[] damaged, bool checksRemade)
    {
        try
        {
            return RestoredFiles.Stream(damaged) == _restored && checksRemade;
        }
        catch (ModelPackException refusal)
        {
            // Another base than the one that is there has no place in the container.
            if (refusal is not { FileName: not null, Offset: not null } and not { FileName: not null, Error: ModelPackError.InvalidRequest })
            {
                WithoutOffset++;
                FirstWithoutOffset ??= refusal.Message;
            }

            return true;
        }
    }

    /// <summary>At the index, as readers of parts do: they see less of the container, but what they restore must be right.</summary>
    private bool OpensTrue(byte[] damaged)
    {
        try
        {
            return RestoredFiles.Open(damaged) == _restored;
        }
        catch (ModelPackException)
        {
            return true;
        }
    }
}
