using System.CommandLine;
using System.Diagnostics;
using ModelPack.Benchmarks.Measuring;
using ModelPack.Benchmarks.Models;
using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Commands;

/// <summary><c>compare-peers</c>: every peer on every file in one run.</summary>
internal static class ComparePeersCommand
{
    public const string TablesFile = "peers.md";
    public const string CsvFile = "peers.csv";
    public const string VersionsFile = "versions.txt";

    // Fewer rounds make no honest median.
    private const int LeastRounds = 5;

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Models to measure; when none is named, the fetched ones of testmodels, or else the committed ones.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var rounds = new Option<int>("--rounds") { Description = "Measured rounds, 5 or more.", DefaultValueFactory = _ => LeastRounds };
        var slow = new Option<bool>("--slow") { Description = "Run what takes minutes, too: zstd -19, Brotli 9 and 11, xz; once each." };
        var into = new Option<string>("--into") { Description = "Folder for the results.", DefaultValueFactory = _ => Machine.ResultsFolder };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < LeastRounds)
            {
                result.AddError($"--rounds must be {LeastRounds} or more");
            }
        });
        files.Validators.Add(result =>
        {
            // Tables tell files apart by their names alone.
            string[] names = [.. (result.GetValueOrDefault<string[]>() ?? []).Select(file => Path.GetFileName(file))];
            if (names.Distinct().Count() != names.Length)
            {
                result.AddError("two files have the same name");
            }
        });
        var command = new Command("compare-peers", "Measures ModelPack and general compressors on one thread, in memory.") { files, rounds, slow, into };
        command.SetAction(arguments => Run(
            arguments.GetValue(files) is { Length: > 0 } named ? named : [.. ModelFiles.Default.Select(ModelFiles.PathOf)],
            arguments.GetRequiredValue(rounds),
            arguments.GetValue(slow),
            arguments.GetRequiredValue(into)));
        return command;
    }

    private static void Run(IReadOnlyList<string> files, int rounds, bool withSlow, string into)
    {
        long start = Stopwatch.GetTimestamp();
        var comparison = new PeerComparison(rounds, withSlow, Console.Error);
        PeerResult[] results = [.. files.SelectMany(comparison.Run)];
        string versions = Machine.Versions();
        string tables = PeerTables.Full(results);

        Directory.CreateDirectory(into);
        File.WriteAllText(Path.Combine(into, TablesFile), $"# {Machine.Find(versions, "processor")}\n\n{Conditions(versions)}\n{tables}");
        File.WriteAllText(Path.Combine(into, CsvFile), ResultsCsv.Write(results));
        File.WriteAllText(Path.Combine(into, VersionsFile), versions);
        Console.WriteLine(tables);
        Console.Error.WriteLine($"{into}: written after {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
    }

    /// <summary>A sentence about how results were measured.</summary>
    public static string Conditions(string versions) =>
        $"{Machine.Find(versions, "processor")} ({Machine.Find(versions, "vectors")}), {Machine.Find(versions, "runtime")}, "
        + "one thread, memory to memory; ModelPack with its checksums, GZip with its CRC-32, the others without.";
}
