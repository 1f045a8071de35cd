using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using ModelPack.Fuzz.Targets;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>keep</c>: picks inputs for the corpus that is committed.</summary>
internal static partial class KeepCommand
{
    /// <summary>Larger ones are not worth their place in the repository.</summary>
    private const int MostInputBytes = 8192;

    private const int MostAccepted = 12;

    public static Command Create()
    {
        var name = new Argument<string>("TARGET");
        var from = new Argument<string>("FROM") { Description = "Folder of inputs, as afl-fuzz leaves them." };
        var into = new Option<string>("--into") { Description = "The corpus.", DefaultValueFactory = _ => "tools/ModelPack.Fuzz/Corpus" };
        var command = new Command("keep", "Keeps the shortest input for each reason to refuse and some that are accepted, with their verdicts.") { name, from, into };
        command.SetAction(arguments => Keep(
            FuzzTarget.Find(arguments.GetRequiredValue(name)), arguments.GetRequiredValue(from), arguments.GetRequiredValue(into)));
        return command;
    }

    private static void Keep(FuzzTarget target, string from, string into)
    {
        string folder = Path.Combine(into, target.Name);
        Directory.CreateDirectory(folder);
        var kept = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        int accepted = 0;
        IEnumerable<FileInfo> inputs = new[] { folder, from }
            .SelectMany(static path => new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories))
            .Where(static file => file.Length <= MostInputBytes);
        foreach (FileInfo file in inputs.OrderBy(static file => file.Length).ThenBy(static file => file.Name, StringComparer.Ordinal))
        {
            byte[] input = File.ReadAllBytes(file.FullName);
            Verdict verdict = target.Run(input);
            string kind = verdict.Reason is { } reason ? Varying().Replace(reason, "#") : verdict.ToString();
            if (!kept.ContainsKey(kind) && (verdict.Refusal is not null || accepted++ < MostAccepted))
            {
                kept.Add(kind, input);
            }
        }

        foreach (string old in Directory.GetFiles(folder))
        {
            File.Delete(old);
        }

        var verdicts = new List<string>();
        foreach (byte[] input in kept.Values)
        {
            string file = verdicts.Count.ToString("d3", CultureInfo.InvariantCulture);
            File.WriteAllBytes(Path.Combine(folder, file), input);
            verdicts.Add($"{target.Run(input)} {file}");
        }

        File.WriteAllLines(Path.Combine(into, target.Name + ".verdicts"), verdicts);
        Console.WriteLine($"{folder}: {verdicts.Count} inputs, {kept.Values.Sum(static input => input.Length)} bytes");
    }

    [GeneratedRegex("0x[0-9A-Fa-f]+|[0-9]+|'[^']*'|\"[^\"]*\"")]
    private static partial Regex Varying();
}
