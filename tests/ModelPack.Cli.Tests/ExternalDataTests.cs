using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

/// <summary>ONNX models whose weights lie in other files.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private static readonly byte[] Weights = Models.BFloat16Weights(20_000, 1);

    private readonly TemporaryFolder _folder = new();

    public ExternalDataTests()
    {
        _folder.Write("m/model.onnx", Model("data/w.bin", 5));
        _folder.Write("m/data/w.bin", [1, 2, 3, 4, 5, .. Weights, 6, 7]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pack_list_verify_and_unpack_know_the_data_files()
    {
        CommandResult packed = Succeed(_folder, "pack", "m/model.onnx", "--strict");
        Assert.Contains("m/model.onnx → m/model.onnx.mpk  2 files", packed.OutputText, StringComparison.Ordinal);
        Assert.Contains("sound, equal to m/model.onnx  2 files", Succeed(_folder, "verify", "m/model.onnx.mpk", "--against", "m/model.onnx").OutputText, StringComparison.Ordinal);

        using var json = JsonDocument.Parse(Succeed(_folder, "list", "m/model.onnx.mpk", "--json").Output);
        JsonElement[] files = [.. json.RootElement.GetProperty("files").EnumerateArray()];
        Assert.Equal(["data/w.bin onnx-data", "model.onnx onnx"], files.Select(static file => $"{file.GetProperty("path")} {file.GetProperty("format")}"));
        JsonElement tensor = files[1].GetProperty("tensors")[0];
        Assert.Equal("""{"file":"data/w.bin","offset":5,"bytes":40000}""", tensor.GetProperty("external").GetRawText());
        Assert.Equal(40000, tensor.GetProperty("original_bytes").GetInt64());
        Assert.InRange(tensor.GetProperty("packed_bytes").GetInt64(), 1, 30000);
        Assert.Equal(JsonValueKind.Null, files[0].GetProperty("tensors")[0].GetProperty("external").ValueKind);
        Assert.Contains("@data/w.bin exponent:", Succeed(_folder, "list", "m/model.onnx.mpk").OutputText, StringComparison.Ordinal);
        Assert.Equal(Weights, Succeed(_folder, "unpack", "m/model.onnx.mpk", "--tensor", "w", "-o", "-").Output);

        _folder.Write("to/other", [1]);
        File.Move(_folder["m/model.onnx.mpk"], _folder["to/renamed.mpk"]);
        Assert.Contains("to/renamed.mpk → to/model.onnx  2 files", Succeed(_folder, "unpack", "to/renamed.mpk").OutputText, StringComparison.Ordinal);
        Assert.Equal(_folder.Read("m/model.onnx"), _folder.Read("to/model.onnx"));
        Assert.Equal(_folder.Read("m/data/w.bin"), _folder.Read("to/data/w.bin"));
        Assert.Equal(4, Directory.GetFileSystemEntries(_folder["to"]).Length);
        Assert.Contains("data/w.bin: exists already", Fail(2, _folder, "unpack", "to/renamed.mpk"), StringComparison.Ordinal);
        Succeed(_folder, "unpack", "to/renamed.mpk", "--force");
        Succeed(_folder, "unpack", "to/renamed.mpk", "-o", "back");
        Assert.Equal(_folder.Read("m/data/w.bin"), _folder.Read("back/data/w.bin"));
        Assert.Equal(["back", "m", "to"], _folder.Names);
    }

    [Fact]
    public void Alone_and_from_a_pipe_a_model_is_packed_with_a_warning()
    {
        CommandResult alone = Run(_folder, "pack", "m/model.onnx", "--no-external-data", "-o", "alone.mpk");
        Assert.Equal(0, alone.ExitCode);
        Assert.Equal("modelpack: warning: m/model.onnx: 1 tensor has its data in other files, such as 'data/w.bin'; the model is packed without them\n", alone.Error);
        Succeed(_folder, "unpack", "alone.mpk", "-o", "alone.onnx");
        Assert.Equal(_folder.Read("m/model.onnx"), _folder.Read("alone.onnx"));
        Assert.Contains("which was not packed", Fail(2, _folder, "unpack", "alone.mpk", "--tensor", "w"), StringComparison.Ordinal);

        CommandResult piped = RunWithInput(_folder, _folder.Read("m/model.onnx"), "pack", "-", "--name", "model.onnx", "-o", "piped.mpk");
        Assert.Equal(0, piped.ExitCode);
        Assert.Contains("cannot be found from here", piped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_data_file_is_a_warning_or_refused()
    {
        File.Delete(_folder["m/data/w.bin"]);
        Assert.Contains("'data/w.bin', which is not there", Fail(3, _folder, "pack", "m/model.onnx", "--strict"), StringComparison.Ordinal);
        CommandResult packed = Run(_folder, "pack", "m/model.onnx");
        Assert.Equal(0, packed.ExitCode);
        Assert.Contains("warning: ", packed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside.bin")]
    public void Data_outside_the_folder_is_refused_by_name(string location)
    {
        _folder.Write("outside.bin", [1]);
        _folder.Write("m/model.onnx", Model(location, 0));
        Assert.Contains($"'{location}', which", Fail(3, _folder, "pack", "m/model.onnx"), StringComparison.Ordinal);
        Assert.Contains($"'{location}', which", Fail(3, _folder, "pack", "m"), StringComparison.Ordinal);
        Assert.Equal(["m", "outside.bin"], _folder.Names);
    }

    [UnixFact]
    public void A_pipe_in_the_place_of_a_data_file_is_refused_and_not_waited_for()
    {
        File.Delete(_folder["m/data/w.bin"]);
        Assert.Equal(0, RunShell(_folder, "mkfifo m/data/w.bin").ExitCode);
        Assert.Contains("is a pipe or a device", Fail(3, _folder, "pack", "m/model.onnx"), StringComparison.Ordinal);
    }

    // onnx.proto: a ModelProto with one initializer 'w', BF16 [20000], whose data lies elsewhere.
    private static byte[] Model(string location, int offset)
    {
        byte[] tensor =
        [
            0x08, 0xA0, 0x9C, 0x01, // dims: 20000
            0x10, 0x10, // data_type: BFLOAT16
            .. Field(0x42, "w"u8.ToArray()),
            .. Field(0x6A, [.. Field(0x0A, "location"u8.ToArray()), .. Field(0x12, Encoding.UTF8.GetBytes(location))]),
            .. Field(0x6A, [.. Field(0x0A, "offset"u8.ToArray()), .. Field(0x12, Encoding.UTF8.GetBytes(offset.ToString(CultureInfo.InvariantCulture)))]),
            0x70, 0x01, // data_location: EXTERNAL
        ];
        return [0x08, 0x08, .. Field(0x3A, Field(0x2A, tensor)), 0x42, 0x02, 0x10, 0x11];
    }

    private static byte[] Field(byte tag, byte[] content) => [tag, checked((byte)content.Length), .. content];
}
