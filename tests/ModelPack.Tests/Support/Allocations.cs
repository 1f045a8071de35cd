namespace ModelPack.Tests.Support;

/// <summary>Counts what work allocates on the calling thread once it has run a few times.</summary>
internal static class Allocations
{
    /// <summary>
    /// Bytes of one call in the cheapest of several rounds: what work itself allocates shows in every round, what the
    /// runtime allocates on the thread as it recompiles a method shows in one.
    /// </summary>
    public static long InSteadyState(Action work, int callsPerRound = 5)
    {
        for (int i = 0; i < 3; i++)
        {
            work();
        }

        long least = long.MaxValue;
        for (int round = 0; round < 5 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < callsPerRound; i++)
            {
                work();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least / callsPerRound;
    }
}
