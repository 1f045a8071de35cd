using ModelPack.Fuzz.Targets;
using Xunit;

namespace ModelPack.Fuzz.Tests;

/// <summary>A change gets past the checksums when they are made anew, and only then.</summary>
public sealed class ContainerRemakerTests
{
    private static readonly FuzzTarget Container = FuzzTarget.Find("container");
    private static readonly FuzzTarget Remade = FuzzTarget.Find("remade");

    [Fact]
    public void A_sound_container_stays_as_it_is()
    {
        foreach (byte[] container in SeedModels.Containers())
        {
            Assert.Equal(container, new ContainerRemaker().Remake(container, Repairs.All));
        }
    }

    [Fact]
    public void A_changed_byte_of_a_stored_block_is_restored_as_changed()
    {
        byte[] container = Pack("some text that no coder makes shorter"u8);
        int at = container.AsSpan().IndexOf("text"u8);
        container[at] ^= 1;
        Assert.Equal(ModelPackError.Corrupt, Container.Run(container).Refusal);
        Verdict verdict = Remade.Run([(byte)Repairs.All, .. container]);
        Assert.Null(verdict.Refusal);
        Assert.Equal(Container.Run(Pack("some uext that no coder makes shorter"u8)), verdict);
    }

    [Fact]
    public void A_repair_that_is_not_asked_for_is_not_made()
    {
        byte[] container = Pack("some text that no coder makes shorter"u8);
        container[container.AsSpan().IndexOf("text"u8)] ^= 1;
        Assert.Equal(ModelPackError.Corrupt, Remade.Run([(byte)Repairs.Index, .. container]).Refusal);
        Assert.Equal(ModelPackError.Corrupt, Remade.Run([(byte)Repairs.Blocks, .. container]).Refusal);
    }

    private static byte[] Pack(ReadOnlySpan<byte> text)
    {
        using var packed = new MemoryStream();
        using var source = new MemoryStream(text.ToArray());
        ModelPacker.Pack(source, "a.txt", packed, new PackOptions { ForcedCoder = PlaneCoder.Stored });
        return packed.ToArray();
    }
}
