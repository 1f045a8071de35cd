using System.Runtime.Intrinsics;

namespace ModelPack.Planes.Kernels;

/// <summary>
/// What the vector loops need from a vector of one or more 128-bit lanes. Shuffles and interleaves act inside each lane at
/// every width, so that one loop serves all widths; only the <c>Deal…</c> and <c>Collect…</c> methods cross lanes.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract bool IsSupported { get; }

    /// <summary>Bytes in a vector.</summary>
    static abstract int Width { get; }

    static abstract TSelf Load(byte* source);

    static abstract TSelf Repeat(byte value);

    /// <summary>The same 16 bytes in every lane.</summary>
    static abstract TSelf RepeatLane(Vector128<byte> lane);

    /// <summary>Bits of <paramref name="set"/> where the mask is one, of <paramref name="clear"/> elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf set, TSelf clear);

    /// <summary>Whether any bit of the mask is set.</summary>
    static abstract bool HasAny(TSelf bits, TSelf mask);

    /// <summary>Byte i of each lane becomes byte indices[i] of the same lane; indices are below 16.</summary>
    static abstract TSelf Shuffle(TSelf bytes, TSelf indices);

    /// <summary>From the lower half of each lane: a0 b0 a1 b1 … in units of one byte.</summary>
    static abstract TSelf InterleaveLow1(TSelf a, TSelf b);

    static abstract TSelf InterleaveHigh1(TSelf a, TSelf b);

    static abstract TSelf InterleaveLow2(TSelf a, TSelf b);

    static abstract TSelf InterleaveHigh2(TSelf a, TSelf b);

    static abstract TSelf InterleaveLow4(TSelf a, TSelf b);

    static abstract TSelf InterleaveHigh4(TSelf a, TSelf b);

    static abstract TSelf InterleaveLow8(TSelf a, TSelf b);

    static abstract TSelf InterleaveHigh8(TSelf a, TSelf b);

    /// <summary>Deals units of eight bytes to the lanes in turn, like cards; the identity for one lane.</summary>
    static abstract TSelf Deal8(TSelf plane);

    /// <summary>Undoes <see cref="Deal8"/>.</summary>
    static abstract TSelf Collect8(TSelf dealt);

    /// <summary>Deals units of four bytes to the lanes in turn.</summary>
    static abstract TSelf Deal4(TSelf plane);

    /// <summary>Undoes <see cref="Deal4"/>.</summary>
    static abstract TSelf Collect4(TSelf dealt);

    /// <summary>Deals units of two bytes to the lanes in turn.</summary>
    static abstract TSelf Deal2(TSelf plane);

    /// <summary>Undoes <see cref="Deal2"/>.</summary>
    static abstract TSelf Collect2(TSelf dealt);

    /// <summary>
    /// For plane bytes in group order: deals units of four bytes so that the four values in unit r of lane j follow those in
    /// unit r of lane j - 1; the identity for one lane.
    /// </summary>
    static abstract TSelf DealGroup4(TSelf plane);

    /// <summary>Undoes <see cref="DealGroup4"/>.</summary>
    static abstract TSelf CollectGroup4(TSelf dealt);

    /// <summary>Shifts every 64-bit unit of lane j of a copied lane right by 2 × (firstLane + j): each lane's own two bits come down.</summary>
    static abstract TSelf SpreadPairs(byte* packed, int firstLane);

    /// <summary>Shifts lane j left by 2 × (firstLane + j) and joins the lanes; every byte is below 4.</summary>
    static abstract Vector128<byte> FoldPairs(TSelf pairs, int firstLane);

    /// <summary>Shifts every 64-bit unit left; bits cross byte borders.</summary>
    static abstract TSelf ShiftLeft64(TSelf units, int bits);

    /// <summary>Shifts every 64-bit unit right; bits cross byte borders.</summary>
    static abstract TSelf ShiftRight64(TSelf units, int bits);

    static abstract TSelf RotateLeft64(TSelf units, int bits);

    void Store(byte* destination);
}
