using ModelPack.Primitives;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Corruption;

/// <summary>No damage to a container goes unnoticed: streamed, or opened at its index.</summary>
public sealed class SmallContainerTests
{
    private static readonly byte[] Original = SmallModels.Mixed();
    private static readonly byte[] Packed = Packing.Pack(Original, options: new PackOptions { Sha256 = true });

    [Fact]
    public void The_sound_container_is_accepted() => Assert.Equal(Original, Packing.Unpack(Packed));

    [Fact]
    public void Every_cut_is_refused()
    {
        Parallel.For(0, Packed.Length, static length => AssertRefused(Packed[..length], $"cut at {length}"));
    }

    [Fact]
    public void Every_flipped_bit_is_refused()
    {
        Parallel.For(0, Packed.Length, static position =>
        {
            byte[] damaged = [.. Packed];
            for (int bit = 0; bit < 8; bit++)
            {
                damaged[position] = (byte)(Packed[position] ^ (1 << bit));
                AssertRefused(damaged, $"bit {bit} of byte {position} flipped");
            }
        });
    }

    [Fact]
    public void Appended_bytes_are_refused()
    {
        AssertRefused([.. Packed, 0], "a zero behind");
        AssertRefused([.. Packed, .. Packed], "itself behind");
    }

    [Fact]
    public void Damage_is_placed_in_the_file()
    {
        byte[] damaged = [.. Packed];
        damaged[^300] ^= 0x10;
        using var source = new MemoryStream(damaged);
        ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(source, "some.mpk", Stream.Null));
        Assert.Equal("some.mpk", exception.FileName);
        Assert.InRange(exception.Offset ?? -1, 32, damaged.Length);
        Assert.StartsWith($"some.mpk: at offset {exception.Offset}: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_that_changed_places_are_refused()
    {
        // Two stored blocks of equal length: their frames could be exchanged without changing any other offset.
        byte[] original = SeededPlanes.Make("uniform", 4 << 20);
        byte[] packed = Packing.Pack(original, "noise.bin");
        int frame = (1 << 20) + 24 + 5;
        int first = packed.AsSpan().IndexOf(original.AsSpan(0, 64)) - 24 - 5;
        byte[] swapped = [.. packed];
        packed.AsSpan(first, frame).CopyTo(swapped.AsSpan(first + frame));
        packed.AsSpan(first + frame, frame).CopyTo(swapped.AsSpan(first));
        Assert.NotEqual(packed, swapped);
        AssertRefused(swapped, "two frames exchanged", opens: true);
        packed.AsSpan(first, frame).CopyTo(swapped.AsSpan(first));
        packed.AsSpan(first, frame).CopyTo(swapped.AsSpan(first + frame));
        AssertRefused(swapped, "a frame repeated", opens: true);
    }

    private static void AssertRefused(byte[] damaged, string damage, bool opens = false)
    {
        using (var source = new MemoryStream(damaged))
        {
            try
            {
                ModelPacker.Unpack(source, "damaged.mpk", Stream.Null, new UnpackOptions { Threads = 1 });
                Assert.Fail($"{damage}: went unnoticed");
            }
            catch (ModelPackException exception)
            {
                Assert.True(exception.Error is ModelPackError.Corrupt or ModelPackError.Unsupported, $"{damage}: {exception.Message}");
                Assert.Equal("damaged.mpk", exception.FileName);
            }
        }

        if (opens)
        {
            return;
        }

        try
        {
            using PackedModel model = PackedModel.Open(ByteSource.FromMemory(damaged, "damaged.mpk"));
            foreach (PackedTensor tensor in model.Files[0].Tensors)
            {
                byte[] data = new byte[tensor.Length];
                model.ReadTensor(tensor, data);
                int at = Original.AsSpan().IndexOf(data);
                Assert.True(at >= 0, $"{damage}: tensor {tensor.Info.Name} came back changed");
            }
        }
        catch (ModelPackException exception)
        {
            Assert.True(exception.Error is ModelPackError.Corrupt or ModelPackError.Unsupported, $"{damage}: {exception.Message}");
            Assert.Equal("damaged.mpk", exception.FileName);
        }
    }
}
