using System.CommandLine;
using System.Diagnostics;
using ModelPack.Fuzz.Targets;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>mutate</c>: fuzzing without AFL++.</summary>
internal static class MutateCommand
{
    private const int Found = 1;

    public static Command Create()
    {
        var name = new Argument<string>("TARGET");
        var seconds = new Option<double>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 60 };
        var seed = new Option<int>("--seed") { Description = "Start of the random numbers.", DefaultValueFactory = _ => 1 };
        var keep = new Option<string>("--find") { Description = "Where to write an input that breaks a promise.", DefaultValueFactory = _ => "find" };
        var command = new Command("mutate", "Changes seed inputs at random and runs them, without any other tool.") { name, seconds, seed, keep };
        command.SetAction(arguments => Mutate(
            FuzzTarget.Find(arguments.GetRequiredValue(name)), arguments.GetValue(seconds), arguments.GetValue(seed), arguments.GetRequiredValue(keep)));
        return command;
    }

    private static int Mutate(FuzzTarget target, double seconds, int seed, string find)
    {
        byte[][] seeds = [.. target.Seeds()];
        var mutator = new Mutator(seed);
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        TimeSpan slowest = TimeSpan.Zero;
        long tried = 0;
        long accepted = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            byte[] input = mutator.Mutate(seeds[random.Next(seeds.Length)], seeds[random.Next(seeds.Length)]);
            TimeSpan start = clock.Elapsed;
            try
            {
                accepted += target.Run(input).Refusal is null ? 1 : 0;
            }
            catch (Exception exception)
            {
                File.WriteAllBytes(find, input);
                Console.Error.WriteLine($"{target.Name}: input {tried} of seed {seed}, written to {find}: {exception}");
                return Found;
            }

            tried++;
            TimeSpan taken = clock.Elapsed - start;
            slowest = taken > slowest ? taken : slowest;
        }

        Console.WriteLine($"{target.Name}: {tried} inputs, {accepted} accepted, slowest {slowest.TotalMilliseconds:F0} ms, nothing found");
        return 0;
    }
}
