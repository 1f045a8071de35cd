using ModelPack.Pipeline.External;

namespace ModelPack.Tests.Pipeline.External;

public sealed class ExternalLocationTests
{
    [Theory]
    [InlineData("weights.bin", "weights.bin")]
    [InlineData("./weights.bin", "weights.bin")]
    [InlineData("a/b//c.bin", "a/b/c.bin")]
    [InlineData("a/./b", "a/b")]
    [InlineData("..a", "..a")]
    [InlineData("a..", "a..")]
    [InlineData("ä ö/日本.bin", "ä ö/日本.bin")]
    [InlineData("*/_ORT_MEM_ADDR_/*", "*/_ORT_MEM_ADDR_/*")]
    public void A_path_below_the_model_is_followed(string location, string expected)
    {
        Assert.Null(ExternalLocation.FindFault(location));
        Assert.Equal(expected, ExternalLocation.Resolve("model.onnx", location));
        Assert.Equal("sub/dir/" + expected, ExternalLocation.Resolve("sub/dir/model.onnx", location));
    }

    [Theory]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("//server/share", "absolute")]
    [InlineData("..", "leads out")]
    [InlineData("../weights.bin", "leads out")]
    [InlineData("a/../../b", "leads out")]
    [InlineData("a/../b", "leads out")]
    [InlineData("C:/weights.bin", "drive")]
    [InlineData("c:weights.bin", "drive")]
    [InlineData("..\\weights.bin", "backslash")]
    [InlineData("\\\\server\\share", "backslash")]
    [InlineData("a\0b", "zero")]
    [InlineData("", "empty")]
    [InlineData(".", "folder")]
    [InlineData("a/", "folder")]
    [InlineData("a/.", "folder")]
    public void Any_other_is_not(string location, string reason) =>
        Assert.Contains(reason, ExternalLocation.FindFault(location), StringComparison.Ordinal);
}
