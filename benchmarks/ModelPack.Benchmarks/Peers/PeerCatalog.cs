using ModelPack.Comparison.Peers;

namespace ModelPack.Benchmarks.Peers;

/// <summary>A peer that is too slow to be run more than once.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="LongestFile">Larger files are left out.</param>
internal sealed record SlowPeer(IPeer Peer, long LongestFile);

/// <summary>What is compared, in the order of the tables.</summary>
internal static class PeerCatalog
{
    /// <summary>Name of the row with the memory copy.</summary>
    public const string MemoryCopy = "memcpy";

    /// <summary>Files above this size take Brotli 11 minutes: it packs about 0.5 MB/s.</summary>
    private const long LongestForBrotli11 = 16_000_000;

    /// <summary>Peers that are run several times.</summary>
    public static IReadOnlyList<IPeer> Fast(string fileName) =>
    [
        .. Enum.GetValues<PackLevel>().Select(level => new ModelPackPeer(level, fileName)),
        new ZstdPeer(1),
        new ZstdPeer(3),
        new Lz4Peer(),
        new SnappyPeer(),
        new BrotliPeer(1),
        new GZipPeer(),
    ];

    /// <summary>Peers that are run once, and only if asked for.</summary>
    public static IReadOnlyList<SlowPeer> Slow() =>
    [
        new(new ZstdPeer(19), long.MaxValue),
        new(new BrotliPeer(9), long.MaxValue),
        new(new BrotliPeer(11), LongestForBrotli11),
    ];

    /// <summary>Programs that are run if installed.</summary>
    public static IReadOnlyList<CommandLinePeer> FastPrograms { get; } =
        [new("zstd", ["-3", "--single-thread", "--no-progress", "-q", "-c"], "zstd -3 (program)")];

    /// <summary>Programs that are run if installed and asked for.</summary>
    public static IReadOnlyList<CommandLinePeer> SlowPrograms { get; } =
        [new("xz", ["-6", "-T1", "-q", "-k", "-c"], "xz -6 (program)")];
}
