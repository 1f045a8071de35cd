using ModelPack.Comparison.Peers;

namespace ModelPack.Comparison.Measuring;

/// <summary>A compressor that is compared with.</summary>
/// <param name="Peer">The compressor.</param>
/// <param name="IsSlow">Whether it is run only once, on the bytes as they are: it packs a few megabytes a second.</param>
internal sealed record Compressor(IPeer Peer, bool IsSlow = false);

/// <summary>What people would otherwise use.</summary>
internal static class Compressors
{
    /// <summary>All of them, for a sample of that name.</summary>
    public static IReadOnlyList<Compressor> All() =>
    [
        new(new GZipPeer()),
        new(new BrotliPeer(1)),
        new(new BrotliPeer(6)),
        new(new ZstdPeer(1)),
        new(new ZstdPeer(3)),
        new(new ZstdPeer(19), IsSlow: true),
        new(new Lz4Peer()),
        new(new SnappyPeer()),
    ];

    /// <summary>ModelPack itself at some levels; it needs a whole model file.</summary>
    public static IEnumerable<Compressor> OfLevels(IEnumerable<PackLevel> levels, string fileName) =>
        levels.Order().Select(level => new Compressor(new ModelPackPeer(level, fileName)));
}
