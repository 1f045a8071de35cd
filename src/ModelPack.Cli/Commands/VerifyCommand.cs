using System.CommandLine;
using System.Diagnostics;
using ModelPack.Cli.Reporting;
using ModelPack.Cli.Streams;

namespace ModelPack.Cli.Commands;

/// <summary><c>modelpack verify PACKED</c></summary>
internal static class VerifyCommand
{
    private static readonly Argument<string> Packed = new("PACKED") { Description = "The container, or - for standard input." };
    private static readonly Option<string?> Against = new("--against") { HelpName = "ORIGINAL", Description = "Compare with this file or folder, byte by byte." };
    private static readonly SelectionOptions Selection = new("Compare");

    private static readonly Option<string[]> ExpectSha256 = new("--expect-sha256")
    {
        HelpName = "EXPECTED",
        Description = "Compare with this SHA-256: its hexadecimal digits for a container of one file, NAME=DIGITS for a file of a folder, or a file in the format of sha256sum; may be repeated.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Base = CommonOptions.Base("The base that the container was packed with.");
    private static readonly Option<bool> OnnxRuntime = new("--onnxruntime")
    {
        Description = "Run each ONNX model of the container and its original in ONNX Runtime on the same random inputs, and compare the outputs bit for bit.",
    };

    private static readonly Option<long?> MaxExpansion = CommonOptions.MaxExpansion();
    private static readonly Option<int> Threads = CommonOptions.Threads();

    public static Command Create()
    {
        var command = new Command("verify", "Check that a container restores what was packed, without writing anything.") { Packed, Against, ExpectSha256, Selection.Include, Selection.Exclude, Base, OnnxRuntime, MaxExpansion, Threads };
        command.SetBody(Run);
        return command;
    }

    private static int Run(ParseResult parsed, CommandContext context)
    {
        string packed = CommonOptions.RequirePath(parsed.GetRequiredValue(Packed), "PACKED");
        PathChecks.RequireContainer(packed);
        string? against = parsed.GetValue(Against) is { } original ? CommonOptions.RequirePath(original, "ORIGINAL") : null;
        bool onnxRuntime = parsed.GetValue(OnnxRuntime);
        if (onnxRuntime && packed == StandardStreams.Name)
        {
            throw new UsageException("--onnxruntime needs a container that can be read at any place, not standard input");
        }

        ExpectedHashes? hashes = parsed.GetValue(ExpectSha256) is { Length: > 0 } given ? ExpectedHashes.Read(given) : null;
        var options = new VerifyOptions
        {
            Threads = parsed.GetValue(Threads),
            Against = against,
            ExpectedSha256 = hashes?.OfTheFile,
            ExpectedSha256OfFiles = hashes?.OfFiles,
            Filter = Selection.Read(parsed),
            Base = CommonOptions.RequireBase(parsed.GetValue(Base)),
            MaxExpansion = CommonOptions.ReadExpansion(parsed.GetValue(MaxExpansion)),
        };

        using Stream? input = packed == StandardStreams.Name ? context.OpenStandardInput() : null;
        var watch = Stopwatch.StartNew();
        VerifyResult result;
        try
        {
            result = context.WithProgress("verifying", progress => input is null
                ? ModelPacker.Verify(packed, options, progress, context.CancellationToken)
                : ModelPacker.Verify(input, StandardStreams.InputDisplayName, options, progress, context.CancellationToken));
        }
        catch (ModelPackException exception) when (input is null && exception.Error == ModelPackError.Corrupt)
        {
            return DamageReport.Write(context, packed, exception, progress => ModelPacker.Diagnose(
                packed, new DiagnoseOptions { Threads = options.Threads, Base = options.Base, MaxExpansion = options.MaxExpansion }, progress, context.CancellationToken));
        }

        OnnxReport[]? onnx = onnxRuntime
            ? context.WithProgress("running in ONNX Runtime", _ => OnnxRuntimeCheck.Run(packed, result.Files, options, context.CancellationToken))
            : null;

        context.WriteJson(
            new VerifyReport(
                packed,
                against is null && hashes is null ? null : result.Differences.Count == 0,
                result.OriginalLength,
                result.PackedLength,
                watch.Elapsed.TotalSeconds,
                FileReport.Of(result.Files),
                [.. result.Differences.Select(static difference => new DifferenceReport(difference.File, difference.Offset, difference.Reason))],
                onnx),
            ReportJson.Default.VerifyReport);
        foreach (Difference difference in result.Differences)
        {
            ErrorReport.WriteLine(ErrorReport.Place(Names.OfFile(difference.File), difference.Offset, difference.Reason));
        }

        int exitCode = OnnxRuntimeCheck.Report(onnx ?? [], packed);
        if (result.Differences.Count > 0)
        {
            return ExitCode.Different;
        }

        if (exitCode != ExitCode.Done)
        {
            return exitCode;
        }

        string equal = (against is null ? "" : $", equal to {against}") + (hashes is null ? "" : $", {hashes.Describe(result.Files)}") + OnnxRuntimeCheck.Describe(onnx);
        context.WriteSummary(
            $"{StandardStreams.DisplayInput(packed)}: sound{equal}  {Units.Count(result.Files.Count, "file")}  {Units.Size(result.OriginalLength)}  {Units.Duration(watch.Elapsed)}");
        return ExitCode.Done;
    }
}
