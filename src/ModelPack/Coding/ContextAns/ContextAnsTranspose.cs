using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

/// <summary>
/// Brings a group's bytes from the order of steps (32 lanes of element 0, 32 of element 1, …) into that of elements. For any
/// tile length: each 64 bytes are picked from all pairs of registers, 32 lanes of four elements each.
/// </summary>
internal sealed unsafe class ContextAnsTranspose
{
    /// <summary>Bytes of a group in the order of steps, up to a whole pair of registers.</summary>
    public const int StepsLength = ContextAnsModel.Lanes * ContextAnsModel.MaxTile;

    private const int VectorLength = 64;
    private const int PairLength = 2 * VectorLength;
    private const int MaxVectors = StepsLength / VectorLength;

    // Where in each pair each byte is found, and all ones where it is in that pair: a pair after the other for each vector.
    private readonly byte[] _places = new byte[MaxVectors * (MaxVectors / 2) * VectorLength];
    private readonly byte[] _masks = new byte[MaxVectors * (MaxVectors / 2) * VectorLength];

    private int _tile;

    /// <summary>Makes ready for tiles of this length.</summary>
    public void Prepare(int tile)
    {
        if (tile == _tile)
        {
            return;
        }

        _tile = tile;
        int length = ContextAnsModel.Lanes * tile;
        int pairs = PairCount(tile);
        for (int vector = 0; vector < VectorCount(tile); vector++)
        {
            for (int i = 0; i < VectorLength; i++)
            {
                int element = Math.Min((vector * VectorLength) + i, length - 1);
                int place = (element % tile * ContextAnsModel.Lanes) + (element / tile);
                for (int pair = 0; pair < pairs; pair++)
                {
                    int at = (((vector * pairs) + pair) * VectorLength) + i;
                    bool isHere = place / PairLength == pair;
                    _places[at] = (byte)(isHere ? place % PairLength : 0);
                    _masks[at] = (byte)(isHere ? 0xFF : 0);
                }
            }
        }
    }

    /// <summary>Transposes a group; needs AVX-512 VBMI.</summary>
    /// <param name="steps"><see cref="StepsLength"/> bytes.</param>
    /// <param name="elements">Receives 32 for each element of a tile.</param>
    [MethodImpl(KernelMethod.Options)]
    public void Run(byte* steps, byte* elements)
    {
        int pairs = PairCount(_tile);
        int length = ContextAnsModel.Lanes * _tile;
        fixed (byte* places = _places, masks = _masks)
        {
            byte* place = places;
            byte* mask = masks;
            for (int done = 0; done < length; done += VectorLength)
            {
                Vector512<byte> picked = Vector512<byte>.Zero;
                for (int pair = 0; pair < pairs; pair++, place += VectorLength, mask += VectorLength)
                {
                    byte* from = steps + (pair * PairLength);
                    picked |= Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(from), Vector512.Load(place), Vector512.Load(from + VectorLength))
                        & Vector512.Load(mask);
                }

                if (length - done >= VectorLength)
                {
                    picked.Store(elements + done);
                }
                else
                {
                    picked.GetLower().Store(elements + done);
                }
            }
        }
    }

    /// <summary>Transposes a group on any machine.</summary>
    /// <inheritdoc cref="Run"/>
    [MethodImpl(KernelMethod.Options)]
    public static void RunByBytes(byte* steps, int tile, byte* elements)
    {
        for (int lane = 0; lane < ContextAnsModel.Lanes; lane++, elements += tile)
        {
            byte* from = steps + lane;
            for (int k = 0; k < tile; k++, from += ContextAnsModel.Lanes)
            {
                elements[k] = *from;
            }
        }
    }

    private static int PairCount(int tile) => ((ContextAnsModel.Lanes * tile) + PairLength - 1) / PairLength;

    private static int VectorCount(int tile) => ((ContextAnsModel.Lanes * tile) + VectorLength - 1) / VectorLength;
}
