using System.CommandLine;
using System.ComponentModel;
using ModelPack;
using ModelPack.TestModels.Commands;

// The exit codes of modelpack.
const int WrongUsage = 2, BadData = 3, IoFailed = 5, Cancelled = 130;

var root = new RootCommand("Fetches, generates and converts the models that the tests and benchmarks of ModelPack read.")
{
    FetchCommand.Create(),
    GenerateCommand.Create(),
    GenerateLargeCommand.Create(),
    GenerateFolderCommand.Create(),
    GenerateOnnxCommand.Create(),
    ConvertCommand.Create(),
    ExternaliseCommand.Create(),
    ShardCommand.Create(),
    TrainCommand.Create(),
    SoakCommand.Create(),
};

try
{
    ParseResult arguments = root.Parse(args);
    int code = await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return arguments.Errors.Count > 0 ? WrongUsage : code;
}
catch (Exception e) when (e is ModelPackException or IOException or UnauthorizedAccessException or InvalidDataException or Win32Exception)
{
    Console.Error.WriteLine($"modelpack-testmodels: {e.Message.ReplaceLineEndings(" ")}");
    return e is ModelPackException ? BadData : IoFailed;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("modelpack-testmodels: cancelled");
    return Cancelled;
}
