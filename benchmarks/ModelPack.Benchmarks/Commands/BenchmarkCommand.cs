using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Commands;

/// <summary><c>benchmark</c>: the BenchmarkDotNet classes. Its reports are kept beside the other results.</summary>
internal static class BenchmarkCommand
{
    private const string GitHubReport = "*-report-github.md";

    public static Command Create()
    {
        var passed = new Argument<string[]>("ARGUMENT") { Description = "Passed to BenchmarkDotNet, such as --filter '*Planes*'.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("benchmark", "Runs BenchmarkDotNet classes; the arguments after -- go to it.") { passed };
        command.SetAction(arguments => Run(arguments.GetValue(passed) ?? []));
        return command;
    }

    private static int Run(string[] arguments)
    {
        Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(BenchmarkCommand).Assembly).Run(arguments, DefaultConfig.Instance)];
        foreach (Summary summary in summaries.Where(summary => Directory.Exists(summary.ResultsDirectoryPath)))
        {
            Keep(summary);
        }

        return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
    }

    private static void Keep(Summary summary)
    {
        string folder = Directory.CreateDirectory(Machine.ResultsFolder).FullName;
        foreach (string type in summary.BenchmarksCases.Select(benchmark => benchmark.Descriptor.Type.Name).Distinct())
        {
            foreach (string report in Directory.EnumerateFiles(summary.ResultsDirectoryPath, $"*.{type}{GitHubReport}"))
            {
                File.Copy(report, Path.Combine(folder, $"{type}.md"), overwrite: true);
            }
        }
    }
}
