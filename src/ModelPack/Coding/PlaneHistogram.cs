using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding;

/// <summary>How often each byte value occurs in a plane or in a sample of it. Reused from plane to plane.</summary>
internal sealed class PlaneHistogram
{
    // Four tables so that equal neighbours do not wait for each other's store.
    private readonly uint[] _partial = new uint[4 * 256];
    private readonly uint[] _counts = new uint[256];

    /// <summary>Count of each byte value; 256 entries.</summary>
    public ReadOnlySpan<uint> Counts => _counts;

    /// <summary>Number of bytes counted.</summary>
    public int Total { get; private set; }

    /// <summary>Bytes of the plane.</summary>
    public int PlaneLength { get; private set; }

    /// <summary>Whether only a part of the plane was counted, so that other values may occur in it.</summary>
    public bool IsSample => Total != PlaneLength;

    /// <summary>Number of byte values that occur.</summary>
    public int DistinctValues { get; private set; }

    /// <summary>The order-0 entropy of all bytes counted, in bits.</summary>
    public long EntropyBits
    {
        [MethodImpl(KernelMethod.Options)]
        get
        {
            long ofTotal = BinaryLogarithm.Approximate((uint)Total);
            long sum = 0;
            foreach (uint count in _counts)
            {
                sum += count == 0 ? 0 : count * (ofTotal - BinaryLogarithm.Approximate(count));
            }

            return sum >> BinaryLogarithm.FractionBits;
        }
    }

    /// <summary>Counts a sample of a plane, forgetting what was counted before.</summary>
    public void CountSample(ReadOnlySpan<byte> sample, int planeLength)
    {
        Count(sample);
        PlaneLength = planeLength;
    }

    /// <summary>Counts a plane, forgetting the one before.</summary>
    [MethodImpl(KernelMethod.Options)]
    public void Count(ReadOnlySpan<byte> plane)
    {
        Array.Clear(_partial);
        // A byte cannot leave its table of 256, so none of the indices is checked.
        ref uint first = ref MemoryMarshal.GetArrayDataReference(_partial);
        ref uint second = ref Unsafe.Add(ref first, 256);
        ref uint third = ref Unsafe.Add(ref first, 512);
        ref uint fourth = ref Unsafe.Add(ref first, 768);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(plane);
        foreach (ulong word in words)
        {
            Unsafe.Add(ref first, (nuint)(byte)word)++;
            Unsafe.Add(ref second, (nuint)(byte)(word >> 8))++;
            Unsafe.Add(ref third, (nuint)(byte)(word >> 16))++;
            Unsafe.Add(ref fourth, (nuint)(byte)(word >> 24))++;
            Unsafe.Add(ref first, (nuint)(byte)(word >> 32))++;
            Unsafe.Add(ref second, (nuint)(byte)(word >> 40))++;
            Unsafe.Add(ref third, (nuint)(byte)(word >> 48))++;
            Unsafe.Add(ref fourth, (nuint)(byte)(word >> 56))++;
        }

        foreach (byte value in plane[(words.Length * sizeof(ulong))..])
        {
            Unsafe.Add(ref first, (nuint)value)++;
        }

        ByteCounts.AddUp(_partial, _counts);
        Total = plane.Length;
        PlaneLength = plane.Length;
        DistinctValues = 256 - _counts.AsSpan().Count(0U);
    }
}
