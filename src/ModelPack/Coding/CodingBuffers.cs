using System.Numerics;

namespace ModelPack.Coding;

/// <summary>Buffers that grow to the largest size needed and stay.</summary>
internal static class CodingBuffers
{
    /// <summary>Makes sure of at least this many elements; the contents are lost when the buffer grows.</summary>
    public static void Reserve<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new T[BitOperations.RoundUpToPowerOf2((uint)length)];
        }
    }
}
