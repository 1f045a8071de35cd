using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class ErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData]
    [InlineData("squash")]
    [InlineData("pack")]
    [InlineData("pack", "a", "b")]
    [InlineData("pack", "a", "--nonsense")]
    [InlineData("pack", "a", "--level", "extreme")]
    [InlineData("pack", "a", "--level")]
    [InlineData("pack", "a", "--threads", "0")]
    [InlineData("pack", "a", "--threads", "-1")]
    [InlineData("pack", "a", "--threads", "many")]
    [InlineData("pack", "a", "--coder", "zip")]
    [InlineData("pack", "")]
    [InlineData("unpack", "a", "--strict")]
    [InlineData("verify", "a", "--expect-sha256")]
    public void Wrong_arguments_are_one_line(params string[] arguments)
    {
        _folder.Write("a", [1]);
        Fail(2, _folder, arguments);
        Assert.Equal(["a"], _folder.Names);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("pack", "--help")]
    [InlineData("unpack", "-h")]
    public void Help_is_on_standard_output(params string[] arguments)
    {
        CommandResult result = Succeed(_folder, arguments);
        Assert.Contains("modelpack", result.OutputText, StringComparison.Ordinal);
        Assert.Contains("--quiet", result.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_is_that_of_the_assembly() => Assert.Matches(@"^\d+\.\d+\.\d+\S*\nkernels: planes [\w -]+, lane-ans [\w -]+\n$", Succeed(_folder, "--version").OutputText);

    [Theory]
    [InlineData("pack")]
    [InlineData("unpack")]
    [InlineData("verify")]
    [InlineData("list")]
    public void Missing_file_is_named(string verb)
    {
        string line = Fail(5, _folder, verb, "nowhere.mpk");
        Assert.StartsWith("modelpack: nowhere.mpk: no such file", line, StringComparison.Ordinal);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void Missing_target_folder_is_named()
    {
        _folder.Write("a", [1]);
        string line = Fail(5, _folder, "pack", "a", "-o", "nowhere/a.mpk");
        Assert.EndsWith("nowhere/a.mpk: no such folder", line, StringComparison.Ordinal);
    }

    [UnprivilegedFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Refused_permission_is_an_input_output_error()
    {
        _folder.Write("a", [1]);
        _folder.Write("closed/b", [1]);
        File.SetUnixFileMode(_folder["a"], UnixFileMode.None);
        File.SetUnixFileMode(_folder["closed"], UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.EndsWith("/a: permission denied", Fail(5, _folder, "pack", "a"), StringComparison.Ordinal);
        Assert.EndsWith("closed/b.mpk: permission denied", Fail(5, _folder, "pack", "closed/b"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unpack")]
    [InlineData("verify")]
    [InlineData("list")]
    public void What_is_no_container_is_bad_input(string verb)
    {
        _folder.Write("text.mpk", "This is a text, and not even a short one, but no container at all.\n"u8.ToArray());
        _folder.Write("empty.mpk", []);

        Assert.StartsWith("modelpack: text.mpk: ", Fail(3, _folder, verb, "text.mpk"), StringComparison.Ordinal);
        Assert.StartsWith("modelpack: empty.mpk: ", Fail(3, _folder, verb, "empty.mpk"), StringComparison.Ordinal);
        Assert.Equal(["empty.mpk", "text.mpk"], _folder.Names);
    }

    [Fact]
    public void Folder_in_place_of_a_container_is_wrong_usage()
    {
        Directory.CreateDirectory(_folder["F"]);
        Assert.Equal("modelpack: F: is a folder, not a container", Fail(2, _folder, "unpack", "F"));
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.97)]
    public void Damaged_container_is_bad_input_and_leaves_nothing(double place)
    {
        byte[] packed = PackedModel();
        int offset = (int)(packed.Length * place);
        packed[offset] ^= 0x04;
        _folder.Write("damaged.mpk", packed);

        string line = Fail(3, _folder, "unpack", "damaged.mpk");

        Assert.Matches(@"^modelpack: damaged\.mpk: at offset \d+: \S", line);
        Assert.Equal(["damaged.mpk"], _folder.Names);

        // And then it lists what is lost.
        CommandResult verified = Run(_folder, "verify", "damaged.mpk");
        Assert.Equal(3, verified.ExitCode);
        Assert.Matches(@"^modelpack: damaged\.mpk: at offset \d+: [^\n]+\n$", verified.Error);
    }

    [Theory]
    [InlineData(0.0001)]
    [InlineData(0.5)]
    [InlineData(0.9999)]
    public void Truncated_container_is_bad_input_and_leaves_nothing(double place)
    {
        byte[] packed = PackedModel();
        _folder.Write("cut.mpk", packed[..(int)(packed.Length * place)]);

        string line = Fail(3, _folder, "unpack", "cut.mpk");

        Assert.StartsWith("modelpack: cut.mpk: at offset ", line, StringComparison.Ordinal);
        Assert.Equal(["cut.mpk"], _folder.Names);
    }

    [Fact]
    public void Damage_leaves_an_existing_target_as_it_was()
    {
        byte[] packed = PackedModel();
        packed[packed.Length / 2] ^= 0x40;
        _folder.Write("damaged.mpk", packed);
        _folder.Write("damaged", [1, 2, 3]);

        Fail(3, _folder, "unpack", "damaged.mpk", "--force");

        Assert.Equal([1, 2, 3], _folder.Read("damaged"));
        Assert.Equal(["damaged", "damaged.mpk"], _folder.Names);
    }

    [Fact]
    public void Debug_adds_the_stack_trace()
    {
        _folder.Write("text.mpk", new byte[100]);

        CommandResult result = Run(_folder, "verify", "text.mpk", "--debug");

        Assert.Equal(3, result.ExitCode);
        Assert.StartsWith("modelpack: text.mpk: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("   at ModelPack.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void File_name_like_a_response_file_is_a_file_name()
    {
        _folder.Write("@model", [1, 2, 3]);
        Succeed(_folder, "pack", "@model");
        Assert.Equal(["@model", "@model.mpk"], _folder.Names);
    }

    private byte[] PackedModel()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model.safetensors", Models.TwoTensors());
        Succeed(folder, "pack", "model.safetensors");
        return folder.Read("model.safetensors.mpk");
    }
}
