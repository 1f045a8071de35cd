using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

internal static unsafe partial class ContextAnsDecoder
{
    /// <summary>Eight lanes to a register.</summary>
    public sealed class Avx2Kernel : Kernel
    {
        private const int LanesPerVector = 8;
        private const int Vectors = ContextAnsModel.Lanes / LanesPerVector;
        private const uint Mask = ContextAnsModel.Total - 1;

        // For each set of lanes that take a word, which of the next words each lane takes: eight bytes.
        private static readonly ulong[] Places = [.. Enumerable.Range(0, 1 << LanesPerVector).Select(PlacesOf)];

        public override bool IsSupported => Avx2.IsSupported;

        [MethodImpl(KernelMethod.Options)]
        public override int Run(in Job job, int firstGroup, int groups, byte* words)
        {
            int tile = job.Tile;
            byte* steps = stackalloc byte[ContextAnsTranspose.StepsLength];
            uint* contexts = stackalloc uint[ContextAnsModel.Cells];
            int* priors = stackalloc int[ContextAnsModel.MaxScale + 1];
            FillTables(job.Table.Contexts, contexts, priors);
            byte* word = words;
            byte* scales = job.Scales + ((nint)firstGroup * ContextAnsModel.Lanes);
            byte* plane = job.Plane + ((long)firstGroup * ContextAnsModel.Lanes * tile) - job.FirstElement;
            Vector256<uint> states0 = Vector256.Load(job.States);
            Vector256<uint> states1 = Vector256.Load(job.States + LanesPerVector);
            Vector256<uint> states2 = Vector256.Load(job.States + (2 * LanesPerVector));
            Vector256<uint> states3 = Vector256.Load(job.States + (3 * LanesPerVector));
            fixed (byte* slots = job.Table.Slots)
            fixed (uint* entries = job.Table.Entries)
            fixed (ulong* places = Places)
            fixed (int* levels = job.Table.Levels)
            {
                var tables = new Tables(slots, entries, contexts, places);
                Vector256<int> scaleWeight = Vector256.Create(job.Grid.ScaleWeight * ContextAnsModel.ScaleUnit);
                Vector256<int> tileWeight = Vector256.Create(job.Grid.TileWeight);
                for (; groups > 0; groups--)
                {
                    var tiles0 = new Tiles(scales, priors, scaleWeight);
                    var tiles1 = new Tiles(scales + LanesPerVector, priors, scaleWeight);
                    var tiles2 = new Tiles(scales + (2 * LanesPerVector), priors, scaleWeight);
                    var tiles3 = new Tiles(scales + (3 * LanesPerVector), priors, scaleWeight);
                    for (int k = 0; k < tile; k++)
                    {
                        Vector256<int> level = Vector256.Create(levels[k]);
                        Vector256<uint> symbols0 = tables.Step(ref states0, ref tiles0, level, tileWeight, ref word);
                        Vector256<uint> symbols1 = tables.Step(ref states1, ref tiles1, level, tileWeight, ref word);
                        Vector256<uint> symbols2 = tables.Step(ref states2, ref tiles2, level, tileWeight, ref word);
                        Vector256<uint> symbols3 = tables.Step(ref states3, ref tiles3, level, tileWeight, ref word);
                        Vector256.Narrow(Vector256.Narrow(symbols0, symbols1), Vector256.Narrow(symbols2, symbols3))
                            .Store(steps + (k * ContextAnsModel.Lanes));
                    }

                    ContextAnsTranspose.RunByBytes(steps, tile, plane);
                    scales += ContextAnsModel.Lanes;
                    plane += ContextAnsModel.Lanes * tile;
                }
            }

            states0.Store(job.States);
            states1.Store(job.States + LanesPerVector);
            states2.Store(job.States + (2 * LanesPerVector));
            states3.Store(job.States + (3 * LanesPerVector));
            return (int)((word - words) / sizeof(ushort));
        }

        private static void FillTables(ReadOnlySpan<byte> contextOfCell, uint* contexts, int* priors)
        {
            for (int cell = 0; cell < ContextAnsModel.Cells; cell++)
            {
                contexts[cell] = contextOfCell[cell];
            }

            for (int scale = 0; scale <= ContextAnsModel.MaxScale; scale++)
            {
                priors[scale] = ContextAnsModel.Prior(scale);
            }
        }

        private static ulong PlacesOf(int lanes)
        {
            ulong places = 0;
            for (int lane = 0; lane < LanesPerVector; lane++)
            {
                places |= (ulong)BitOperations.PopCount((uint)lanes & ((1u << lane) - 1)) << (8 * lane);
            }

            return places;
        }

        /// <summary>The tiles of eight lanes.</summary>
        private struct Tiles
        {
            public Vector256<int> Sums;
            public readonly Vector256<int> Weighted;

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public Tiles(byte* scales, int* priors, Vector256<int> scaleWeight)
            {
                Vector256<int> wide = Avx2.ConvertToVector256Int32(scales);
                Sums = Avx2.GatherVector256(priors, wide, sizeof(int));
                Weighted = wide * scaleWeight;
            }
        }

        private readonly struct Tables(byte* slots, uint* entries, uint* contexts, ulong* places)
        {
            private const int MantissaBits = 23;
            private const int Bias = 127;

            private readonly byte* _slots = slots;
            private readonly uint* _entries = entries;
            private readonly uint* _contexts = contexts;
            private readonly ulong* _places = places;

            /// <summary>Decodes a byte of each lane. Loads eight words whether it needs them or not.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public Vector256<uint> Step(
                ref Vector256<uint> states, ref Tiles tiles, Vector256<int> level, Vector256<int> tileWeight, ref byte* word)
            {
                Vector256<int> logarithms = (Vector256.ConvertToSingle(tiles.Sums).AsInt32() >>> (MantissaBits - ContextAnsModel.LogarithmBits))
                    - Vector256.Create(Bias << ContextAnsModel.LogarithmBits);
                Vector256<int> cells = (tiles.Weighted - level + (logarithms * tileWeight)) >> ContextAnsModel.CellShift;
                cells = Vector256.Min(Vector256.Max(cells, Vector256<int>.Zero), Vector256.Create(ContextAnsModel.Cells - 1));
                Vector256<uint> context = Avx2.GatherVector256(_contexts, cells, sizeof(uint));
                Vector256<uint> slot = states & Vector256.Create(Mask);
                Vector256<uint> symbols = Avx2.GatherVector256((uint*)_slots, ((context << ContextAnsModel.TotalBits) + slot).AsInt32(), 1)
                    & Vector256.Create(0xFFu);
                Vector256<uint> entries = Avx2.GatherVector256(_entries, ((context << 8) + symbols).AsInt32(), sizeof(uint));
                Vector256<uint> frequency = (entries & Vector256.Create(Mask)) + Vector256<uint>.One;
                Vector256<uint> first = (entries >>> ContextAnsDecodeTable.StartShift) & Vector256.Create(Mask);
                Vector256<uint> next = (frequency * (states >>> ContextAnsModel.TotalBits)) + (slot - first);
                tiles.Sums += (entries >>> ContextAnsDecodeTable.MagnitudeShift << ContextAnsModel.SumShift).AsInt32();

                Vector256<uint> isShort = Vector256.Equals(next >>> 16, Vector256<uint>.Zero);
                uint lanes = isShort.ExtractMostSignificantBits();
                Vector256<int> words = Avx2.ConvertToVector256Int32((ushort*)word);
                Vector256<int> places = Avx2.ConvertToVector256Int32((byte*)(_places + lanes));
                Vector256<uint> refilled = (next << 16) | Avx2.PermuteVar8x32(words, places).AsUInt32();
                states = Vector256.ConditionalSelect(isShort, refilled, next);
                word += (nuint)BitOperations.PopCount(lanes) * sizeof(ushort);
                return symbols;
            }
        }
    }
}
