using System.CommandLine;
using System.Diagnostics;
using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Safetensors;

namespace ModelPack.TestModels.Commands;

/// <summary><c>generate-large</c>: a synthetic model of any size.</summary>
internal static class GenerateLargeCommand
{
    public static Command Create()
    {
        var bytes = new Option<long>("--bytes") { Description = "Bytes of all tensors together; the file is its header larger.", Required = true };
        var output = new Argument<string>("OUT") { Description = "The file to write." };
        var command = new Command("generate-large", "Streams a synthetic BF16 safetensors file in bounded memory.") { bytes, output };
        command.SetAction((arguments, cancellationToken) => Task.Run(
            () =>
            {
                string path = arguments.GetRequiredValue(output);
                var watch = Stopwatch.StartNew();
                Generate(path, arguments.GetRequiredValue(bytes), cancellationToken);
                long length = new FileInfo(path).Length;
                Console.WriteLine($"{path}: {length} bytes, {length / watch.Elapsed.TotalSeconds / 1e6:F0} MB/s");
            },
            cancellationToken));
        return command;
    }

    /// <summary>Writes the model.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="bytes">Bytes of all tensors together; even.</param>
    /// <param name="cancellationToken">Stops; nothing is left behind.</param>
    public static void Generate(string path, long bytes, CancellationToken cancellationToken)
    {
        SafetensorsTensor[] tensors = [.. new LargeModel().Tensors(bytes, cancellationToken)];
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, tensors, SafetensorsWriter.PyTorchMetadata));
    }
}
