using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

/// <summary>Blocks are coded in buffers that are used again: a longer file allocates no more than its index needs.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Packing_and_restoring_allocate_nothing_for_each_block()
    {
        byte[] small = Model(values: 4 * 1024 * 1024);
        byte[] large = Model(values: 12 * 1024 * 1024);
        int moreBlocks = (12 - 4) * 8;
        byte[] packedSmall = Packing.Pack(small);
        byte[] packedLarge = Packing.Pack(large);
        using var folder = new TemporaryFolder();
        string smallFile = folder.Write("small.safetensors", small);
        string largeFile = folder.Write("large.safetensors", large);
        long packing = Allocations.InSteadyState(() => Pack(largeFile), callsPerRound: 1) - Allocations.InSteadyState(() => Pack(smallFile), callsPerRound: 1);
        long restoring = Allocations.InSteadyState(() => Restore(packedLarge), callsPerRound: 1) - Allocations.InSteadyState(() => Restore(packedSmall), callsPerRound: 1);

        // Two numbers of the index for each block, in lists that double.
        Assert.InRange(packing, long.MinValue, moreBlocks * 64);
        Assert.InRange(restoring, long.MinValue, moreBlocks * 128);
    }

    private static byte[] Model(int values) =>
        SmallModels.Safetensors(("w", "BF16", [values / 1024, 1024], SmallModels.BFloat16Weights(values, 3)));

    private static void Pack(string source) => ModelPacker.Pack(source, Stream.Null, new PackOptions { Threads = 1 });

    private static void Restore(byte[] packed)
    {
        using var source = new MemoryStream(packed);
        ModelPacker.Unpack(source, "m.mpk", Stream.Null, new UnpackOptions { Threads = 1 });
    }
}
