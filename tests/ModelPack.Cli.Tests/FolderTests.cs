using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

public sealed class FolderTests : IDisposable
{
    private const string Revision = "0123456789abcdef0123456789abcdef01234567";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public void Tree_comes_back_with_links_execute_bits_and_times()
    {
        MakeModel();
        const string Look = "find . -printf '%P %y %l %m ' -a \\( -type l -o -printf '%T@' \\) -printf '\\n' | sort";
        string before = RunShell(_folder, $"cd model && {Look}").OutputText;
        Assert.Contains("run.sh f  755", before, StringComparison.Ordinal);

        Succeed(_folder, "pack", "model");
        Succeed(_folder, "unpack", "model.mpk", "-o", "back");

        Assert.Equal(before, RunShell(_folder, $"cd back && {Look}").OutputText);
        Assert.Equal("", RunShell(_folder, "diff -r --no-dereference model back").OutputText);
        Assert.Contains("sound, equal to model", Succeed(_folder, "verify", "model.mpk", "--against", "model").OutputText, StringComparison.Ordinal);
        string list = Succeed(_folder, "list", "model.mpk").OutputText;
        Assert.Contains("\nlatest  link to onnx\n", list, StringComparison.Ordinal);
        Assert.Contains("model.mpk  3 files  1 link  ", list, StringComparison.Ordinal);

        using var json = JsonDocument.Parse(Succeed(_folder, "list", "model.mpk", "--json").Output);
        Assert.Equal("onnx", json.RootElement.GetProperty("links")[0].GetProperty("target").GetString());
        Assert.Equal(["", "empty", "onnx"], json.RootElement.GetProperty("folders").EnumerateArray().Select(static entry => entry.GetProperty("path").GetString()));
        Assert.True(json.RootElement.GetProperty("files")[2].GetProperty("executable").GetBoolean());
        Assert.Equal(File.GetLastWriteTimeUtc(_folder["model/run.sh"]), json.RootElement.GetProperty("files")[2].GetProperty("modified").GetDateTimeOffset().UtcDateTime);
    }

    [UnixFact]
    public void Without_times_a_copy_gives_the_same_bytes()
    {
        MakeModel();
        RunShell(_folder, "cp -r model copy && find copy -exec touch -h -d @5 {} +");
        Succeed(_folder, "pack", "model", "--no-times");
        Succeed(_folder, "pack", "copy", "--no-times");
        Assert.Equal(_folder.Read("model.mpk"), _folder.Read("copy.mpk"));
    }

    [UnixFact]
    public void What_is_no_file_is_refused_by_name()
    {
        MakeModel();
        RunShell(_folder, "mkfifo model/pipe");
        Assert.StartsWith("modelpack: model/pipe: is neither a regular file nor a folder", Fail(2, _folder, "pack", "model"), StringComparison.Ordinal);
        Succeed(_folder, "pack", "model", "--exclude", "pipe");
        File.Delete(_folder["model/pipe"]);
        File.CreateSymbolicLink(_folder["model/out"], "../secret");
        Assert.StartsWith("modelpack: model/out: is a link and leads to '../secret', outside", Fail(2, _folder, "pack", "model", "--force"), StringComparison.Ordinal);
        RunShell(_folder, "rm model/out; touch \"model/$(printf 'a\\377')\"");
        CommandResult odd = Run(_folder, "pack", "model", "--force");

        // The runtime cannot remove what it cannot name.
        RunShell(_folder, "rm -r model");
        Assert.Contains("not UTF-8", AssertFailed(2, odd), StringComparison.Ordinal);
    }

    [Fact]
    public void Patterns_select_for_every_verb()
    {
        MakeModel();
        Succeed(_folder, "pack", "model", "-o", "some.mpk", "--include", "*.json", "--include", "onnx/*", "--exclude", "*.onnx", "--sha256");
        Assert.Contains("some.mpk  1 file  ", Succeed(_folder, "list", "some.mpk").OutputText, StringComparison.Ordinal);
        Succeed(_folder, "pack", "model", "-o", "all.mpk", "--sha256");
        Succeed(_folder, "unpack", "all.mpk", "-o", "back", "--exclude", "*.json");
        Assert.Equal(["onnx", "run.sh"], Directory.GetFileSystemEntries(_folder["back"]).Select(static path => Path.GetFileName(path)!).Where(static name => name is not ("empty" or "latest")).Order(StringComparer.Ordinal));
        File.WriteAllText(_folder["model/config.json"], "changed");
        Succeed(_folder, "verify", "all.mpk", "--against", "model", "--exclude", "*.json");
        Fail(4, _folder, "verify", "all.mpk", "--against", "model");
        Assert.Equal($"{Hash("{}"u8)}  config.json\n", Succeed(_folder, "list", "all.mpk", "--sha256", "--include", "*.json").OutputText);
        Assert.Contains("has no file that the patterns select", Fail(2, _folder, "pack", "model", "--include", "*.bin", "--force"), StringComparison.Ordinal);
        Fail(2, _folder, "unpack", "all.mpk", "-o", "none", "--include", "*.bin");
        Fail(2, _folder, "list", "all.mpk", "--include", "*.bin");
        Fail(2, _folder, "pack", "model/config.json", "--include", "*");
        Fail(2, _folder, "unpack", "all.mpk", "--file", "config.json", "--include", "*");
        Fail(2, _folder, "pack", "model", "--include", "", "--force");
        Assert.False(Path.Exists(_folder["none"]));
    }

    [Fact]
    public void Files_are_restored_alone()
    {
        MakeModel();
        Succeed(_folder, "pack", "model");
        Assert.StartsWith("model.mpk → m.onnx  ", Succeed(_folder, "unpack", "model.mpk", "--file", "onnx/m.onnx").OutputText, StringComparison.Ordinal);
        Assert.Equal(Models.OnnxWithVarints(), _folder.Read("m.onnx"));
        Succeed(_folder, "unpack", "model.mpk", "--file", "onnx/m.onnx", "-o", "renamed");
        Assert.Equal(Models.OnnxWithVarints(), _folder.Read("renamed"));
        Directory.CreateDirectory(_folder["into"]);
        Succeed(_folder, "unpack", "model.mpk", "--file", "config.json", "-o", "into");
        Assert.Equal("{}", Encoding.ASCII.GetString(_folder.Read("into/config.json")));
        Assert.Equal("{}", Succeed(_folder, "unpack", "model.mpk", "--file", "config.json", "-o", "-").OutputText);
        Assert.Equal("{}", RunWithInput(_folder, _folder.Read("model.mpk"), "unpack", "-", "--file", "config.json").OutputText);
        Succeed(_folder, "unpack", "model.mpk", "--file", "config.json", "--file", "onnx/m.onnx", "-o", "two");
        Assert.Equal(["two/config.json", "two/onnx/m.onnx"], Directory.GetFiles(_folder["two"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder.Path, path).Replace('\\', '/')).Order(StringComparer.Ordinal));
        Fail(2, _folder, "unpack", "model.mpk", "--file", "config.json", "--file", "onnx/m.onnx");
        Assert.Equal("modelpack: model.mpk: there is no file 'm.onnx'", Fail(2, _folder, "unpack", "model.mpk", "--file", "m.onnx", "-o", "x"));
        Assert.Contains("exists already", Fail(2, _folder, "unpack", "model.mpk", "--file", "config.json", "-o", "renamed"), StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder["x"]));
    }

    [Fact]
    public void Tensor_of_several_files_is_told_apart_by_its_file()
    {
        _folder.Write("F/1.safetensors", Models.Safetensors(("w", "U8", [3], [1, 2, 3])));
        _folder.Write("F/2.safetensors", Models.Safetensors(("w", "U8", [3], [4, 5, 6])));
        Succeed(_folder, "pack", "F");
        Assert.Contains("name the file", Fail(2, _folder, "unpack", "F.mpk", "--tensor", "w"), StringComparison.Ordinal);
        Succeed(_folder, "unpack", "F.mpk", "--tensor", "w", "--file", "2.safetensors");
        Assert.Equal([4, 5, 6], _folder.Read("w.bin"));
        Fail(2, _folder, "unpack", "F.mpk", "--tensor", "w", "--file", "2.safetensors", "--file", "1.safetensors");
        Fail(2, _folder, "unpack", "F.mpk", "--tensor", "w", "--file", "3.safetensors", "-o", "x");
    }

    [UnixFact]
    public void Sums_are_those_of_sha256sum_and_are_checked()
    {
        MakeModel();
        _folder.Write("model/odd \\ name\n", [1]);
        Succeed(_folder, "pack", "model", "--sha256");
        byte[] sums = Succeed(_folder, "list", "model.mpk", "--sha256").Output;
        _folder.Write("SHA256SUMS", sums);
        Assert.Equal(RunShell(_folder, "cd model && find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum").OutputText, Encoding.UTF8.GetString(sums));
        Assert.Equal(0, RunShell(_folder, "cd model && sha256sum --check --strict ../SHA256SUMS").ExitCode);

        Assert.Contains("sound, SHA-256 as expected  ", Succeed(_folder, "verify", "model.mpk", "--expect-sha256", "SHA256SUMS").OutputText, StringComparison.Ordinal);
        string config = Hash("{}"u8);
        Assert.Contains("sound, SHA-256 of 1 as expected  ", Succeed(_folder, "verify", "model.mpk", "--expect-sha256", $"config.json={config}").OutputText, StringComparison.Ordinal);
        Assert.Contains($"SHA-256 is {config}", Fail(4, _folder, "verify", "model.mpk", "--expect-sha256", "config.json=" + Hash([])), StringComparison.Ordinal);
        Assert.Contains("gone.txt: has an expected SHA-256", Fail(4, _folder, "verify", "model.mpk", "--expect-sha256", "SHA256SUMS", "--expect-sha256", "gone.txt=" + config), StringComparison.Ordinal);
        Fail(2, _folder, "verify", "model.mpk", "--expect-sha256", config);
        Fail(2, _folder, "verify", "model.mpk", "--expect-sha256", config, "--expect-sha256", config);
        Fail(2, _folder, "verify", "model.mpk", "--expect-sha256", "SHA256SUMS", "--expect-sha256", "config.json=" + Hash([]));
        Fail(2, _folder, "verify", "model.mpk", "--expect-sha256", "model/config.json");
        Succeed(_folder, "pack", "model", "-o", "plain.mpk");
        Assert.Contains("packed without --sha256", Fail(2, _folder, "list", "plain.mpk", "--sha256"), StringComparison.Ordinal);
    }

    [UnixFact]
    public void Snapshot_of_a_hub_cache_is_packed_as_content_and_checked()
    {
        byte[] model = Models.TwoTensors();
        string blob = $"hub/models--org--name/blobs/{Hash(model)}";
        string snapshot = $"hub/models--org--name/snapshots/{Revision}";
        _folder.Write(blob, model);
        Directory.CreateDirectory(_folder[snapshot]);
        File.CreateSymbolicLink(_folder[snapshot + "/model.safetensors"], $"../../blobs/{Hash(model)}");

        Assert.Contains("  1 file as on the hub  ", Succeed(_folder, "pack", snapshot, "-o", "m.mpk").OutputText, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Succeed(_folder, "pack", snapshot, "-o", "m.mpk", "-f", "--json").Output);
        JsonElement hub = json.RootElement.GetProperty("files")[0].GetProperty("hub");
        Assert.Equal(("sha256", Hash(model), true), (hub.GetProperty("algorithm").GetString(), hub.GetProperty("expected").GetString(), hub.GetProperty("equal").GetBoolean()));
        Succeed(_folder, "unpack", "m.mpk", "-o", "back");
        Assert.Equal(model, _folder.Read("back/model.safetensors"));
        Assert.Null(new FileInfo(_folder["back/model.safetensors"]).LinkTarget);

        model[^1] ^= 1;
        _folder.Write(blob, model);
        Assert.Contains($"has SHA-256 {Hash(model)}, the hub's is", Fail(3, _folder, "pack", snapshot, "-o", "x.mpk"), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["x.mpk"]));
        Succeed(_folder, "pack", snapshot, "-o", "x.mpk", "--no-hub-check");
    }

    [Fact]
    public void Download_that_was_changed_since_is_packed_with_a_warning_or_refused_when_strict()
    {
        _folder.Write("local/config.json", "{}"u8.ToArray());
        _folder.Write("local/.cache/huggingface/download/config.json.metadata", Encoding.ASCII.GetBytes($"{Revision}\n{Hash([])}\n1000000000.5\n"));

        CommandResult result = Run(_folder, "pack", "local");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("  0 files as on the hub, 1 file changed since  ", result.OutputText, StringComparison.Ordinal);
        Assert.StartsWith("modelpack: warning: local/config.json: has SHA-256 ", result.Error, StringComparison.Ordinal);
        Fail(3, _folder, "pack", "local", "--force", "--strict");
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private void MakeModel()
    {
        _folder.Write("model/config.json", "{}"u8.ToArray());
        _folder.Write("model/onnx/m.onnx", Models.OnnxWithVarints());
        _folder.Write("model/run.sh", "#!/bin/sh\n"u8.ToArray());
        Directory.CreateDirectory(_folder["model/empty"]);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.CreateSymbolicLink(_folder["model/latest"], "onnx");
        using Process shell = Process.Start("/bin/sh", ["-c", "cd \"$0\" && chmod 755 run.sh && touch -d @1700000000.123456789 run.sh empty && touch -d @1600000000.5 . onnx", _folder["model"]]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
