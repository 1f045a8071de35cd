using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Soaking;

namespace ModelPack.TestModels.Commands;

/// <summary><c>soak</c>: rounds of packing, verifying, unpacking and reading in one process.</summary>
internal static class SoakCommand
{
    private const int Found = 1;

    /// <summary>Memory is called flat when no later round has more than so much beyond the first, which warms everything up.</summary>
    private const long MostGrowthBytes = 64 << 20;

    public static Command Create()
    {
        var bytes = new Option<long>("--bytes") { Description = "Bytes of the folder that is generated.", DefaultValueFactory = _ => 20_000_000_000 };
        var minutes = new Option<double>("--minutes") { Description = "No round starts after these.", DefaultValueFactory = _ => 20 };
        var readers = new Option<int>("--readers") { Description = "Threads that read the container at the same time.", DefaultValueFactory = _ => 8 };
        var readSeconds = new Option<double>("--read-seconds") { Description = "How long they read in each round.", DefaultValueFactory = _ => 10 };
        var seed = new Option<ulong>("--seed") { Description = "Where values and places come from.", DefaultValueFactory = _ => 1 };
        var work = new Argument<string>("WORK") { Description = "A folder with room for three times the bytes; what is written in it is removed." };
        var command = new Command("soak", "Packs, verifies, unpacks and compares a generated folder again and again, and reads its container from many threads.")
        {
            bytes, minutes, readers, readSeconds, seed, work,
        };
        command.SetAction((arguments, cancellationToken) => Task.Run(
            () => Run(
                Path.Combine(arguments.GetRequiredValue(work), "modelpack-soak"),
                arguments.GetValue(bytes),
                TimeSpan.FromMinutes(arguments.GetValue(minutes)),
                arguments.GetValue(readers),
                TimeSpan.FromSeconds(arguments.GetValue(readSeconds)),
                arguments.GetValue(seed),
                cancellationToken),
            cancellationToken));
        return command;
    }

    private static int Run(string work, long bytes, TimeSpan time, int readers, TimeSpan readTime, ulong seed, CancellationToken cancellationToken)
    {
        if (Directory.Exists(work))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is there already; another soak runs, or one was killed", work);
        }

        try
        {
            string folder = Path.Combine(work, "originals");
            new LargeFolder(seed).Write(folder, bytes, cancellationToken);
            long length = Soak.Files(folder).Sum(name => new FileInfo(Path.Combine(folder, name)).Length);
            Console.WriteLine($"{length} bytes in {Soak.Files(folder).Count()} files; speeds are times those of a copy to the same device in the same round");
            Console.WriteLine($"{"round",5} {"copy",7} {"pack",7} {"verify",7} {"unpack",7} {"ratio",6} {"peak",8} {"own",8} {"reads",7} {"different",9}");
            var soak = new Soak(folder, work);
            var rounds = new List<SoakRound>();
            for (long start = Stopwatch.GetTimestamp(); rounds.Count < 2 || Stopwatch.GetElapsedTime(start) < time;)
            {
                SoakRound round = soak.RunRound(readers, readTime, (int)seed + rounds.Count, cancellationToken);
                rounds.Add(round);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rounds.Count,5} {length / round.CopySeconds / 1e9,5:F2} G {Speed(round.PackSeconds, round),7:F2} {Speed(round.VerifySeconds, round),7:F2} {Speed(round.UnpackSeconds, round),7:F2} {(double)round.PackedBytes / length,6:F3} {round.PeakBytes / 1e6,5:F0} MB {round.OwnBytes / 1e6,5:F0} MB {round.Reads,7} {round.Different,9}"));
            }

            long growth = rounds.Skip(1).Max(static round => round.OwnBytes) - rounds[0].OwnBytes;
            long different = rounds.Sum(static round => round.Different);
            Console.WriteLine($"{rounds.Count} rounds: {different} differences, memory {(growth > MostGrowthBytes ? "grew" : "flat")} ({growth / 1e6:F0} MB beyond the first round)");
            return different > 0 || growth > MostGrowthBytes ? Found : 0;
        }
        finally
        {
            if (Directory.Exists(work))
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    private static double Speed(double seconds, SoakRound round) => round.CopySeconds / seconds;
}
