using ModelPack.Comparison.Peers;

namespace ModelPack.Comparison.Measuring;

/// <summary>Runs peers until the runtime has compiled them for good.</summary>
internal static class WarmUp
{
    private const int SampleLength = 1 << 18;

    // A method is compiled again after 30 calls, with counters, and once more after 30 of those; each time in the
    // background, 100 ms after the last new method was met.
    private const int Batches = 3;
    private const int CallsInBatch = 40;
    private static readonly TimeSpan Compilation = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs each peer on the first bytes of a file, so that one that takes a whole file in one call has its calls too.</summary>
    public static void Run(IReadOnlyList<IPeer> peers, byte[] file)
    {
        var workload = new Workload([file[..Math.Min(file.Length, SampleLength)]], leastLength: 0, peers);
        for (int batch = 0; batch < Batches; batch++)
        {
            foreach (IPeer peer in peers)
            {
                for (int call = 0; call < CallsInBatch; call++)
                {
                    workload.Pack(peer);
                    workload.Unpack(peer);
                }
            }

            Thread.Sleep(Compilation);
        }
    }
}
