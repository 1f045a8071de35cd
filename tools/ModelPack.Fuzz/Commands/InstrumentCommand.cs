using System.CommandLine;
using SharpFuzz;

namespace ModelPack.Fuzz.Commands;

/// <summary><c>instrument</c>: makes an assembly report the branches it takes.</summary>
internal static class InstrumentCommand
{
    public static Command Create()
    {
        var assembly = new Argument<string>("ASSEMBLY") { Description = "Changed in place." };
        var command = new Command("instrument", "Instruments an assembly for AFL++.") { assembly };
        command.SetAction(arguments =>
        {
            string path = arguments.GetRequiredValue(assembly);
            int types = Fuzzer.Instrument(path, static _ => true, Options.Value).Count();
            Console.WriteLine($"{path}: {types} types instrumented");
        });
        return command;
    }
}
