using ModelPack.Container;

namespace ModelPack.Tests.Container;

public sealed class ContainerPathTests
{
    [Theory]
    [InlineData("model.safetensors", true, true)]
    [InlineData("ein Name mit Zeichen – 模型.onnx", true, true)]
    [InlineData("", true, false)]
    [InlineData("a/b", false, true)]
    [InlineData("/a", false, false)]
    [InlineData("a//b", false, false)]
    [InlineData("a/", false, false)]
    [InlineData("..", false, false)]
    [InlineData("a/../b", false, false)]
    [InlineData("./a", false, false)]
    [InlineData("a\0b", false, false)]
    [InlineData("..a/b..", false, true)]
    public void Only_plain_relative_paths_are_sound(string path, bool soundForFile, bool soundForFolder)
    {
        Assert.Equal(soundForFile, ContainerPath.FindFault(path, ContainerContent.File) is null);
        Assert.Equal(soundForFolder, ContainerPath.FindFault(path, ContainerContent.Folder) is null);
    }

    [Fact]
    public void Paths_are_bounded() =>
        Assert.NotNull(ContainerPath.FindFault(new string('é', (ContainerLimits.MaxPathLength / 2) + 1), ContainerContent.File));
}
