using ModelPack.Coding;
using ModelPack.Coding.Stored;
using ModelPack.Tests.Contracts;

namespace ModelPack.Tests.Coding;

public sealed class StoredCoderTests : PlaneCoderContract
{
    protected override string AcceptedKind => "uniform";

    private protected override IPlaneCoder Coder => StoredCoder.Instance;

    [Fact]
    public void Coded_bytes_are_the_plane()
    {
        Assert.True(TryEncode([1, 2, 3], new CodingWorkspace(), out byte[] coded));
        Assert.Equal([1, 2, 3], coded);
    }
}
