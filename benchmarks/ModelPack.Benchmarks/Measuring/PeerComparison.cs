using System.Diagnostics;
using ModelPack.Benchmarks.Peers;
using ModelPack.Benchmarks.Reporting;
using ModelPack.Comparison.Measuring;
using ModelPack.Comparison.Peers;

namespace ModelPack.Benchmarks.Measuring;

/// <summary>Runs all peers on one file in turns, so that what disturbs the machine meets them all.</summary>
/// <param name="rounds">Measured rounds of the fast peers, after one that is not measured.</param>
/// <param name="withSlow">Run those that are run once, too.</param>
/// <param name="log">Receives a line for each step.</param>
internal sealed class PeerComparison(int rounds, bool withSlow, TextWriter log)
{
    private bool _isWarm;

    /// <summary>Measures a file.</summary>
    /// <exception cref="InvalidDataException">The file is empty, or a peer did not restore it.</exception>
    /// <exception cref="IOException">The file cannot be read, or has 2 GiB or more.</exception>
    public IReadOnlyList<PeerResult> Run(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (file.Length == 0)
        {
            throw new InvalidDataException($"{path} is empty: there is nothing to measure");
        }

        string name = Path.GetFileName(path);
        IReadOnlyList<IPeer> peers = PeerCatalog.Fast(name);
        if (!_isWarm)
        {
            log.WriteLine("warming up");
            WarmUp.Run(peers, file);
            _isWarm = true;
        }

        List<PeerResult> results = RunFast(name, file, peers, out PeerTimes copies);
        if (withSlow)
        {
            results.AddRange(PeerCatalog.Slow().Where(slow => file.Length <= slow.LongestFile).Select(slow => RunOnce(name, file, slow.Peer, copies)));
        }

        results.AddRange(RunPrograms(name, path, file.Length));
        results.Add(new PeerResult(name, file.Length, EntropyBound.Name, EntropyBound.Of(file, name), 1, null, null));
        foreach (IDisposable peer in peers.OfType<IDisposable>())
        {
            peer.Dispose();
        }

        return results;
    }

    private List<PeerResult> RunFast(string name, byte[] file, IReadOnlyList<IPeer> peers, out PeerTimes copies)
    {
        var workload = new Workload([file], Workload.LeastLength, peers);
        var measures = peers.Select(peer => new Measure(peer, workload)).ToArray();
        copies = new PeerTimes(workload.Length);
        log.WriteLine($"{name}: {file.Length} bytes, copies: {workload.Copies}");
        foreach (Measure measure in measures)
        {
            measure.Rehearse();
        }

        for (int round = 1; round <= rounds; round++)
        {
            log.WriteLine($"{name}: round {round} of {rounds}");
            foreach (Measure measure in measures)
            {
                measure.Run(copies);
            }
        }

        PeerTimes all = copies;
        Speed copy = Speed.Of(all, all);
        return
        [
            new PeerResult(name, file.Length, PeerCatalog.MemoryCopy, file.Length, rounds, copy, copy),
            .. measures.Select(measure => measure.Result(name, file.Length, rounds, all)),
        ];
    }

    private PeerResult RunOnce(string name, byte[] file, IPeer peer, PeerTimes copies)
    {
        log.WriteLine($"{name}: {peer.Name}");
        var workload = new Workload([file], leastLength: 0, [peer]);
        workload.CopyMemory();
        var measure = new Measure(peer, workload);
        measure.Run(new PeerTimes(workload.Length));
        (peer as IDisposable)?.Dispose();
        return measure.Result(name, file.Length, 1, copies);
    }

    private IEnumerable<PeerResult> RunPrograms(string name, string path, long bytes)
    {
        foreach (CommandLinePeer program in withSlow ? [.. PeerCatalog.FastPrograms, .. PeerCatalog.SlowPrograms] : PeerCatalog.FastPrograms)
        {
            log.WriteLine($"{name}: {program.Name}");
            if (program.PackedLength(path) is { } length)
            {
                yield return new PeerResult(name, bytes, program.Name, length, 1, null, null);
            }
            else
            {
                log.WriteLine($"{program.Name}: not installed");
            }
        }
    }

    /// <summary>Both directions of one peer.</summary>
    private sealed class Measure(IPeer peer, Workload workload)
    {
        private readonly PeerTimes _pack = new(workload.Length);
        private readonly PeerTimes _unpack = new(workload.Length);
        private long _packedLength;

        /// <summary>A round that does not count: it touches every page of the buffers.</summary>
        public void Rehearse()
        {
            workload.Pack(peer);
            workload.Unpack(peer);
        }

        /// <summary>A round that counts.</summary>
        /// <param name="copies">Receives the memory copies.</param>
        /// <exception cref="InvalidDataException">The peer did not restore the file.</exception>
        public void Run(PeerTimes copies)
        {
            Settle();
            copies.Add(Time(workload.CopyMemory));
            _pack.Add(Time(() => workload.Pack(peer)));
            _packedLength = workload.PackedLength;
            copies.Add(Time(workload.CopyMemory));
            workload.Forget();
            _unpack.Add(Time(() => workload.Unpack(peer)));
            if (!workload.IsRestored)
            {
                throw new InvalidDataException($"{peer.Name} did not restore the file");
            }
        }

        public PeerResult Result(string name, long bytes, int rounds, PeerTimes copies) =>
            new(name, bytes, peer.Name, _packedLength, rounds, Speed.Of(_pack, copies), Speed.Of(_unpack, copies));

        private static TimeSpan Time(Action action)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            return Stopwatch.GetElapsedTime(start);
        }

        private static void Settle()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }
    }
}
