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

    [Fact]
    public void Repeats_and_differences_allocate_nothing_for_each_block()
    {
        using var folder = new TemporaryFolder();
        (string File, string Base, byte[] Packed) small = Prepare(folder, "small", tensors: 2);
        (string File, string Base, byte[] Packed) large = Prepare(folder, "large", tensors: 6);

        // Each tensor has a difference, and a repeat of it, of 8 blocks each.
        int moreBlocks = (6 - 2) * 16;
        long packing = Allocations.InSteadyState(() => Pack(large.File, large.Base), callsPerRound: 1)
            - Allocations.InSteadyState(() => Pack(small.File, small.Base), callsPerRound: 1);
        long restoring = Allocations.InSteadyState(() => Restore(large.Packed, large.Base), callsPerRound: 1)
            - Allocations.InSteadyState(() => Restore(small.Packed, small.Base), callsPerRound: 1);

        // Two numbers of the index and a kept block for each, in lists that double, and what a tensor needs in maps and index.
        Assert.InRange(packing, long.MinValue, moreBlocks * 1024);
        Assert.InRange(restoring, long.MinValue, moreBlocks * 512);
    }

    private static (string File, string Base, byte[] Packed) Prepare(TemporaryFolder folder, string name, int tensors)
    {
        byte[][] weights = [.. Enumerable.Range(0, tensors).Select(static i => SmallModels.BFloat16Weights(1024 * 1024, i))];
        string baseFile = folder.Write($"{name}-base", SmallModels.Safetensors([.. weights.Select(static (data, i) => ($"w{i}", "BF16", new[] { 1024, 1024 }, data))]));
        byte[][] tuned = [.. weights.Select(static data => data.Select(static (value, i) => (byte)(i % 50 == 0 ? value ^ 1 : value)).ToArray())];
        string file = folder.Write($"{name}.safetensors", SmallModels.Safetensors(
            [.. tuned.SelectMany(static (data, i) => new[] { ($"w{i}", "BF16", new[] { 1024, 1024 }, data), ($"again{i}", "BF16", new[] { 1024, 1024 }, data) })]));
        using var packed = new MemoryStream();
        PackResult result = ModelPacker.Pack(file, packed, new PackOptions { Base = baseFile });
        Assert.InRange((double)result.PackedLength / result.OriginalLength, 0.0001, 0.2);
        return (file, baseFile, packed.ToArray());
    }

    private static byte[] Model(int values) =>
        SmallModels.Safetensors(("w", "BF16", [values / 1024, 1024], SmallModels.BFloat16Weights(values, 3)));

    private static void Pack(string source, string? baseFile = null) =>
        ModelPacker.Pack(source, Stream.Null, new PackOptions { Threads = 1, Base = baseFile });

    private static void Restore(byte[] packed, string? baseFile = null)
    {
        using var source = new MemoryStream(packed);
        ModelPacker.Unpack(source, "m.mpk", Stream.Null, new UnpackOptions { Threads = 1, Base = baseFile });
    }
}
