using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ModelPack.Cli.Reporting;
using ModelPack.Cli.Streams;
using ModelPack.Comparison;
using ModelPack.Comparison.Reporting;
using CompareOptions = ModelPack.Comparison.CompareOptions;

namespace ModelPack.Cli.Commands;

/// <summary><c>modelpack compare SRC…</c></summary>
internal static class CompareCommand
{
    private const int DefaultTop = 20;

    private static readonly Argument<string[]> Sources = new("SRC")
    {
        Description = "Models: files, folders or containers. Two are compared with each other, the first as the base of the second; "
            + "one, or three and more, or two with --each, are measured each by itself.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Each = new("--each") { Description = "Measure two models each by itself, too." };
    private static readonly Option<bool> Estimate = new("--estimate") { Description = "Only estimate the size, from a sample: seconds for any model; the error is stated." };
    private static readonly Option<string?> Html = FileOption("--html", "Write the report as one page that needs nothing else.");
    private static readonly Option<string?> Csv = FileOption("--csv", "Write the tensors as comma-separated values.");
    private static readonly Option<bool> All = new("--all") { Description = "Show all tensors." };
    private static readonly Option<int> Top = Number("--top", "N", $"Show so many tensors; {DefaultTop} if not given.", 1, 1_000_000, DefaultTop);
    private static readonly Option<TensorOrder> Sort = CommonOptions.Choice("--sort", "KEY", "Sort the tensors by what packing saves, or else by", [.. TensorOrder.All.Select(static order => (order.Name, order))]);
    private static readonly Option<IReadOnlyList<PackLevel>?> Levels = new("--levels")
    {
        HelpName = "LIST",
        Description = "Levels to pack at beside default: fast, max, both with a comma, or none; both if not given.",
        CustomParser = ParseLevels,
    };

    private static readonly Option<bool> NoCoders = new("--no-coders") { Description = "Do not pack with each coder alone." };
    private static readonly Option<bool> NoPeers = new("--no-peers") { Description = "Do not run other compressors." };
    private static readonly Option<int> PeerMegabytes = Number("--peer-mb", "N", "Run other compressors on at most so many megabytes; 8 if not given.", 1, 512, 8);
    private static readonly Option<int> SampleMegabytes = Number("--sample-mb", "N", "Read so many megabytes for an estimate; by the model's size if not given.", 1, 1_000_000, 0);
    private static readonly Option<int> Seed = Number("--seed", "N", "Where the sample of an estimate starts.", 0, int.MaxValue, 1);
    private static readonly Option<int> Threads = CommonOptions.Threads();
    private static readonly Option<bool> Force = CommonOptions.Force();

    public static Command Create()
    {
        var command = new Command("compare", "See where the bytes of models go: tensor by tensor, against the theoretical limit, other compressors, or another model.")
        {
            Sources, Each, Estimate, Html, Csv, All, Top, Sort, Levels, NoCoders, NoPeers, PeerMegabytes, SampleMegabytes, Seed, Threads, Force,
        };
        command.SetBody(Run);
        return command;
    }

    private static int Run(ParseResult parsed, CommandContext context)
    {
        string[] sources = [.. parsed.GetRequiredValue(Sources).Select(static source => CommonOptions.RequirePath(source, "SRC"))];
        if (sources.Contains(StandardStreams.Name))
        {
            throw new UsageException("compare needs models that can be read at any place, not standard input");
        }

        string?[] targets = [parsed.GetValue(Html), parsed.GetValue(Csv)];
        foreach (string? target in targets)
        {
            RequireTarget(target, sources, parsed.GetValue(Force));
        }

        var options = new CompareOptions
        {
            Levels = parsed.GetValue(Levels) ?? [PackLevel.Fast, PackLevel.Max],
            WithCoders = !parsed.GetValue(NoCoders),
            WithPeers = !parsed.GetValue(NoPeers),
            PeerBytes = parsed.GetValue(PeerMegabytes) * 1_000_000,
            SampleBytes = parsed.GetValue(SampleMegabytes) * 1_000_000L,
            Seed = parsed.GetValue(Seed),
            Threads = parsed.GetValue(Threads),
        };
        CompareReport report = context.WithProgress("comparing", progress => Compare(parsed, sources, options, progress, context.CancellationToken));
        ReportFiles.Write(report, targets[0], targets[1], parsed.GetValue(Force));
        context.Warn(report.Warnings.Select(static warning => new ModelPackWarning(warning.File, warning.Reason, warning.Offset)));
        context.WriteJson(report, CompareJson.Default.CompareReport);
        if (!context.Json && !context.Quiet)
        {
            var view = new CompareView(context, parsed.GetValue(Sort) ?? TensorOrder.All[0], parsed.GetValue(All) ? int.MaxValue : parsed.GetValue(Top));
            view.Write(report);
        }

        foreach (string target in targets.OfType<string>())
        {
            context.WriteSummary($"{target}: written");
        }

        if (!report.Partial)
        {
            return ExitCode.Done;
        }

        ErrorReport.WriteLine("cancelled; what was found until then is shown");
        return context.CancelledExitCode;
    }

    private static CompareReport Compare(
        ParseResult parsed, string[] sources, CompareOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken) =>
        parsed.GetValue(Estimate) ? Comparer.Estimate(sources, options, progress, cancellationToken)
        : sources.Length == 2 && !parsed.GetValue(Each) ? Comparer.Difference(sources[0], sources[1], options, progress, cancellationToken)
        : Comparer.Measure(sources, options, progress, cancellationToken);

    // Found out before the work and not after it.
    private static void RequireTarget(string? target, string[] sources, bool force)
    {
        if (target is null)
        {
            return;
        }

        if (CommonOptions.RequirePath(target, "FILE") == StandardStreams.Name)
        {
            throw new UsageException("a report goes to a file; --json writes to standard output");
        }

        foreach (string source in sources)
        {
            PathChecks.RequireApart(source, target);
        }

        ReportFiles.RequireFree(target, force);
    }

    private static Option<string?> FileOption(string name, string description) => new(name) { HelpName = "FILE", Description = description };

    private static Option<int> Number(string name, string helpName, string description, int least, int most, int otherwise) => new(name)
    {
        HelpName = helpName,
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            {
                return number;
            }

            result.AddError($"{name}: '{result.Tokens[0].Value}' is not a number from {least} to {most}");
            return otherwise;
        },
    };

    private static List<PackLevel>? ParseLevels(ArgumentResult result)
    {
        List<PackLevel> levels = [];
        foreach (string name in result.Tokens[0].Value.Split(','))
        {
            switch (name)
            {
                case "fast":
                    levels.Add(PackLevel.Fast);
                    break;
                case "max":
                    levels.Add(PackLevel.Max);
                    break;
                case "none" or "default":
                    break;
                default:
                    result.AddError($"--levels: '{name}' is none of fast, max, none");
                    return null;
            }
        }

        return levels;
    }
}
