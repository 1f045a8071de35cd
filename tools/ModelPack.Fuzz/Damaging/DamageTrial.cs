using System.Diagnostics;

namespace ModelPack.Fuzz.Damaging;

/// <summary>Restores damaged forms of one container, in this process.</summary>
internal sealed class DamageTrial : IDisposable
{
    private readonly DamageSubject _subject;
    private readonly DamagedPlace _place;
    private readonly ulong _restored;

    /// <param name="subject">A sound container.</param>
    /// <exception cref="ModelPackException">It is not sound.</exception>
    public DamageTrial(DamageSubject subject)
    {
        _subject = subject;
        _place = new DamagedPlace(subject);
        _restored = _place.Stream();
    }

    public DamageTally Total { get; } = new();

    /// <summary>The same by kind of damage.</summary>
    public SortedDictionary<string, DamageTally> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>The first refusal that does not say where.</summary>
    public string? FirstWithoutPlace { get; private set; }

    /// <summary>The first damage that went unnoticed, and the file that has it.</summary>
    public (DamagedContainer Damaged, int File)? FirstUnnoticed { get; private set; }

    public TimeSpan Slowest { get; private set; }

    public long MostAllocatedBytes { get; private set; }

    /// <summary>Damages one file after another.</summary>
    /// <param name="other">Another container, for splices and exchanged parts.</param>
    /// <param name="countOfEachKind">How often each kind of damage is tried on each file.</param>
    /// <param name="seed">Start of the random numbers.</param>
    public void Run(DamageSubject other, int countOfEachKind, int seed)
    {
        for (int file = 0; file < _subject.Files.Count; file++)
        {
            foreach (DamagedContainer damaged in Damages(_subject, other, file, seed).All(countOfEachKind))
            {
                Try(file, damaged);
            }

            for (int swapped = file + 1; swapped < _subject.Files.Count; swapped++)
            {
                _place.Put(swapped, _subject.Files[file]);
                Try(file, new DamagedContainer("exchanged parts", _subject.Files[swapped], false));
                _place.Put(swapped, _subject.Files[swapped]);
            }
        }
    }

    /// <summary>The damages of one file of a container.</summary>
    public static Damage Damages(DamageSubject subject, DamageSubject other, int file, int seed) =>
        new(subject.Files[file], other.Files[Math.Min(file, other.Files.Count - 1)], isWhole: !subject.IsInParts, seed + file);

    public void Dispose() => _place.Dispose();

    private void Try(int file, DamagedContainer damaged)
    {
        _place.Put(file, damaged.Bytes);
        long allocated = GC.GetTotalAllocatedBytes();
        long start = Stopwatch.GetTimestamp();
        DamageOutcome outcome = Streamed(damaged.ChecksRemade);
        outcome = OpensTrue() ? outcome : DamageOutcome.Unnoticed;
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        _place.Put(file, _subject.Files[file]);

        Total.Count(outcome);
        if (!Kinds.TryGetValue(damaged.Kind, out DamageTally? kind))
        {
            Kinds.Add(damaged.Kind, kind = new DamageTally());
        }

        kind.Count(outcome);
        Slowest = taken > Slowest ? taken : Slowest;
        MostAllocatedBytes = Math.Max(MostAllocatedBytes, allocated);
        if (outcome == DamageOutcome.Unnoticed)
        {
            FirstUnnoticed ??= (damaged, file);
        }
    }

    /// <summary>Front to back, as unpack and verify read: any change must be refused, but for one that its checks were adapted to and that restores the same.</summary>
    private DamageOutcome Streamed(bool checksRemade)
    {
        try
        {
            return _place.Stream() == _restored && checksRemade ? DamageOutcome.Harmless : DamageOutcome.Unnoticed;
        }
        catch (ModelPackException refusal)
        {
            // Another base than the one that is there has no place in the container.
            if (refusal is { FileName: not null, Offset: not null } or { FileName: not null, Error: ModelPackError.InvalidRequest })
            {
                return DamageOutcome.Refused;
            }

            FirstWithoutPlace ??= refusal.Message;
            return DamageOutcome.RefusedWithoutPlace;
        }
    }

    /// <summary>At the index, as readers of parts do: they see less of the container, but what they restore must be right.</summary>
    private bool OpensTrue()
    {
        try
        {
            return _place.Open() == _restored;
        }
        catch (ModelPackException)
        {
            return true;
        }
    }
}
