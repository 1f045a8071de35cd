using ModelPack.Primitives;

namespace ModelPack.Tests.Primitives;

public sealed class ParallelBitsTests
{
    // Signatures as CPUs report them.
    [Theory]
    [InlineData("AuthenticAMD", 0x0066_0F01, true)] // Excavator
    [InlineData("AuthenticAMD", 0x0080_0F11, true)] // Zen
    [InlineData("AuthenticAMD", 0x0083_0F10, true)] // Zen 2
    [InlineData("HygonGenuine", 0x0090_0F02, true)]
    [InlineData("AuthenticAMD", 0x00A2_0F10, false)] // Zen 3
    [InlineData("AuthenticAMD", 0x00B4_0F40, false)] // Zen 5
    [InlineData("GenuineIntel", 0x0003_06C3, false)] // Haswell
    public void Are_microcoded_on_AMD_before_Zen_3(string vendor, int signature, bool expected) =>
        Assert.Equal(expected, ParallelBits.AreMicrocoded(vendor, signature));
}
