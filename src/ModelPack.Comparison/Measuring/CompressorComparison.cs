using System.Diagnostics;
using ModelPack.Comparison.Peers;
using ModelPack.Comparison.Reporting;
using ModelPack.Pipeline;

namespace ModelPack.Comparison.Measuring;

/// <summary>Runs compressors in turns on the same bytes, so that what disturbs the machine meets them all.</summary>
internal sealed class CompressorComparison
{
    /// <summary>The bytes are there several times where they are fewer, so that no second-level cache holds them.</summary>
    private const int LeastLength = 1 << 23;

    private const string Whole = "whole";
    private const string Planes = "planes";

    private readonly List<CompressorRun> _runs = [];
    private readonly PeerTimes _copies;
    private readonly Workload _copy;

    private CompressorComparison(SampleModel sample, CompareOptions options)
    {
        List<byte[]> planes = sample.SplitPlanes();
        Compressor[] own = [.. Compressors.OfLevels([PackLevel.Default, .. options.Levels], sample.Name).DistinctBy(static entry => entry.Peer.Name)];
        Add(own, [sample.Bytes], Whole);
        Add(Compressors.All(), [sample.Bytes], Whole);
        Add(Compressors.All(), planes, Planes);
        _copy = _runs[0].Workload;
        _copies = new PeerTimes(_copy.Length);
    }

    /// <summary>Measures until all is measured or <paramref name="cancellationToken"/> says to stop; null when nothing was.</summary>
    public static CompressorsReport? Run(
        IReadOnlyList<SurveyedFile> files, CompareOptions options, StagedProgress progress, CancellationToken cancellationToken)
    {
        if (SampleModel.Take(files, options.PeerBytes) is not { } sample)
        {
            return null;
        }

        var comparison = new CompressorComparison(sample, options);
        try
        {
            comparison.Measure(options.PeerRounds, progress, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was measured is reported.
        }

        CompressorRun[] done = [.. comparison._runs.Where(static run => run.IsMeasured)];
        foreach (IDisposable peer in comparison._runs.Select(static run => run.Peer).OfType<IDisposable>())
        {
            peer.Dispose();
        }

        return done.Length == 0 ? null : new CompressorsReport(
            sample.Bytes.Length,
            sample.IsWhole,
            options.PeerRounds,
            comparison._copies.GigabytesPerSecond,
            [.. done.Select(run => run.Report(sample.Bytes.Length, comparison._copies))]);
    }

    private void Add(IReadOnlyList<Compressor> compressors, IReadOnlyList<byte[]> pieces, string input)
    {
        IPeer[] fast = [.. compressors.Where(static compressor => !compressor.IsSlow).Select(static compressor => compressor.Peer)];
        var shared = new Workload(pieces, LeastLength, fast);
        foreach (Compressor compressor in compressors)
        {
            Workload workload = compressor.IsSlow ? new Workload(pieces, 0, [compressor.Peer]) : shared;
            _runs.Add(new CompressorRun(compressor.Peer, input, compressor.IsSlow, workload));
        }
    }

    private void Measure(int rounds, StagedProgress progress, CancellationToken cancellationToken)
    {
        _copy.CopyMemory();
        for (int round = 0; round < rounds; round++)
        {
            foreach (CompressorRun run in _runs.Where(run => round == 0 || !run.IsSlow))
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Begin($"{run.Peer.Name}, {run.Input}");
                if (round == 0 && !run.IsSlow)
                {
                    // Touches every page of the buffers, and has the code compiled.
                    run.Rehearse();
                    cancellationToken.ThrowIfCancellationRequested();
                }

                _copies.Add(Time(_copy.CopyMemory));
                run.Measure(cancellationToken);
            }
        }
    }

    private static TimeSpan Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Both directions of a compressor on one input.</summary>
    private sealed class CompressorRun(IPeer peer, string input, bool isSlow, Workload workload)
    {
        private readonly PeerTimes _pack = new(workload.Length);
        private readonly PeerTimes _unpack = new(workload.Length);
        private long _packedLength;

        public IPeer Peer => peer;

        public string Input => input;

        public bool IsSlow => isSlow;

        public Workload Workload => workload;

        public bool IsMeasured { get; private set; }

        public void Rehearse()
        {
            workload.Pack(peer);
            workload.Unpack(peer);
        }

        /// <exception cref="InvalidDataException">The compressor did not restore what it was given.</exception>
        public void Measure(CancellationToken cancellationToken)
        {
            TimeSpan pack = Time(() => workload.Pack(peer));
            _packedLength = workload.PackedLength;
            cancellationToken.ThrowIfCancellationRequested();
            workload.Forget();
            TimeSpan unpack = Time(() => workload.Unpack(peer));
            if (!workload.IsRestored)
            {
                throw new InvalidDataException($"{peer.Name} did not restore what it was given");
            }

            _pack.Add(pack);
            _unpack.Add(unpack);
            IsMeasured = true;
        }

        public CompressorReport Report(long length, PeerTimes copies) => new(
            peer.Name,
            input,
            _packedLength,
            (double)_packedLength / length,
            _pack.GigabytesPerSecond / copies.GigabytesPerSecond,
            _unpack.GigabytesPerSecond / copies.GigabytesPerSecond);
    }
}
