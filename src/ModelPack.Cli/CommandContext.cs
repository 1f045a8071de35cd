using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelPack.Cli.Reporting;
using ModelPack.Cli.Streams;

namespace ModelPack.Cli;

/// <summary>What every verb needs while it runs: how to report, and when to stop.</summary>
internal sealed class CommandContext(ParseResult parsed, Cancellation cancellation)
{
    private bool _outputCarriesData;

    public CancellationToken CancellationToken => cancellation.Token;

    /// <summary>The exit code of a verb that was cancelled and keeps what it has.</summary>
    public int CancelledExitCode => cancellation.CancelledExitCode;

    /// <summary>True when the result is wanted as JSON.</summary>
    public bool Json { get; } = parsed.GetValue(CommonOptions.Json);

    /// <summary>True when nothing but errors (and JSON, if wanted) is to be said.</summary>
    public bool Quiet { get; } = parsed.GetValue(CommonOptions.Quiet);

    /// <summary>Opens standard input as a model or container.</summary>
    public Stream OpenStandardInput() => StandardStreams.OpenInput(cancellation.Token);

    /// <summary>Opens standard output for a model or container; from then on nothing else is written there.</summary>
    /// <exception cref="UsageException">It is a terminal, or wanted for JSON as well.</exception>
    public Stream OpenStandardOutput()
    {
        if (Json)
        {
            throw new UsageException("--json and the data cannot both go to standard output; name a target with -o");
        }

        _outputCarriesData = true;
        return StandardStreams.OpenOutput(cancellation.Token);
    }

    /// <summary>Runs an operation with a progress display, if somebody watches.</summary>
    public T WithProgress<T>(string title, Func<IProgress<ModelPackProgress>?, T> operation) =>
        Quiet || Console.IsErrorRedirected ? operation(null) : ProgressDisplay.Run(title, operation);

    /// <summary>Writes the result that people read, unless JSON is wanted.</summary>
    public void WriteSummary(string text)
    {
        if (Quiet || Json)
        {
            return;
        }

        if (!_outputCarriesData)
        {
            StandardOutput.Write(Printable.Escape(text) + Environment.NewLine);
        }
        else if (!Console.IsErrorRedirected)
        {
            ErrorReport.WriteRaw(Printable.Escape(text));
        }
    }

    /// <summary>Writes the result that programs read, if wanted.</summary>
    public void WriteJson<T>(T report, JsonTypeInfo<T> type)
    {
        if (Json)
        {
            StandardOutput.Write(JsonSerializer.Serialize(report, type) + Environment.NewLine);
        }
    }

    public void Warn(IEnumerable<ModelPackWarning> warnings)
    {
        if (Quiet)
        {
            return;
        }

        foreach (ModelPackWarning warning in warnings)
        {
            ErrorReport.WriteLine("warning: " + ErrorReport.Place(warning.File, warning.Offset, warning.Reason));
        }
    }
}
