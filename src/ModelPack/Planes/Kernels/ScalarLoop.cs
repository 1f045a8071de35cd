using System.Runtime.CompilerServices;
using ModelPack.Primitives;

namespace ModelPack.Planes.Kernels;

/// <summary>How one element of a layout is cut and joined, written for reading: the reference that vector kernels are tested against.</summary>
internal unsafe interface IElementFormat
{
    static abstract int ElementSize { get; }

    /// <summary>Whether full groups are in <see cref="GroupOrder"/>.</summary>
    static abstract bool IsGrouped { get; }

    /// <summary>Writes one element's bits to every plane. Positions come in ascending order.</summary>
    static abstract void Split(byte* element, byte* planes, int stride, PlanePosition position);

    /// <returns>False when a plane has a bit set where every split writes zero.</returns>
    static abstract bool Merge(byte* planes, int stride, PlanePosition position, byte* element);
}

/// <summary>A place in the planes.</summary>
/// <param name="Index">Position in a plane of one byte a value.</param>
/// <param name="InFullGroup">False in the last count mod 64 positions of a grouped layout.</param>
internal readonly record struct PlanePosition(int Index, bool InFullGroup);

/// <summary>The one scalar loop: whole blocks without vectors, and what vector loops leave over.</summary>
internal static unsafe class ScalarLoop<TFormat>
    where TFormat : struct, IElementFormat
{
    public static void Split(byte* elements, byte* planes, int stride, int count) => Split(elements, planes, stride, count, from: 0);

    public static bool Merge(byte* planes, int stride, byte* elements, int count) => Merge(planes, stride, elements, count, from: 0);

    /// <summary>Cuts the elements at positions <paramref name="from"/> and up; in a grouped layout it starts a group.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static void Split(byte* elements, byte* planes, int stride, int count, int from)
    {
        int position = from;
        for (int grouped = GroupedCount(count); position < grouped; position++)
        {
            TFormat.Split(Element(elements, GroupOrder.ValueAt(position)), planes, stride, new(position, InFullGroup: true));
        }

        for (; position < count; position++)
        {
            TFormat.Split(Element(elements, position), planes, stride, new(position, InFullGroup: false));
        }
    }

    /// <summary>Joins the elements at positions <paramref name="from"/> and up; in a grouped layout it starts a group.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static bool Merge(byte* planes, int stride, byte* elements, int count, int from)
    {
        bool sound = true;
        int position = from;
        for (int grouped = GroupedCount(count); position < grouped; position++)
        {
            sound &= TFormat.Merge(planes, stride, new(position, InFullGroup: true), Element(elements, GroupOrder.ValueAt(position)));
        }

        for (; position < count; position++)
        {
            sound &= TFormat.Merge(planes, stride, new(position, InFullGroup: false), Element(elements, position));
        }

        return sound;
    }

    private static byte* Element(byte* elements, int value) => elements + ((nint)value * TFormat.ElementSize);

    private static int GroupedCount(int count) => TFormat.IsGrouped ? count & -GroupOrder.GroupSize : 0;
}
