namespace ModelPack.Tests.Support;

/// <summary>Packs and restores in memory.</summary>
internal static class Packing
{
    public static byte[] Pack(byte[] original, string name = "model.safetensors", PackOptions? options = null)
    {
        using var source = new MemoryStream(original);
        using var target = new MemoryStream();
        ModelPacker.Pack(source, name, target, options);
        return target.ToArray();
    }

    public static byte[] Unpack(byte[] packed, int threads = 1)
    {
        using var source = new MemoryStream(packed);
        using var target = new MemoryStream();
        ModelPacker.Unpack(source, "test.mpk", target, new UnpackOptions { Threads = threads });
        return target.ToArray();
    }
}
