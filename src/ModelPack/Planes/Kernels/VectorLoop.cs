using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Planes.Kernels;

/// <summary>How a fixed number of neighbouring elements is cut and joined with vectors.</summary>
internal unsafe interface IElementGroup
{
    /// <summary>Elements in a group.</summary>
    static abstract int Count { get; }

    /// <summary>Cuts one group.</summary>
    /// <param name="elements">The group's elements.</param>
    /// <param name="planes">Start of plane 0 of the block.</param>
    /// <param name="stride">Distance between planes.</param>
    /// <param name="first">Number of elements before the group; a multiple of <see cref="Count"/>.</param>
    static abstract void Split(byte* elements, byte* planes, nint stride, nint first);

    /// <summary>Joins one group; parameters as for <see cref="Split"/>.</summary>
    /// <returns>False when a plane has a bit set where every split writes zero.</returns>
    static abstract bool Merge(byte* planes, nint stride, nint first, byte* elements);
}

/// <summary>The one vector loop: whole groups with <typeparamref name="TGroup"/>, the rest with <see cref="ScalarLoop{TFormat}"/>.</summary>
internal static unsafe class VectorLoop<TGroup, TFormat>
    where TGroup : struct, IElementGroup
    where TFormat : struct, IElementFormat
{
    // Without AggressiveOptimization the first blocks of a run would go through unoptimised code.
    [MethodImpl(KernelMethod.Options)]
    public static void Split(byte* elements, byte* planes, int stride, int count)
    {
        int whole = count - (count % TGroup.Count);
        for (nint first = 0; first < whole; first += TGroup.Count)
        {
            TGroup.Split(elements + (first * TFormat.ElementSize), planes, stride, first);
        }

        ScalarLoop<TFormat>.Split(elements, planes, stride, count, from: whole);
    }

    [MethodImpl(KernelMethod.Options)]
    public static bool Merge(byte* planes, int stride, byte* elements, int count)
    {
        int whole = count - (count % TGroup.Count);
        bool sound = true;
        for (nint first = 0; first < whole; first += TGroup.Count)
        {
            sound &= TGroup.Merge(planes, stride, first, elements + (first * TFormat.ElementSize));
        }

        return ScalarLoop<TFormat>.Merge(planes, stride, elements, count, from: whole) && sound;
    }
}

/// <summary>The one place where merged elements are written.</summary>
internal static unsafe class MergedElements
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes>(TLanes elements, byte* destination)
        where TLanes : struct, ILanes<TLanes> => elements.Store(destination);
}
