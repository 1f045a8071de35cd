using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using ModelPack.OnnxRuntime;

namespace ModelPack.Benchmarks.Commands;

/// <summary><c>sessions</c>: how long ONNX Runtime takes to open a model plain and packed, and how much memory.</summary>
internal static class SessionsCommand
{
    private const int LimitExceeded = 4;

    public static Command Create()
    {
        var plain = new Argument<string>("MODEL.onnx") { Description = "The model." };
        var packed = new Argument<string>("MODEL.onnx.mpk") { Description = "The same, packed." };
        var rounds = new Option<int>("--rounds") { Description = "Rounds that count; one before them does not.", DefaultValueFactory = _ => 7 };
        var most = new Option<double>("--most") { Description = "End with 4 when packed takes more than this many times as long.", DefaultValueFactory = _ => double.PositiveInfinity };
        var only = new Option<string?>("--only") { Description = "Open the one once, and tell the process's peak memory." };
        only.AcceptOnlyFromAmong("plain", "packed");
        var command = new Command("sessions", "Opens a model in ONNX Runtime, plain and packed in turn, and compares the times.") { plain, packed, rounds, most, only };
        command.SetAction(arguments =>
        {
            string model = arguments.GetRequiredValue(plain);
            string container = arguments.GetRequiredValue(packed);
            if (arguments.GetValue(only) is { } which)
            {
                OpenOnce(which == "packed", model, container);
                return 0;
            }

            int count = Math.Max(1, arguments.GetValue(rounds));
            (double[] plainTimes, double[] packedTimes) = Measure(model, container, count);

            // What else runs on the machine only ever adds to a time.
            double ratio = packedTimes[0] / plainTimes[0];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(model)}: session from the plain file {plainTimes[0] * 1000:0} ms, packed {packedTimes[0] * 1000:0} ms, {ratio:0.00} times "
                + $"(least of {count}; medians {plainTimes[count / 2] * 1000:0} and {packedTimes[count / 2] * 1000:0} ms)"));
            return ratio > arguments.GetValue(most) ? LimitExceeded : 0;
        });
        return command;
    }

    /// <summary>Times in seconds of rounds that open each once, the least first.</summary>
    public static (double[] Plain, double[] Packed) Measure(string model, string container, int rounds)
    {
        double[] plain = new double[rounds];
        double[] packed = new double[rounds];
        for (int round = -1; round < rounds; round++)
        {
            double first = Time(() => new InferenceSession(model));
            double second = Time(() => PackedOnnxModel.CreateSession(container));
            if (round >= 0)
            {
                (plain[round], packed[round]) = (first, second);
            }
        }

        Array.Sort(plain);
        Array.Sort(packed);
        return (plain, packed);
    }

    private static double Time(Func<InferenceSession> open)
    {
        GC.Collect();
        long start = Stopwatch.GetTimestamp();
        InferenceSession session = open();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        session.Dispose();
        return seconds;
    }

    private static void OpenOnce(bool isPacked, string model, string container)
    {
        using InferenceSession session = isPacked ? PackedOnnxModel.CreateSession(container) : new InferenceSession(model);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(model)}: {(isPacked ? "packed" : "plain")}, peak {process.PeakWorkingSet64 / 1e6:0} MB, then {process.WorkingSet64 / 1e6:0} MB"));
    }
}
