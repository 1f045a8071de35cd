using ModelPack.Pipeline.Folders;

namespace ModelPack.Tests.Pipeline.Folders;

public sealed class NameRulesTests
{
    [Theory]
    [InlineData("model.safetensors", true, true)]
    [InlineData("ein Name – 模型.onnx", true, true)]
    [InlineData("nul-model.bin", true, true)]
    [InlineData("COM10", true, true)]
    [InlineData(".hidden", true, true)]
    [InlineData("", false, false)]
    [InlineData(".", false, false)]
    [InlineData("..", false, false)]
    [InlineData("a/b", false, false)]
    [InlineData("a\0b", false, false)]
    [InlineData(@"a\b", true, false)]
    [InlineData(@"..\..\x", true, false)]
    [InlineData("C:", true, false)]
    [InlineData("C:x", true, false)]
    [InlineData("a:stream", true, false)]
    [InlineData("a\nb", true, false)]
    [InlineData("a\u0001", true, false)]
    [InlineData("a*", true, false)]
    [InlineData("a?", true, false)]
    [InlineData("\"a\"", true, false)]
    [InlineData("<a>", true, false)]
    [InlineData("a|b", true, false)]
    [InlineData("a.", true, false)]
    [InlineData("a ", true, false)]
    [InlineData("...", true, false)]
    [InlineData("CON", true, false)]
    [InlineData("nul", true, false)]
    [InlineData("Aux.txt", true, false)]
    [InlineData("prn .tar.gz", true, false)]
    [InlineData("com1", true, false)]
    [InlineData("COM¹.x", true, false)]
    [InlineData("lpt0", true, false)]
    [InlineData("conin$", true, false)]
    public void Names_are_plain_on_their_system(string name, bool onUnix, bool onWindows)
    {
        Assert.Equal(onUnix, NameRules.Unix.FindFault(name) is null);
        Assert.Equal(onUnix, NameRules.MacOS.FindFault(name) is null);
        Assert.Equal(onWindows, NameRules.Windows.FindFault(name) is null);
    }
}
