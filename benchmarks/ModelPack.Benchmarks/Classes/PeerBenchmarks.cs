using BenchmarkDotNet.Attributes;
using ModelPack.Comparison.Measuring;
using ModelPack.Comparison.Peers;

namespace ModelPack.Benchmarks.Classes;

/// <summary>What users would otherwise pick, on the same bytes. A class for each kind of bytes derives from it.</summary>
[Native]
public abstract class PeerBenchmarks : IDisposable
{
    private readonly ZstdPeer _zstd1 = new(1);
    private readonly ZstdPeer _zstd3 = new(3);
    private readonly Lz4Peer _lz4 = new();
    private readonly SnappyPeer _snappy = new();
    private readonly BrotliPeer _brotli = new(1);
    private readonly GZipPeer _gzip = new();
    private Workload _workload = null!;
    private IPeer? _packedBy;

    [Params(Direction.Pack, Direction.Unpack)]
    public Direction Direction { get; set; }

    [Benchmark(Baseline = true, Description = "memcpy")]
    public void CopyMemory() => _workload.CopyMemory();

    [Benchmark(Description = "zstd -1")]
    public void Zstd1() => Run(_zstd1);

    [Benchmark(Description = "zstd -3")]
    public void Zstd3() => Run(_zstd3);

    [Benchmark(Description = "LZ4 fast")]
    public void Lz4() => Run(_lz4);

    [Benchmark(Description = "Snappy")]
    public void RunSnappy() => Run(_snappy);

    [Benchmark(Description = "Brotli -1")]
    public void Brotli() => Run(_brotli);

    [Benchmark(Description = "GZip")]
    public void GZip() => Run(_gzip);

    [GlobalCleanup]
    public void Dispose()
    {
        _zstd1.Dispose();
        _zstd3.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sets the bytes; to be called before the first benchmark.</summary>
    private protected void Use(IReadOnlyList<byte[]> pieces, params IPeer[] own) =>
        _workload = new Workload(pieces, Workload.LeastLength, [.. own, _zstd1, _zstd3, _lz4, _snappy, _brotli, _gzip]);

    /// <summary>Runs one direction of a peer. Each benchmark has a process to itself, so its first warm-up packs what is unpacked.</summary>
    private protected void Run(IPeer peer)
    {
        if (Direction == Direction.Pack || _packedBy != peer)
        {
            _workload.Pack(peer);
            _packedBy = peer;
        }

        if (Direction == Direction.Unpack)
        {
            _workload.Unpack(peer);
        }
    }
}

/// <summary>What is measured of a peer.</summary>
public enum Direction
{
    Pack,
    Unpack,
}
