using System.Runtime.InteropServices;
using ModelPack.Coding;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding;

public sealed class ElementProbeTests
{
    [Fact]
    public void A_table_of_sines_promises_something() => Assert.True(ElementProbe.Promises(SineTable.OfFloat32(128), sizeof(float)));

    [Fact]
    public void Few_values_of_two_bytes_promise_something()
    {
        byte[] values = SeededPlanes.Make("runs", 40_000);
        Assert.True(ElementProbe.Promises(values, sizeof(ushort)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Noise_promises_nothing(int elementSize) => Assert.False(ElementProbe.Promises(SeededPlanes.Make("uniform", 40_000), elementSize));

    [Fact]
    public void Weights_promise_nothing()
    {
        byte[] brainFloats = SmallModels.BFloat16Weights(20_000, 5);
        Assert.False(ElementProbe.Promises(brainFloats, sizeof(ushort)));

        // Half-precision weights, widened.
        var random = new Random(3);
        float[] widened = [.. Enumerable.Range(0, 20_000).Select(_ => (float)(Half)((random.NextDouble() + random.NextDouble() - 1) / 30))];
        Assert.False(ElementProbe.Promises(MemoryMarshal.AsBytes<float>(widened), sizeof(float)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(28)]
    public void A_few_elements_promise_nothing(int length) => Assert.False(ElementProbe.Promises(new byte[length], sizeof(float)));
}
