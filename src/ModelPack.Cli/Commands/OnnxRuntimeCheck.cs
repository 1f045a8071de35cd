using ModelPack.Cli.Reporting;
using ModelPack.Cli.Streams;
using ModelPack.OnnxRuntime;

namespace ModelPack.Cli.Commands;

/// <summary>What <c>verify --onnxruntime</c> does. ONNX Runtime's library is loaded when this runs, and by no other verb.</summary>
internal static class OnnxRuntimeCheck
{
    /// <summary>Runs the models of a container and their originals.</summary>
    /// <param name="packed">The container.</param>
    /// <param name="files">Paths of the files that were verified.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static OnnxReport[] Run(string packed, IEnumerable<FileSummary> files, VerifyOptions options, CancellationToken cancellationToken)
    {
        using PackedModel model = PackedModel.Open(packed, new OpenOptions { Base = options.Base, MaxExpansion = options.MaxExpansion }, cancellationToken);
        IReadOnlyList<OnnxFileResult> results = OnnxVerifier.Verify(
            model, new OnnxVerifyOptions { Files = [.. files.Select(static file => file.Path)], Against = options.Against, Threads = options.Threads }, cancellationToken);
        return [.. results.Select(static result => new OnnxReport(
            result.File,
            result.Verdict switch { OnnxVerdict.Equal => true, OnnxVerdict.Different => false, _ => null },
            result.Reason,
            result.Runs,
            [.. result.Inputs.Select(static input => new OnnxInputReport(input.Name, input.Type, [.. input.Shape]))],
            [.. result.Outputs]))];
    }

    /// <summary>Writes a line for each model that is not equal, and says with which code the process ends.</summary>
    public static int Report(OnnxReport[] reports, string packed)
    {
        foreach (OnnxReport report in reports.Where(static report => report.Equal != true))
        {
            string file = report.File.Length == 0 ? StandardStreams.DisplayInput(packed) : report.File;
            ErrorReport.WriteLine($"{file}: {(report.Equal is null ? "cannot be compared in ONNX Runtime: " : "")}{report.Reason}");
        }

        return reports.Any(static report => report.Equal == false) ? ExitCode.Different
            : reports.Any(static report => report.Equal is null) ? ExitCode.BadInput
            : ExitCode.Done;
    }

    /// <summary>What to add to the summary when all went well.</summary>
    public static string Describe(OnnxReport[]? reports) => reports is null
        ? ""
        : $", equal in ONNX Runtime ({Units.Count(reports.Sum(static report => report.Outputs.Length), "output")}, {Units.Count(reports.Sum(static report => report.Runs), "run")})";
}
