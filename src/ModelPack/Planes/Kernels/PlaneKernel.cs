namespace ModelPack.Planes.Kernels;

/// <summary>Cuts <paramref name="count"/> elements into planes.</summary>
/// <remarks>
/// Kernels check nothing. <paramref name="elements"/> points to <paramref name="count"/> whole elements; plane p starts at
/// <paramref name="planes"/> + p × <paramref name="stride"/>, and <paramref name="stride"/> ≥ <paramref name="count"/> + 64, or
/// for Float16, BFloat16 and Float32 ≥ <paramref name="count"/>: these kernels write no byte outside their planes.
/// </remarks>
internal unsafe delegate void SplitKernel(byte* elements, byte* planes, int stride, int count);

/// <summary>Joins planes to <paramref name="count"/> elements; the preconditions of <see cref="SplitKernel"/> hold.</summary>
/// <returns>
/// False when plane 0 of Float16 has a bit set where every split writes zero; the elements are then undefined.
/// </returns>
internal unsafe delegate bool MergeKernel(byte* planes, int stride, byte* elements, int count);

/// <summary>Both directions of one layout for one instruction set.</summary>
/// <param name="Layout">The layout it cuts and joins.</param>
/// <param name="InstructionSet">One of the names in <see cref="PlaneKernels"/>.</param>
/// <param name="IsSupported">Whether this machine can run it.</param>
/// <param name="Split">Elements to planes.</param>
/// <param name="Merge">Planes to elements.</param>
internal sealed record PlaneKernel(PlaneLayoutId Layout, string InstructionSet, bool IsSupported, SplitKernel Split, MergeKernel Merge);
