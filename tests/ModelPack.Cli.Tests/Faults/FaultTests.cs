using ModelPack.Cli.Reporting;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests.Faults;

/// <summary>
/// What tools/faults.sh does at length: after a fault the target is the old one, one line says why, and nothing else is left.
/// </summary>
public sealed class FaultTests : IClassFixture<FaultModels>, IDisposable
{
    private const int InputOutputError = 5; // EIO
    private const int NoSpace = 28; // ENOSPC

    private readonly TemporaryFolder _folder;

    public FaultTests(FaultModels models)
    {
        _folder = models.Folder;
        Directory.CreateDirectory(_folder["T"]);
    }

    public void Dispose() => Directory.Delete(_folder["T"], recursive: true);

    [FaultTheory]
    [InlineData("pack model.safetensors -o T/x", "write", 2, NoSpace)]
    [InlineData("pack model.safetensors -o T/x", "sync", 1, InputOutputError)]
    [InlineData("pack model.safetensors -o T/x", "rename", 1, InputOutputError)]
    [InlineData("pack model.safetensors -o T/x --split 64KiB", "write", 3, NoSpace)]
    [InlineData("pack model.safetensors -o T/x --split 64KiB", "sync", 2, InputOutputError)]
    [InlineData("pack model.safetensors -o T/x --split 64KiB", "rename", 2, InputOutputError)]
    [InlineData("unpack model.mpk -o T/x", "write", 1, NoSpace)]
    [InlineData("unpack F.mpk -o T/x", "write", 2, NoSpace)]
    [InlineData("unpack F.mpk -o T/x", "sync", 2, InputOutputError)]
    [InlineData("unpack F.mpk -o T/x", "rename", 1, InputOutputError)]
    public void Failing_call_leaves_the_old_target(string operation, string call, int at, int error)
    {
        bool isFolder = operation.StartsWith("unpack F", StringComparison.Ordinal);
        string old = isFolder ? "T/x/old" : "T/x";
        _folder.Write(old, [1, 2, 3]);

        string line = AssertFailed(5, RunShell(_folder, $"{FaultShim.Before(_folder["T"], call, at, error)}$MODELPACK {operation} --force"));

        Assert.Contains(error == NoSpace ? "No space left on device" : "Input/output error", line, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], _folder.Read(old));
        Assert.Equal(["x"], NamesOf("T"));
    }

    [FaultTheory]
    [InlineData("pack model.safetensors -o T/x", "model.safetensors")]
    [InlineData("unpack parts.mpk -o T/x", "parts.mpk.002")]
    public void Failing_read_names_the_file_and_the_place(string operation, string file)
    {
        string line = AssertFailed(5, RunShell(_folder, $"{FaultShim.Before("/" + file, "read", 1, InputOutputError)}$MODELPACK {operation}"));

        Assert.Matches($@"^modelpack: ([^ ]*/)?{System.Text.RegularExpressions.Regex.Escape(file)}: at offset \d+: Input/output error$", line);
        Assert.Empty(NamesOf("T"));
    }

    [FaultTheory]
    [InlineData("read")]
    [InlineData("write")]
    public void Calls_that_transfer_less_change_nothing(string call)
    {
        string shim = FaultShim.Before(_folder.Path, call, 1, error: null);

        Assert.Equal("", RunShell(_folder, $"{shim}$MODELPACK pack model.safetensors -o T/x --split 64KiB").Error);
        Assert.Equal("", RunShell(_folder, $"{shim}$MODELPACK unpack T/x -o T/y").Error);

        Assert.Equal(_folder.Read("model.safetensors"), _folder.Read("T/y"));
    }

    [UnixTheory]
    [InlineData("pack model.safetensors -o T/x")]
    [InlineData("unpack F.mpk -o T/x")]
    public void Files_that_may_not_grow_are_an_input_output_error(string operation)
    {
        // In units of 512 or 1,024 bytes. The runtime makes a large file in memory unless it is told not to.
        AssertFailed(5, RunShell(_folder, $"trap '' XFSZ; ulimit -f 30; DOTNET_EnableWriteXorExecute=0 $MODELPACK {operation}"));
        Assert.Empty(NamesOf("T"));
    }

    [UnixTheory]
    [InlineData("pack model.safetensors -o T/x")]
    [InlineData("unpack F.mpk -o T/x")]
    [InlineData("pack model.safetensors -o T/x --split 64KiB")]
    public void Of_two_that_make_one_target_one_is_told(string operation)
    {
        CommandResult result = RunShell(_folder, $"$MODELPACK {operation} & first=$!; $MODELPACK {operation}; second=$?; wait $first; echo $? $second");

        Assert.Contains(result.OutputText.Split('\n')[^2], new[] { "0 2", "2 0" });
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain(NamesOf("T"), static name => name.StartsWith('.'));
    }

    [UnixFact]
    public void Full_standard_error_changes_no_exit_code() =>
        Assert.Equal(5, RunShell(_folder, "$MODELPACK pack nowhere 2>/dev/full").ExitCode);

    [UnixTheory]
    [InlineData("list model.mpk")]
    [InlineData("verify model.mpk --json")]
    public void Full_standard_output_is_named(string operation)
    {
        CommandResult result = RunShell(_folder, $"$MODELPACK {operation} >/dev/full");
        Assert.Equal("modelpack: standard output: No space left on device", AssertFailed(5, result));
    }

    [Fact]
    public void Too_little_memory_is_an_input_output_error_also_while_a_type_is_made_ready()
    {
        Assert.Equal(ExitCode.InputOutput, ErrorReport.Write(new InsufficientMemoryException(), cancellation: null, debug: false));
        Assert.Equal(ExitCode.InputOutput, ErrorReport.Write(new TypeInitializationException("T", new InsufficientMemoryException()), cancellation: null, debug: false));
    }

    private string[] NamesOf(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(_folder[folder]).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}

/// <summary>Models and their containers, made once for all faults.</summary>
public sealed class FaultModels : IDisposable
{
    public FaultModels()
    {
        Folder.Write("model.safetensors", Models.TwoTensors());
        Folder.Write("F/model.safetensors", Models.TwoTensors(2));
        Folder.Write("F/sub/noise.bin", Models.Noise(300_000, 3));
        Succeed(Folder, "pack", "model.safetensors", "-o", "model.mpk");
        Succeed(Folder, "pack", "F", "-o", "F.mpk");
        Succeed(Folder, "pack", "model.safetensors", "-o", "parts.mpk", "--split", "64KiB");
    }

    internal TemporaryFolder Folder { get; } = new();

    public void Dispose() => Folder.Dispose();
}
