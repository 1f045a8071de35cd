namespace ModelPack.Comparison.Tests;

public sealed class PublicApiTests
{
    /// <summary>The library is a part of the command; what it does is documented as the command's reports.</summary>
    [Fact]
    public void Nothing_is_public() => Assert.Empty(typeof(Comparer).Assembly.GetExportedTypes());
}
