namespace ModelPack.Comparison.Peers;

/// <summary>ModelPack on whole files: format reader, planes, coders, container and checksums.</summary>
/// <param name="level">Effort.</param>
/// <param name="fileName">The extension helps to recognise the format.</param>
internal sealed class ModelPackPeer(PackLevel level, string fileName) : IPeer
{
    private static readonly UnpackOptions UnpackOptions = new() { Threads = 1 };

    private readonly PackOptions _packOptions = new() { Level = level, Threads = 1 };

    public string Name => NameOf(level);

    /// <summary>The name a level has in tables.</summary>
    public static string NameOf(PackLevel level) => $"ModelPack {level.ToString().ToLowerInvariant()}";

    // No plane is larger than stored; the rest is for block directories and for an index of many tiny tensors.
    public int MaxPackedLength(int originalLength) => checked(originalLength + (originalLength / 2) + (1 << 20));

    public int Pack(ArraySegment<byte> original, ArraySegment<byte> packed)
    {
        using var target = new MemoryStream(packed.Array!, packed.Offset, packed.Count);
        return (int)ModelPacker.Pack(original.AsMemory(), fileName, target, _packOptions).PackedLength;
    }

    public void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored)
    {
        UnpackResult result = ModelPacker.Unpack(packed.AsMemory(), restored.AsMemory(), UnpackOptions);
        PeerThrow.IfPartial(this, result.OriginalLength, restored.Count);
    }
}
