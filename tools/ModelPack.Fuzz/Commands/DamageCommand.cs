using System.CommandLine;
using System.Globalization;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>damage</c>: containers harmed in every way, none of which may go unnoticed.</summary>
internal static class DamageCommand
{
    private const int Found = 1;

    public static Command Create()
    {
        var paths = new Argument<string[]>("CONTAINER") { Description = "Containers in memory; a damaged one is written beside the first when it goes unnoticed.", Arity = ArgumentArity.OneOrMore };
        var count = new Option<int>("--count") { Description = "Damages of each kind.", DefaultValueFactory = _ => 1000 };
        var seed = new Option<int>("--seed") { Description = "Start of the random numbers.", DefaultValueFactory = _ => 1 };
        var command = new Command("damage", "Flips, cuts, swaps, zeroes, repeats, inserts, removes and splices parts of containers, and inflates their lengths.") { paths, count, seed };
        command.SetAction(arguments => Run(arguments.GetRequiredValue(paths), arguments.GetValue(count), arguments.GetValue(seed)));
        return command;
    }

    private static int Run(string[] paths, int count, int seed)
    {
        byte[][] containers = [.. paths.Select(File.ReadAllBytes)];
        int status = 0;
        Console.WriteLine($"{"container",-44} {"bytes",9} {"damaged",9} {"unnoticed",9} {"no offset",9} {"slowest",9} {"memory",9}");
        for (int i = 0; i < containers.Length; i++)
        {
            var trial = new DamageTrial(containers[i]);
            trial.Run(containers[(i + 1) % containers.Length], count, seed + i);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(paths[i]),-44} {containers[i].Length,9} {trial.Tried,9} {trial.Unnoticed,9} {trial.WithoutOffset,9} {trial.Slowest.TotalMilliseconds,6:F0} ms {trial.MostAllocatedBytes / 1e6,6:F0} MB"));
            if (trial.FirstWithoutOffset is { } message)
            {
                Console.Error.WriteLine($"{paths[i]}: a refusal without an offset: {message}");
                status = Found;
            }

            if (trial.FirstUnnoticed is { } unnoticed)
            {
                File.WriteAllBytes(paths[i] + ".unnoticed", unnoticed.Bytes);
                Console.Error.WriteLine($"{paths[i]}: went unnoticed: {unnoticed.Kind}, written to {paths[i]}.unnoticed");
                status = Found;
            }
        }

        return status;
    }
}
