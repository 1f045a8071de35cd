using System.CommandLine;
using ModelPack.Fuzz.Targets;
using SharpFuzz;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>run</c>: what afl-fuzz starts.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("TARGET");
        var command = new Command("run", "Runs a target under afl-fuzz, in a process of its own so that it may crash.") { name };
        command.SetAction(arguments =>
        {
            // Instrumented code must not run before Run has set up where it reports to.
            FuzzTarget? target = null;
            byte[] buffer = new byte[FuzzTarget.MostInputBytes];
            Fuzzer.OutOfProcess.Run(stream =>
            {
                int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                target ??= FuzzTarget.Find(arguments.GetRequiredValue(name));
                target.Run(buffer.AsSpan(0, length));
            });
        });
        return command;
    }
}
