using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelPack.Coding.Lzw;

/// <summary>
/// The code space (SPEC.md, "Codes"), and the encoder's dictionary: which code stands for the string of a code and one more
/// byte. Each code has its first extension beside it, which most steps through a repeated string meet; the others are in an
/// open hash table whose slots carry the generation they were written in, so that emptying it costs nothing.
/// </summary>
internal sealed class LzwDictionary
{
    public const int Reset = 256;
    public const int FirstEntry = 257;
    public const int MinWidth = 9;
    public const int MaxWidth = 16;

    /// <summary>Number of codes when the dictionary is full.</summary>
    public const int Capacity = 1 << MaxWidth;

    /// <summary>Entries when it is full.</summary>
    public const int MaxEntries = Capacity - FirstEntry;

    // A slot, from bit 0: 16 bits code, 24 bits key (code of the string << 8 | byte), 24 bits generation.
    private const int KeyShift = 16;
    private const int GenerationShift = 40;
    private const ulong LastGeneration = (1UL << (64 - GenerationShift)) - 1;

    // At most half of the slots fill, so a probe soon meets one that is free.
    private const int MaxSlots = 2 * Capacity;
    private const int MinSlots = 512;

    // What Find says in place of a slot when the code has no extension yet.
    private const int FirstSlot = -1;

    // First extension of each code: 16 bits byte, or none, 16 bits code. Written when the code is made.
    private const uint NoExtension = 256;
    private const int ExtensionShift = 16;

    private readonly uint[] _firstExtensions = new uint[Capacity];
    private readonly ulong[] _slots = new ulong[MaxSlots];
    private ulong _generation;
    private int _hashShift;
    private int _mask;

    /// <summary>Codes that may occur now, from 0.</summary>
    public int CodeCount { get; private set; }

    /// <summary>Empties the dictionary.</summary>
    /// <param name="stringBytes">Bytes that may follow; there are no more entries than that. Short planes use few slots.</param>
    public void Clear(int stringBytes)
    {
        if (_generation == LastGeneration)
        {
            Array.Clear(_slots);
            _generation = 0;
        }

        _generation++;
        uint slots = BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(2L * stringBytes, MinSlots, MaxSlots));
        _mask = (int)slots - 1;
        _hashShift = 32 - BitOperations.Log2(slots);
        CodeCount = FirstEntry;
        _firstExtensions.AsSpan(0, FirstEntry).Fill(NoExtension);
    }

    /// <summary>Looks for the string of <paramref name="prefix"/> and <paramref name="next"/>.</summary>
    /// <param name="prefix">A code.</param>
    /// <param name="next">The byte that follows its string.</param>
    /// <param name="slot">Where to <see cref="Add"/> it when it is not there.</param>
    /// <returns>Its code, or -1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int prefix, byte next, out int slot)
    {
        uint first = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_firstExtensions), prefix);
        if ((ushort)first == next)
        {
            slot = FirstSlot;
            return (int)(first >> ExtensionShift);
        }

        if (first == NoExtension)
        {
            slot = FirstSlot;
            return -1;
        }

        return FindInSlots(prefix, next, out slot);
    }

    /// <summary>Gives the next code to the string that <see cref="Find"/> did not find. The dictionary must not be full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int prefix, byte next, int slot)
    {
        ref uint firstExtensions = ref MemoryMarshal.GetArrayDataReference(_firstExtensions);
        if (slot == FirstSlot)
        {
            Unsafe.Add(ref firstExtensions, prefix) = ((uint)CodeCount << ExtensionShift) | next;
        }
        else
        {
            uint key = ((uint)prefix << 8) | next;
            _slots[slot] = (_generation << GenerationShift) | ((ulong)key << KeyShift) | (uint)CodeCount;
        }

        Unsafe.Add(ref firstExtensions, CodeCount) = NoExtension;
        CodeCount++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindInSlots(int prefix, byte next, out int slot)
    {
        uint key = ((uint)prefix << 8) | next;
        ulong tag = (_generation << (GenerationShift - KeyShift)) | key;
        ref ulong slots = ref MemoryMarshal.GetArrayDataReference(_slots);

        // Fibonacci hashing; the shift keeps the index below the slot count.
        for (int index = (int)((key * 0x9E3779B1u) >> _hashShift); ; index = (index + 1) & _mask)
        {
            ulong content = Unsafe.Add(ref slots, index);
            if (content >> KeyShift == tag)
            {
                slot = index;
                return (int)(content & 0xFFFF);
            }

            if (content >> GenerationShift != _generation)
            {
                slot = index;
                return -1;
            }
        }
    }
}
