using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace ModelPack.Pipeline.Fused;

/// <summary>
/// Brings in memory that groups to come will touch. Processors follow several streams of this speed too late, and a store to
/// a line that is not there waits for the line to be read.
/// </summary>
internal static unsafe class GroupsAhead
{
    private const int Distance = 32;
    private const int LineLength = 64;

    /// <param name="current">Where the current group is; what lies ahead may be outside any buffer.</param>
    /// <param name="groupLength">Bytes of a group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* current, int groupLength)
    {
        if (Sse.IsSupported)
        {
            for (int at = 0; at < groupLength; at += LineLength)
            {
                Sse.Prefetch0(current + (Distance * groupLength) + at);
            }
        }
    }
}
