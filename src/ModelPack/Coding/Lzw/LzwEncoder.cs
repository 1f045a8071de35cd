using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.Lzw;

/// <summary>Kernel: codes a plane as the greedy sequence of the longest strings known.</summary>
internal static class LzwEncoder
{
    // How many codes of the full dictionary are judged together.
    private const int WindowCodes = 4096;
    private const int WindowBits = WindowCodes * LzwDictionary.MaxWidth;

    // Bits of all codes from an empty to a full dictionary: 2^(w-1) codes of each width w, but one fewer of the last.
    private const int FillBits = 981_232;

    /// <summary>Codes the plane; gives up as soon as the codes do not fit.</summary>
    /// <param name="plane">At least 1 byte.</param>
    /// <param name="coded">Room; may be used as scratch behind what is written.</param>
    /// <param name="dictionary">Scratch memory.</param>
    /// <param name="written">Bytes written.</param>
    /// <returns>False when the coded plane does not fit.</returns>
    [MethodImpl(KernelMethod.Options)]
    public static bool TryEncode(ReadOnlySpan<byte> plane, Span<byte> coded, LzwDictionary dictionary, out int written)
    {
        var writer = new BitWriter(coded);
        written = 0;
        dictionary.Clear(plane.Length);
        int width = LzwDictionary.MinWidth;
        int fillStart = 0;
        int fillLength = 0;
        int windowStart = 0;
        int windowCodes = 0;
        int code = plane[0];
        for (int at = 1; at < plane.Length; at++)
        {
            byte next = plane[at];
            int longer = dictionary.Find(code, next, out int slot);
            if (longer >= 0)
            {
                code = longer;
                continue;
            }

            if (!writer.TryWrite((uint)code, width))
            {
                return false;
            }

            if (dictionary.CodeCount < LzwDictionary.Capacity)
            {
                dictionary.Add(code, next, slot);
                width += dictionary.CodeCount > 1 << width ? 1 : 0;
                if (dictionary.CodeCount == LzwDictionary.Capacity)
                {
                    fillLength = at - fillStart;
                    windowStart = at;
                    windowCodes = 0;
                }
            }
            else if (++windowCodes == WindowCodes)
            {
                // The full dictionary stops paying when filling a new one, learning included, took fewer bits a byte.
                if ((at - windowStart) * (long)FillBits < fillLength * (long)WindowBits)
                {
                    if (!writer.TryWrite(LzwDictionary.Reset, LzwDictionary.MaxWidth))
                    {
                        return false;
                    }

                    dictionary.Clear(plane.Length - at);
                    width = LzwDictionary.MinWidth;
                    fillStart = at;
                }

                windowStart = at;
                windowCodes = 0;
            }

            code = next;
        }

        return writer.TryWrite((uint)code, width) && writer.TryFinish(out written);
    }
}
