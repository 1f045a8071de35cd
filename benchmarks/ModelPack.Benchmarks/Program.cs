using System.CommandLine;
using ModelPack;
using ModelPack.Benchmarks.Commands;

// The exit codes of modelpack.
const int WrongUsage = 2, BadData = 3, IoFailed = 5;

var root = new RootCommand("Measures ModelPack.")
{
    BenchmarkCommand.Create(),
    ComparePeersCommand.Create(),
    SessionsCommand.Create(),
    UpdateReadmeCommand.Create(),
};

try
{
    ParseResult arguments = root.Parse(args);
    int code = arguments.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return arguments.Errors.Count > 0 ? WrongUsage : code;
}
catch (Exception e) when (e is ModelPackException or IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
{
    Console.Error.WriteLine($"modelpack-benchmarks: {e.Message.ReplaceLineEndings(" ")}");
    return e is IOException or UnauthorizedAccessException ? IoFailed : BadData;
}
