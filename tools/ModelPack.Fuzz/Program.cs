using System.CommandLine;
using ModelPack;
using ModelPack.Fuzz.Commands;

// The exit codes of modelpack; 1 for a find.
const int WrongUsage = 2, BadRequest = 3, IoFailed = 5;

var root = new RootCommand("Feeds hostile bytes to every reader and decoder of ModelPack.")
{
    TargetsCommand.Create(),
    SeedsCommand.Create(),
    InstrumentCommand.Create(),
    RunCommand.Create(),
    ReplayCommand.Create(),
    MutateCommand.Create(),
    KeepCommand.Create(),
    DamageCommand.Create(),
};

try
{
    ParseResult arguments = root.Parse(args);
    int code = await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return arguments.Errors.Count > 0 ? WrongUsage : code;
}
catch (ModelPackException e)
{
    Console.Error.WriteLine($"modelpack-fuzz: {e.Message}");
    return BadRequest;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"modelpack-fuzz: {e.Message}");
    return IoFailed;
}
