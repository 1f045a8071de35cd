using System.CommandLine;
using System.Globalization;
using ModelPack.Fuzz.Damaging;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>damage</c>: containers harmed in every way, none of which may go unnoticed.</summary>
internal static class DamageCommand
{
    private const int Found = 1;

    public static Command Create()
    {
        var paths = new Argument<string[]>("CONTAINER")
        {
            Description = "Containers to damage, in memory; without any, some of every kind are made. A damaged one that goes unnoticed is written beside the container, or here.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var count = new Option<int>("--count") { Description = "Damages of each kind.", DefaultValueFactory = _ => 300 };
        var seed = new Option<int>("--seed") { Description = "Start of the random numbers.", DefaultValueFactory = _ => 1 };
        var command = new Option<string>("--command") { Description = "Path of modelpack: damaged containers are given to it, too." };
        var commandCount = new Option<int>("--command-count") { Description = "Damages of each kind that are given to it.", DefaultValueFactory = _ => 3 };
        var damage = new Command("damage", "Flips, cuts, swaps, zeroes, repeats, inserts, removes and splices parts of containers, and inflates their lengths.") { paths, count, seed, command, commandCount };
        damage.SetAction(arguments =>
        {
            DamageSubject[] subjects = arguments.GetValue(paths) is { Length: > 0 } given
                ? [.. given.Select(static path => new DamageSubject(path, [File.ReadAllBytes(path)]))]
                : [.. DamageSubjects.All()];
            int status = RunHere(subjects, arguments.GetValue(count), arguments.GetValue(seed));
            return arguments.GetValue(command) is { } executable
                ? Math.Max(status, RunCommand(executable, subjects, arguments.GetValue(commandCount), arguments.GetValue(seed)))
                : status;
        });
        return damage;
    }

    private static int RunHere(DamageSubject[] subjects, int count, int seed)
    {
        int status = 0;
        var kinds = new SortedDictionary<string, List<DamageTally>>(StringComparer.Ordinal);
        var totals = new List<DamageTally>();
        WriteRow("container", "bytes", "damaged", "refused", "harmless", "unnoticed", "no offset", "slowest", "memory");
        for (int i = 0; i < subjects.Length; i++)
        {
            DamageSubject subject = subjects[i];
            using var trial = new DamageTrial(subject);
            trial.Run(subjects[(i + 1) % subjects.Length], count, seed + i);
            WriteRow(subject.Name, subject.Length, [trial.Total], $"{trial.Slowest.TotalMilliseconds:F0} ms", $"{trial.MostAllocatedBytes / 1e6:F0} MB");
            totals.Add(trial.Total);
            foreach ((string kind, DamageTally tally) in trial.Kinds)
            {
                if (!kinds.TryGetValue(kind, out List<DamageTally>? tallies))
                {
                    kinds.Add(kind, tallies = []);
                }

                tallies.Add(tally);
            }

            if (trial.FirstWithoutPlace is { } message)
            {
                Console.Error.WriteLine($"{subject.Name}: a refusal without an offset: {message}");
                status = Found;
            }

            if (trial.FirstUnnoticed is { } unnoticed)
            {
                string path = (File.Exists(subject.Name) ? subject.Name : subject.Name.Replace(' ', '-')) + ".unnoticed";
                File.WriteAllBytes(path, unnoticed.Damaged.Bytes);
                Console.Error.WriteLine($"{subject.Name}: went unnoticed: {unnoticed.Damaged.Kind} in file {unnoticed.File}, written to {path}");
                status = Found;
            }
        }

        Console.WriteLine();
        foreach ((string kind, List<DamageTally> tallies) in kinds)
        {
            WriteRow(kind, null, tallies, "", "");
        }

        WriteRow("all", subjects.Sum(static subject => subject.Length), totals, "", "");
        return status;
    }

    private static int RunCommand(string executable, DamageSubject[] subjects, int count, int seed)
    {
        using var trial = new CommandTrial(Path.GetFullPath(executable));
        for (int i = 0; i < subjects.Length; i++)
        {
            trial.Run(subjects[i], subjects[(i + 1) % subjects.Length], count, seed + i);
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{trial.Runs} runs of {executable}: {trial.Broken.Count} not as promised; slowest {trial.Slowest.TotalSeconds:F2} s, at most {CommandTrial.MostResidentBytes / 1e6:F0} MB resident"));
        foreach (string broken in trial.Broken)
        {
            Console.Error.WriteLine(broken);
        }

        return trial.Broken.Count > 0 ? Found : 0;
    }

    private static void WriteRow(string name, long? bytes, List<DamageTally> tallies, string slowest, string memory)
    {
        string Sum(Func<DamageTally, long> value) => tallies.Sum(value).ToString(CultureInfo.InvariantCulture);
        WriteRow(
            name,
            bytes?.ToString(CultureInfo.InvariantCulture) ?? "",
            Sum(static tally => tally.Tried),
            Sum(static tally => tally.Refused),
            Sum(static tally => tally.Harmless),
            Sum(static tally => tally.Unnoticed),
            Sum(static tally => tally.WithoutPlace),
            slowest,
            memory);
    }

    private static void WriteRow(string name, string bytes, string tried, string refused, string harmless, string unnoticed, string withoutPlace, string slowest, string memory) =>
        Console.WriteLine($"{name,-24} {bytes,9} {tried,9} {refused,9} {harmless,9} {unnoticed,9} {withoutPlace,9} {slowest,9} {memory,9}");
}
