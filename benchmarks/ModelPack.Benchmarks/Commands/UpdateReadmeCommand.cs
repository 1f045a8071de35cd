using System.CommandLine;
using ModelPack.Benchmarks.Models;
using ModelPack.Benchmarks.Reporting;

namespace ModelPack.Benchmarks.Commands;

/// <summary><c>update-readme</c>: brings the tables of the README up to the results.</summary>
internal static class UpdateReadmeCommand
{
    public static Command Create()
    {
        var results = new Option<string>("--results") { Description = "Folder with the results.", DefaultValueFactory = _ => Machine.ResultsFolder };
        var readme = new Option<string>("--readme")
        {
            Description = "The file to change.",
            DefaultValueFactory = _ => Path.Combine(ModelFiles.Root, "README.md"),
        };
        var command = new Command("update-readme", $"Replaces what stands between {ReadmeSection.Begin} and {ReadmeSection.End}.") { results, readme };
        command.SetAction(arguments => Update(arguments.GetRequiredValue(results), arguments.GetRequiredValue(readme)));
        return command;
    }

    /// <summary>Puts the short tables of a results folder into a README.</summary>
    /// <exception cref="FormatException">The results or the README are not what they should be.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Update(string resultsFolder, string readmePath)
    {
        IReadOnlyList<PeerResult> results = ResultsCsv.Parse(File.ReadAllText(Path.Combine(resultsFolder, ComparePeersCommand.CsvFile)));
        string versions = File.ReadAllText(Path.Combine(resultsFolder, ComparePeersCommand.VersionsFile));
        string tables = Path.Combine(resultsFolder, ComparePeersCommand.TablesFile);
        string link = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(readmePath))!, Path.GetFullPath(tables)).Replace('\\', '/');
        string content = $"{PeerTables.Short(results)}\n{ComparePeersCommand.Conditions(versions)} [All numbers]({link}).";
        File.WriteAllText(readmePath, ReadmeSection.Replace(File.ReadAllText(readmePath), content));
    }
}
