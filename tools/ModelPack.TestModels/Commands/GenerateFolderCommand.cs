using System.CommandLine;
using ModelPack.TestModels.Generation;

namespace ModelPack.TestModels.Commands;

/// <summary><c>generate-folder</c>: a synthetic model folder of any size.</summary>
internal static class GenerateFolderCommand
{
    public static Command Create()
    {
        var bytes = new Option<long>("--bytes") { Description = "Bytes of all files together.", Required = true };
        var seed = new Option<ulong>("--seed") { Description = "Where the values come from.", DefaultValueFactory = _ => 1 };
        var output = new Argument<string>("OUT") { Description = "The folder to write." };
        var command = new Command("generate-folder", "Streams a synthetic model folder with shards of several dtypes in bounded memory.") { bytes, seed, output };
        command.SetAction((arguments, cancellationToken) => Task.Run(
            () => new LargeFolder(arguments.GetValue(seed)).Write(arguments.GetRequiredValue(output), arguments.GetRequiredValue(bytes), cancellationToken), cancellationToken));
        return command;
    }
}
