using System.Runtime.CompilerServices;

namespace ModelPack.Planes;

/// <summary>
/// The order of values in the planes of Float16, BFloat16 and Float32 (SPEC.md, "Group order"): within a full group of 64
/// values, interleaving the bytes of two planes inside 128-bit lanes yields the values in their order in the file.
/// </summary>
internal static class GroupOrder
{
    /// <summary>Values in a group; the rest of a block, fewer than this, keeps its order.</summary>
    public const int GroupSize = 64;

    /// <summary>The value at a plane position inside full groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ValueAt(int position)
    {
        int lane = (position >> 4) & 3;
        int slot = position & 15;
        int half = slot & 8;
        return (position & -GroupSize) + (4 * half) + (8 * lane) + (slot - half);
    }
}
