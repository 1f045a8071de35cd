namespace ModelPack.Tests;

public sealed class PathFilterTests
{
    [Theory]
    [InlineData("*.safetensors", "model.safetensors", true)]
    [InlineData("*.safetensors", "a/b/model.safetensors", true)]
    [InlineData("*.safetensors", "model.safetensors.index.json", false)]
    [InlineData("*", "a/b", true)]
    [InlineData("onnx/*", "onnx/a/b.onnx", true)]
    [InlineData("onnx/", "onnx/a/b.onnx", true)]
    [InlineData("onnx/", "onnx2/a", false)]
    [InlineData("onnx", "onnx/a", false)]
    [InlineData("model-0000?-of-*", "model-00003-of-00010.safetensors", true)]
    [InlineData("model-0000?-of-*", "model-00013-of-00010.safetensors", false)]
    [InlineData("**/config.json", "config.json", true)]
    [InlineData("**/config.json", "a/config.json", true)]
    [InlineData("**/config.json", "aconfig.json", false)]
    [InlineData("Config.json", "config.json", false)]
    [InlineData(@"a\*b", "a*b", true)]
    [InlineData(@"a\*b", "axb", false)]
    [InlineData(@"a\\b", @"a\b", true)]
    [InlineData("模?.bin", "模型.bin", true)]
    public void Patterns_match_whole_paths(string pattern, string path, bool expected)
    {
        Assert.Equal(expected, new PathFilter { Include = [pattern] }.Selects(path));
        Assert.Equal(!expected, new PathFilter { Exclude = [pattern] }.Selects(path));
    }

    [Fact]
    public void Exclusion_counts_more()
    {
        var filter = new PathFilter { Include = ["*.json", "*.txt"], Exclude = ["tokenizer*", "*/x.txt"] };
        Assert.Equal(["a.json", "x.txt"], new[] { "a.json", "tokenizer.json", "x.txt", "a/x.txt", "b.bin" }.Where(filter.Selects));
    }
}
