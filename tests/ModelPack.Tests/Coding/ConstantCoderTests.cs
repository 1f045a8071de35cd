using ModelPack.Coding;
using ModelPack.Coding.Constant;
using ModelPack.Tests.Contracts;

namespace ModelPack.Tests.Coding;

public sealed class ConstantCoderTests : PlaneCoderContract
{
    protected override string AcceptedKind => "constant";

    private protected override IPlaneCoder Coder => ConstantCoder.Instance;

    [Fact]
    public void Coded_byte_is_the_value()
    {
        Assert.True(TryEncode([7, 7, 7], new CodingWorkspace(), out byte[] coded));
        Assert.Equal([7], coded);
    }

    [Fact]
    public void Takes_no_plane_with_two_values() =>
        Assert.False(TryEncode([7, 7, 8], new CodingWorkspace(), out _));
}
