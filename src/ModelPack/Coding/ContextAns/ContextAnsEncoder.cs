using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>Codes values backwards into states and words.</summary>
internal static class ContextAnsEncoder
{
    /// <summary>At places without an element.</summary>
    public const ushort Absent = ushort.MaxValue;

    private const int FrequencyShift = ContextAnsModel.TotalBits;
    private const int FactorShift = 2 * ContextAnsModel.TotalBits;
    private const uint Mask = ContextAnsModel.Total - 1;

    // For a frequency f, 2^42 / f rounded up: a state below f · 2^22 times that does not pass 2^64, and is off by less than 1 / f.
    private const int FactorBits = 42;

    /// <summary>Codes places of a table's entries.</summary>
    /// <param name="indices">Context and byte of each place; a multiple of 32.</param>
    /// <param name="entries">What <see cref="FillTable"/> made.</param>
    /// <param name="states">Receives the lanes' states with which a decoder starts.</param>
    /// <param name="words">One more than the indices; receives the words at its end.</param>
    /// <returns>Index of the first word.</returns>
    [MethodImpl(KernelMethod.Options)]
    public static int Encode(ReadOnlySpan<ushort> indices, ReadOnlySpan<ulong> entries, Span<uint> states, Span<ushort> words)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(words.Length, indices.Length + 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(entries.Length, ContextAnsModel.MaxContexts * ContextAnsTables.Symbols);
        states[..ContextAnsModel.Lanes].Fill(ContextAnsDecoder.LeastState);
        ref ushort index = ref MemoryMarshal.GetReference(indices);
        ref ulong entry = ref MemoryMarshal.GetReference(entries);
        ref uint lane = ref MemoryMarshal.GetReference(states);
        ref ushort word = ref MemoryMarshal.GetReference(words);
        nint next = words.Length;
        for (nint step = indices.Length - ContextAnsModel.Lanes; step >= 0; step -= ContextAnsModel.Lanes)
        {
            for (nint i = ContextAnsModel.Lanes - 1; i >= 0; i--)
            {
                uint at = Unsafe.Add(ref index, step + i);
                if (at == Absent)
                {
                    continue;
                }

                ulong one = Unsafe.Add(ref entry, (nint)(at % (ContextAnsModel.MaxContexts * ContextAnsTables.Symbols)));
                ref uint state = ref Unsafe.Add(ref lane, i);
                uint frequency = ((uint)(one >> FrequencyShift) & Mask) + 1;
                uint x = state;

                // Stored in any case, and kept where the state is too large: which is as good as random to a branch.
                Unsafe.Add(ref word, next - 1) = (ushort)x;
                int isLarge = x >> (32 - ContextAnsModel.TotalBits) >= frequency ? 1 : 0;
                next -= isLarge;
                x >>= 16 * isLarge;
                uint quotient = (uint)(x * (one >> FactorShift) >> FactorBits);
                state = x + ((uint)one & Mask) + (quotient * (ContextAnsModel.Total - frequency));
            }
        }

        return (int)next;
    }

    /// <summary>First slot, frequency less 1 and the factor that divides by it, from the lowest bit: 10, 10 and 43 bits.</summary>
    public static void FillTable(ContextAnsTables tables, Span<ulong> entries)
    {
        for (int context = 0; context < tables.ContextCount; context++)
        {
            uint start = 0;
            ReadOnlySpan<short> frequencies = tables[context];
            for (int symbol = 0; symbol < frequencies.Length; symbol++)
            {
                uint frequency = (uint)frequencies[symbol];
                if (frequency > 0)
                {
                    ulong factor = ((1UL << FactorBits) + frequency - 1) / frequency;
                    entries[(context * ContextAnsTables.Symbols) + symbol] = (factor << FactorShift) | ((frequency - 1) << FrequencyShift) | start;
                    start += frequency;
                }
            }
        }
    }
}
