using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

internal static unsafe partial class ContextAnsDecoder
{
    /// <summary>Sixteen lanes to a register, the bytes of a group brought into the order of the elements behind it.</summary>
    public sealed class Avx512Kernel : Kernel
    {
        private const int LanesPerVector = 16;

        public override bool IsSupported => Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512Vbmi.IsSupported && Popcnt.X64.IsSupported;

        public override int Run(in Job job, int firstGroup, int groups, byte* words) => job.Tile == 1
            ? RunSingles(job, firstGroup, groups, words)
            : RunTiles(job, firstGroup, groups, words);

        [MethodImpl(KernelMethod.Options)]
        private static int RunTiles(in Job job, int firstGroup, int groups, byte* words)
        {
            int tile = job.Tile;
            ContextAnsTranspose transpose = job.Table.Transpose;
            byte* steps = stackalloc byte[ContextAnsTranspose.StepsLength];
            byte* word = words;
            byte* scales = job.Scales + ((nint)firstGroup * ContextAnsModel.Lanes);
            byte* plane = job.Plane + ((long)firstGroup * ContextAnsModel.Lanes * tile) - job.FirstElement;
            Vector512<uint> states0 = Vector512.Load(job.States);
            Vector512<uint> states1 = Vector512.Load(job.States + LanesPerVector);
            fixed (byte* slots = job.Table.Slots, contexts = job.Table.Contexts)
            fixed (uint* entries = job.Table.Entries)
            fixed (int* levels = job.Table.Levels)
            {
                var tables = new Tables(slots, entries, Vector512.Load(contexts));
                Vector512<int> scaleWeight = Vector512.Create(job.Grid.ScaleWeight * ContextAnsModel.ScaleUnit);
                Vector512<int> tileWeight = Vector512.Create(job.Grid.TileWeight);
                for (; groups > 0; groups--)
                {
                    Vector512<int> scales0 = Avx512F.ConvertToVector512Int32(Vector128.Load(scales));
                    Vector512<int> scales1 = Avx512F.ConvertToVector512Int32(Vector128.Load(scales + LanesPerVector));
                    Vector512<int> sums0 = Prior(scales0);
                    Vector512<int> sums1 = Prior(scales1);
                    Vector512<int> weighted0 = scales0 * scaleWeight;
                    Vector512<int> weighted1 = scales1 * scaleWeight;
                    for (int k = 0; k < tile; k++)
                    {
                        Vector512<int> level = Vector512.Create(levels[k]);
                        Vector512<uint> contexts0 = tables.ContextsOf(weighted0 - level + (ContextAnsVectors.Logarithm(sums0) * tileWeight));
                        Vector512<uint> entries0 = tables.Step(ref states0, contexts0, steps + (k * ContextAnsModel.Lanes), ref word);
                        sums0 += Magnitude(entries0);
                        Vector512<uint> contexts1 = tables.ContextsOf(weighted1 - level + (ContextAnsVectors.Logarithm(sums1) * tileWeight));
                        Vector512<uint> entries1 = tables.Step(ref states1, contexts1, steps + (k * ContextAnsModel.Lanes) + LanesPerVector, ref word);
                        sums1 += Magnitude(entries1);
                    }

                    transpose.Run(steps, plane);
                    scales += ContextAnsModel.Lanes;
                    plane += ContextAnsModel.Lanes * tile;
                }
            }

            states0.Store(job.States);
            states1.Store(job.States + LanesPerVector);
            return (int)((word - words) / sizeof(ushort));
        }

        /// <summary>Tiles of one element: its context follows from its scale alone.</summary>
        [MethodImpl(KernelMethod.Options)]
        private static int RunSingles(in Job job, int firstGroup, int groups, byte* words)
        {
            byte* word = words;
            byte* scales = job.Scales + ((nint)firstGroup * ContextAnsModel.Lanes);
            byte* plane = job.Plane + ((long)firstGroup * ContextAnsModel.Lanes) - job.FirstElement;
            byte* contextOfScale = stackalloc byte[ContextAnsModel.MaxScale + 1];
            for (int scale = 0; scale <= ContextAnsModel.MaxScale; scale++)
            {
                contextOfScale[scale] = job.Table.Contexts[ContextAnsModel.Cell(scale, ContextAnsModel.Prior(scale), 0, job.Grid)];
            }

            Vector512<uint> states0 = Vector512.Load(job.States);
            Vector512<uint> states1 = Vector512.Load(job.States + LanesPerVector);
            fixed (byte* slots = job.Table.Slots)
            fixed (uint* entries = job.Table.Entries)
            {
                var tables = new Tables(slots, entries, Vector512.Load(contextOfScale));
                for (; groups > 0; groups--)
                {
                    Vector512<uint> contexts0 = tables.ContextsAt(Avx512F.ConvertToVector512UInt32(Vector128.Load(scales)));
                    _ = tables.Step(ref states0, contexts0, plane, ref word);
                    Vector512<uint> contexts1 = tables.ContextsAt(Avx512F.ConvertToVector512UInt32(Vector128.Load(scales + LanesPerVector)));
                    _ = tables.Step(ref states1, contexts1, plane + LanesPerVector, ref word);
                    scales += ContextAnsModel.Lanes;
                    plane += ContextAnsModel.Lanes;
                }
            }

            states0.Store(job.States);
            states1.Store(job.States + LanesPerVector);
            return (int)((word - words) / sizeof(ushort));
        }

        /// <summary><see cref="ContextAnsModel.Prior"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<int> Prior(Vector512<int> scales)
        {
            Vector512<int> quarters = Vector512.Create(12, 14, 17, 20, 12, 14, 17, 20, 12, 14, 17, 20, 12, 14, 17, 20);
            return Avx512F.ShiftLeftLogicalVariable(Avx512F.PermuteVar16x32(quarters, scales & Vector512.Create(3)), (scales >>> 2).AsUInt32());
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<int> Magnitude(Vector512<uint> entries) =>
            (entries >>> ContextAnsDecodeTable.MagnitudeShift << ContextAnsModel.SumShift).AsInt32();

        private readonly struct Tables(byte* slots, uint* entries, Vector512<byte> contexts)
        {
            private readonly byte* _slots = slots;
            private readonly uint* _entries = entries;
            private readonly Vector512<byte> _contexts = contexts;

            /// <summary>The contexts at these levels.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public Vector512<uint> ContextsOf(Vector512<int> levels) => ContextsAt(ContextAnsVectors.Cells(levels).AsUInt32());

            /// <summary>The contexts of these cells, 0 to 63.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public Vector512<uint> ContextsAt(Vector512<uint> cells) =>
                Avx512Vbmi.PermuteVar64x8(_contexts, cells.AsByte()).AsUInt32() & Vector512.Create(0xFFu);

            /// <summary>Decodes a byte of each lane and returns its entries. Loads sixteen words whether it needs them or not.</summary>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public Vector512<uint> Step(ref Vector512<uint> states, Vector512<uint> contexts, byte* bytes, ref byte* word)
            {
                const uint Mask = ContextAnsModel.Total - 1;
                Vector512<uint> slot = states & Vector512.Create(Mask);
                Vector512<uint> symbols = Gather(_slots, (contexts << ContextAnsModel.TotalBits) + slot) & Vector512.Create(0xFFu);
                Vector512<uint> entries = Gather((byte*)_entries, (contexts << (8 + 2)) + (symbols << 2));
                Vector512<uint> frequency = (entries & Vector512.Create(Mask)) + Vector512<uint>.One;
                Vector512<uint> first = (entries >>> ContextAnsDecodeTable.StartShift) & Vector512.Create(Mask);
                Vector512<uint> next = (frequency * (states >>> ContextAnsModel.TotalBits)) + (slot - first);
                Avx512F.ConvertToVector128Byte(symbols).Store(bytes);

                Vector512<uint> isShort = Vector512.LessThan(next, Vector512.Create(LeastState));
                Vector512<uint> words = Avx512F.ConvertToVector512UInt32(Vector256.Load((ushort*)word));
                Vector512<uint> refilled = Avx512F.Expand(next, isShort, words) | Vector512.ConditionalSelect(isShort, next << 16, Vector512<uint>.Zero);
                states = refilled;
                word += (nuint)Popcnt.X64.PopCount(isShort.ExtractMostSignificantBits()) * sizeof(ushort);
                return entries;
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            private static Vector512<uint> Gather(byte* table, Vector512<uint> offsets) => Vector512.Create(
                Avx2.GatherVector256((uint*)table, offsets.GetLower().AsInt32(), 1),
                Avx2.GatherVector256((uint*)table, offsets.GetUpper().AsInt32(), 1));
        }
    }
}
