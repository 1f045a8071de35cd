using System.Numerics;

namespace ModelPack.Pipeline;

/// <summary>Buffers that grow to the largest size needed and stay.</summary>
internal static class Buffers
{
    /// <summary>Makes sure of at least this many bytes; the contents are lost when the buffer grows.</summary>
    public static void Reserve(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            // In powers of two up to 1 MiB and in MiB above, so that sizes that creep up do not allocate each time.
            const int Step = 1 << 20;
            int rounded = length <= Step ? (int)BitOperations.RoundUpToPowerOf2((uint)length) : (length + Step - 1) / Step * Step;
            buffer = GC.AllocateUninitializedArray<byte>(rounded);
        }
    }
}
