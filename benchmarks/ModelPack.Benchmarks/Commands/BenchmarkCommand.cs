using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Commands;

/// <summary><c>benchmark</c>: the BenchmarkDotNet classes. Its reports are kept beside the other results.</summary>
internal static class BenchmarkCommand
{
    private const int WidestParameter = 80;

    // Building takes long on a busy machine; the two minutes that are usual are not enough there.
    private static readonly TimeSpan LongestBuild = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        var passed = new Argument<string[]>("ARGUMENT") { Description = "Passed to BenchmarkDotNet, such as --filter '*Planes*'.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("benchmark", "Runs BenchmarkDotNet classes; the arguments after -- go to it.") { passed };
        command.SetAction(arguments => Run(arguments.GetValue(passed) ?? []));
        return command;
    }

    private static int Run(string[] arguments)
    {
        IConfig config = DefaultConfig.Instance
            .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(WidestParameter))
            .HideColumns(Column.EnvironmentVariables)
            .WithBuildTimeout(LongestBuild);
        Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(BenchmarkCommand).Assembly).Run(arguments, config)];
        Summary[] complete = [.. summaries.Where(IsComplete)];
        foreach (Summary summary in complete)
        {
            Keep(summary);
        }

        return complete.Length == summaries.Length ? 0 : 1;
    }

    // Listing benchmarks gives a summary without reports, too.
    private static bool IsComplete(Summary summary) =>
        !summary.HasCriticalValidationErrors && summary.Reports.Length == summary.BenchmarksCases.Length && summary.Reports.All(report => report.Success);

    private static void Keep(Summary summary)
    {
        string folder = Directory.CreateDirectory(Machine.ResultsFolder).FullName;
        foreach (string type in summary.BenchmarksCases.Select(benchmark => benchmark.Descriptor.Type.Name).Distinct())
        {
            foreach (string report in Directory.EnumerateFiles(summary.ResultsDirectoryPath, $"*.{type}-report-github.md"))
            {
                File.Copy(report, Path.Combine(folder, $"{type}.md"), overwrite: true);
            }
        }
    }
}
