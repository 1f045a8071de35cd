using System.CommandLine;
using ModelPack.Fuzz.Targets;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>targets</c>: what can be fuzzed.</summary>
internal static class TargetsCommand
{
    public static Command Create()
    {
        var quiet = new Option<bool>("--names") { Description = "Names alone, for scripts." };
        var command = new Command("targets", "Lists the targets.") { quiet };
        command.SetAction(arguments =>
        {
            foreach (FuzzTarget target in FuzzTarget.All)
            {
                Console.WriteLine(arguments.GetValue(quiet) ? target.Name : $"{target.Name,-20} {target.About}");
            }
        });
        return command;
    }
}
