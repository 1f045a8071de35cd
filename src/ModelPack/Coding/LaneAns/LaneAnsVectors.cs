using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelPack.Coding.LaneAns;

/// <summary>A byte for each of 256 states or values, 64 to a register.</summary>
internal struct LaneAnsByteTable
{
    private Vector512<byte> _first;
    private Vector512<byte> _second;
    private Vector512<byte> _third;
    private Vector512<byte> _fourth;

    /// <param name="table">256 bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe LaneAnsByteTable Load(byte* table) => new()
    {
        _first = Vector512.Load(table),
        _second = Vector512.Load(table + 64),
        _third = Vector512.Load(table + 128),
        _fourth = Vector512.Load(table + 192),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector512<byte> LookUp(Vector512<byte> indices) => Vector512.ConditionalSelect(
        Vector512.LessThan(indices.AsSByte(), Vector512<sbyte>.Zero).AsByte(),
        Avx512Vbmi.PermuteVar64x8x2(_third, indices, _fourth),
        Avx512Vbmi.PermuteVar64x8x2(_first, indices, _second));

    /// <summary>For indices below 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector512<byte> LookUp128(Vector512<byte> indices) => Avx512Vbmi.PermuteVar64x8x2(_first, indices, _second);
}

/// <summary>A group's 64 states and eight windows, in four registers.</summary>
internal unsafe struct LaneAnsGroup
{
    public Vector512<byte> States;
    public Vector512<ulong> Low;
    public Vector512<ulong> High;
    public Vector512<ulong> Positions;

    /// <param name="block">Where the group's part of <see cref="LaneAnsLanes.Block"/> begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LaneAnsGroup Load(ulong* block) => new()
    {
        States = Vector512.Load(block + LaneAnsLanes.StatesAt).AsByte(),
        Low = Vector512.Load(block + LaneAnsLanes.LowAt),
        High = Vector512.Load(block + LaneAnsLanes.HighAt),
        Positions = Vector512.Load(block + LaneAnsLanes.PositionsAt),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ulong* block)
    {
        States.AsUInt64().Store(block + LaneAnsLanes.StatesAt);
        Low.Store(block + LaneAnsLanes.LowAt);
        High.Store(block + LaneAnsLanes.HighAt);
        Positions.Store(block + LaneAnsLanes.PositionsAt);
    }
}
