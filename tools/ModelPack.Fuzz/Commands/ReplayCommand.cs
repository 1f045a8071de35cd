using System.CommandLine;
using ModelPack.Fuzz.Targets;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>replay</c>: inputs run once, with what became of each.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("TARGET");
        var paths = new Argument<string[]>("PATH") { Description = "Files or folders of inputs.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("replay", "Runs inputs once and prints the verdicts.") { name, paths };
        command.SetAction(arguments =>
        {
            FuzzTarget target = FuzzTarget.Find(arguments.GetRequiredValue(name));
            foreach (string path in arguments.GetRequiredValue(paths).SelectMany(Files))
            {
                Console.WriteLine($"{target.Run(File.ReadAllBytes(path))} {path}");
            }
        });
        return command;
    }

    private static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];
}
