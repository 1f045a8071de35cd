using System.CommandLine;
using System.Globalization;
using ModelPack.Fuzz.Targets;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>seeds</c>: sound inputs to start from.</summary>
internal static class SeedsCommand
{
    public static Command Create()
    {
        var target = new Argument<string>("TARGET");
        var into = new Argument<string>("FOLDER");
        var command = new Command("seeds", "Writes a target's seed inputs to a folder.") { target, into };
        command.SetAction(arguments =>
        {
            string folder = arguments.GetRequiredValue(into);
            Directory.CreateDirectory(folder);
            int count = 0;
            foreach (byte[] seed in FuzzTarget.Find(arguments.GetRequiredValue(target)).Seeds())
            {
                File.WriteAllBytes(Path.Combine(folder, "seed-" + count++.ToString("d3", CultureInfo.InvariantCulture)), seed);
            }

            Console.WriteLine($"{folder}: {count} seeds");
        });
        return command;
    }
}
