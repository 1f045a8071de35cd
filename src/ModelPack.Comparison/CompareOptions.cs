namespace ModelPack.Comparison;

/// <summary>What to measure.</summary>
internal sealed record CompareOptions
{
    /// <summary>Levels to pack at; the default level is always among them.</summary>
    public IReadOnlyList<PackLevel> Levels { get; init; } = [PackLevel.Default, PackLevel.Fast, PackLevel.Max];

    /// <summary>Pack with each coder by itself, too.</summary>
    public bool WithCoders { get; init; } = true;

    /// <summary>Run other compressors, too.</summary>
    public bool WithPeers { get; init; } = true;

    /// <summary>Most bytes that other compressors are run on.</summary>
    public int PeerBytes { get; init; } = 8_000_000;

    /// <summary>Rounds of which speeds are the median.</summary>
    public int PeerRounds { get; init; } = 3;

    /// <summary>Worker threads; 0 means one for each processor.</summary>
    public int Threads { get; init; }

    /// <summary>Where samples start.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Most bytes that an estimate reads; 0 leaves it to the size of the model.</summary>
    public long SampleBytes { get; init; }
}
