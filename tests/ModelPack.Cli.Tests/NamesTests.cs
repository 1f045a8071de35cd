namespace ModelPack.Cli.Tests;

public class NamesTests
{
    [Theory]
    [InlineData("model.safetensors", "model.safetensors.mpk")]
    [InlineData("models/Llama/", "models/Llama.mpk")]
    [InlineData("models/Llama", "models/Llama.mpk")]
    [InlineData("-", "-")]
    public void Container_lies_beside_its_source(string source, string expected) => Assert.Equal(expected, DefaultNames.ForPacked(source));

    [Fact]
    public void Current_folder_is_packed_under_its_own_name() =>
        Assert.Equal(Environment.CurrentDirectory.TrimEnd('/') + ".mpk", DefaultNames.ForPacked("."));

    [Fact]
    public void Root_has_no_name() => Assert.Throws<UsageException>(() => DefaultNames.ForPacked(Path.GetPathRoot(Environment.CurrentDirectory)!));

    [Theory]
    [InlineData("models/m.onnx.mpk", "models/m.onnx")]
    [InlineData("M.MPK", "M")]
    [InlineData("-", "-")]
    public void Extension_is_removed_to_restore(string packed, string expected) => Assert.Equal(expected, DefaultNames.ForRestored(packed));

    [Theory]
    [InlineData("a/m.onnx.mpk", "m.onnx")]
    [InlineData("a/packed", "")]
    [InlineData(".mpk", "")]
    [InlineData("-", "")]
    public void Name_from_a_pipe_is_that_of_the_target(string target, string expected) => Assert.Equal(expected, DefaultNames.ForStored(target));

    [Theory]
    [InlineData("model.onnx", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData(@"a\b", false)]
    [InlineData("C:x", false)]
    [InlineData("a\nb", false)]
    public void Plain_names_stay_in_their_folder(string name, bool expected) => Assert.Equal(expected, DefaultNames.IsPlainFileName(name));

    [Fact]
    public void Tensors_get_different_file_names_that_every_system_takes() => Assert.Equal(
        ["a_b.bin", "a_b-2.bin", "A_B-3.bin", "_.hidden.bin", "_.bin", "_nul.txt.bin", "größe.bin", "_-x.bin", "a_b_c.bin"],
        TensorFileNames.For(["a/b", "a_b", "A:B", ".hidden", "", "nul.txt", "größe", "-x", "a\nb\uD83Dc"], TensorFileFormat.Raw));

    [Fact]
    public void Long_tensor_name_is_cut() =>
        Assert.Equal(new string('ö', 80) + ".safetensors", Assert.Single(TensorFileNames.For([new string('ö', 300)], TensorFileFormat.Safetensors)));
}
