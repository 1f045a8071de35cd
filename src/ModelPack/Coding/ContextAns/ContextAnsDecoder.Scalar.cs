using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Coding.ContextAns;

internal static unsafe partial class ContextAnsDecoder
{
    /// <summary>Lane after lane, on any machine, whole groups or not.</summary>
    public sealed class ScalarKernel : Kernel
    {
        public override bool IsSupported => true;

        [MethodImpl(KernelMethod.Options)]
        public override int Run(in Job job, int firstGroup, int groups, byte* words)
        {
            int* sums = stackalloc int[ContextAnsModel.Lanes];
            int* weighted = stackalloc int[ContextAnsModel.Lanes];
            int used = 0;
            int tile = job.Tile;
            int groupLength = ContextAnsModel.Lanes * tile;
            fixed (byte* slots = job.Table.Slots, contexts = job.Table.Contexts)
            fixed (uint* entries = job.Table.Entries)
            fixed (int* levels = job.Table.Levels)
            {
                for (int group = firstGroup; group < firstGroup + groups; group++)
                {
                    byte* scales = job.Scales + ((nint)group * ContextAnsModel.Lanes);
                    for (int lane = 0; lane < ContextAnsModel.Lanes; lane++)
                    {
                        sums[lane] = ContextAnsModel.Prior(scales[lane]);
                        weighted[lane] = job.Grid.ScaleWeight * ContextAnsModel.ScaleUnit * scales[lane];
                    }

                    long start = ((long)group * groupLength) - job.FirstElement;
                    for (int k = 0; k < tile; k++)
                    {
                        for (int lane = 0; lane < ContextAnsModel.Lanes; lane++)
                        {
                            long element = start + (lane * tile) + k;
                            if (element < 0 || element >= job.PlaneLength)
                            {
                                continue;
                            }

                            int level = weighted[lane] + (job.Grid.TileWeight * ContextAnsModel.Logarithm(sums[lane])) - levels[k];
                            int context = contexts[Math.Clamp(level >> ContextAnsModel.CellShift, 0, ContextAnsModel.Cells - 1)];
                            uint state = job.States[lane];
                            uint slot = state & (ContextAnsModel.Total - 1);
                            byte symbol = slots[((uint)context << ContextAnsModel.TotalBits) | slot];
                            uint entry = entries[((uint)context << 8) | symbol];
                            state = (((entry & (ContextAnsModel.Total - 1)) + 1) * (state >> ContextAnsModel.TotalBits))
                                + slot - ((entry >> ContextAnsDecodeTable.StartShift) & (ContextAnsModel.Total - 1));
                            if (state < LeastState)
                            {
                                state = (state << 16) | BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(words + ((nint)used * sizeof(ushort)), sizeof(ushort)));
                                used++;
                            }

                            job.States[lane] = state;
                            sums[lane] += (int)(entry >> ContextAnsDecodeTable.MagnitudeShift) << ContextAnsModel.SumShift;
                            job.Plane[element] = symbol;
                        }
                    }
                }
            }

            return used;
        }
    }
}
