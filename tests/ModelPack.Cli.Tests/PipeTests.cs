using System.Diagnostics;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class PipeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Model_goes_through_pipes_both_ways()
    {
        byte[] model = Models.TwoTensors();

        CommandResult packed = RunWithInput(_folder, model, "pack", "-");
        Assert.Equal("", packed.Error);
        Assert.Equal(0, packed.ExitCode);
        Assert.True(packed.Output.Length < model.Length);

        CommandResult restored = RunWithInput(_folder, packed.Output, "unpack", "-");
        Assert.Equal("", restored.Error);
        Assert.Equal(0, restored.ExitCode);
        Assert.Equal(model, restored.Output);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void Container_from_a_pipe_is_verified()
    {
        byte[] model = Models.TwoTensors();
        byte[] packed = RunWithInput(_folder, model, "pack", "-", "--name", "m.safetensors").Output;

        CommandResult result = RunWithInput(_folder, packed, "verify", "-");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("standard input: sound  1 file  131 kB  ", result.OutputText, StringComparison.Ordinal);

        packed[packed.Length / 2] ^= 1;
        string line = AssertFailed(3, RunWithInput(_folder, packed, "verify", "-"));
        Assert.StartsWith("modelpack: standard input: at offset ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void File_is_written_to_standard_output_and_read_from_standard_input()
    {
        byte[] model = Models.TwoTensors();
        _folder.Write("model.safetensors", model);

        CommandResult packed = Succeed(_folder, "pack", "model.safetensors", "-o", "-");
        RunWithInput(_folder, packed.Output, "unpack", "-", "-o", "restored");

        Assert.Equal(model, _folder.Read("restored"));
        Assert.Equal(["model.safetensors", "restored"], _folder.Names);
    }

    [Fact]
    public void Stored_name_is_the_given_one_or_that_of_the_target()
    {
        byte[] model = Models.TwoTensors();
        RunWithInput(_folder, model, "pack", "-", "-o", "a.safetensors.mpk");
        RunWithInput(_folder, model, "pack", "-", "-o", "packed", "--name", "b.safetensors");
        RunWithInput(_folder, model, "pack", "-", "-o", "unnamed");

        Assert.StartsWith("a.safetensors  safetensors  2 tensors  ", Succeed(_folder, "list", "a.safetensors.mpk").OutputText, StringComparison.Ordinal);
        Assert.StartsWith("b.safetensors  safetensors  2 tensors  ", Succeed(_folder, "list", "packed").OutputText, StringComparison.Ordinal);

        // Without the extension, unpack goes by the stored name.
        Succeed(_folder, "unpack", "packed");
        Assert.Equal(model, _folder.Read("b.safetensors"));
        Assert.Contains("use -o", Fail(2, _folder, "unpack", "unnamed"), StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_does_not_fit_through_a_pipe()
    {
        _folder.Write("Llama/config.json", "{}"u8.ToArray());
        Succeed(_folder, "pack", "Llama");

        Assert.Contains("holds a folder", Fail(2, _folder, "unpack", "Llama.mpk", "-o", "-"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pack", "model.safetensors", "-o", "-", "--json")]
    [InlineData("pack", "model.safetensors", "--name", "x")]
    [InlineData("pack", "-", "--name", "a/b")]
    [InlineData("list", "-")]
    [InlineData("unpack", "-", "--tensor", "x")]
    public void What_a_pipe_cannot_do_is_wrong_usage(params string[] arguments)
    {
        _folder.Write("model.safetensors", Models.TwoTensors());
        Fail(2, _folder, arguments);
        Assert.Equal(["model.safetensors"], _folder.Names);
    }

    [UnixFact]
    public void Closed_pipe_ends_the_command_quietly()
    {
        // More than a pipe holds, so that the writer finds it closed.
        _folder.Write("noise.bin", Models.Noise(1 << 20, seed: 2));
        Succeed(_folder, "pack", "noise.bin");

        using Process process = Start(_folder, "unpack", "noise.bin.mpk", "-o", "-");
        process.StandardOutput.BaseStream.Dispose();
        Task<string> error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.Equal(5, process.ExitCode);
        Assert.Equal("", error.Result);
    }

    [UnixFact]
    public void Full_device_is_an_input_output_error()
    {
        _folder.Write("noise.bin", Models.Noise(1 << 20, seed: 3));

        CommandResult result = RunShell(_folder, "$MODELPACK pack noise.bin -o - > /dev/full");

        Assert.StartsWith("modelpack: standard output: No space left on device", AssertFailed(5, result), StringComparison.Ordinal);
    }

    [UnixFact]
    public void Commands_of_one_shell_redirection_follow_each_other()
    {
        byte[] model = Models.TwoTensors();
        _folder.Write("model.safetensors", model);

        Succeed(_folder, "pack", "model.safetensors");

        CommandResult result = RunShell(_folder, "(printf before; $MODELPACK unpack model.safetensors.mpk -o -; printf after) > all");

        Assert.Equal("", result.Error);
        Assert.Equal([.. "before"u8, .. model, .. "after"u8], _folder.Read("all"));
    }
}
