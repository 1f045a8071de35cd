using System.CommandLine;
using System.Diagnostics;
using ModelPack.TestModels.Generation;

namespace ModelPack.TestModels.Commands;

/// <summary><c>generate-onnx</c>: a synthetic ONNX model of any size, with its weights in data files.</summary>
internal static class GenerateOnnxCommand
{
    public static Command Create()
    {
        var bytes = new Option<long>("--bytes") { Description = "Bytes of all weights together, at least; whole matrices are written.", Required = true };
        var files = new Option<int>("--files") { Description = "Data files.", DefaultValueFactory = _ => 3 };
        var width = new Option<int>("--width") { Description = "Rows and columns of each matrix.", DefaultValueFactory = _ => 4096 };
        var dtype = new Option<string>("--dtype") { Description = "What the weights are.", DefaultValueFactory = _ => "f32" };
        dtype.AcceptOnlyFromAmong("f32", "f16");
        var seed = new Option<ulong>("--seed") { Description = "Another number gives other weights.", DefaultValueFactory = _ => 1 };
        var output = new Argument<string>("OUT.onnx") { Description = "The model to write; its data files lie beside it." };
        var command = new Command("generate-onnx", "Streams an ONNX model that runs, a chain of matrix products, with its weights in data files.")
        {
            bytes, files, width, dtype, seed, output,
        };
        command.SetAction((arguments, cancellationToken) => Task.Run(
            () =>
            {
                string path = arguments.GetRequiredValue(output);
                int size = arguments.GetRequiredValue(width);
                if (size is < 1 or > 65536)
                {
                    throw new ModelPackException(ModelPackError.InvalidRequest, $"--width: {size} is not from 1 to 65536");
                }

                var watch = Stopwatch.StartNew();
                var model = new LargeOnnxModel(arguments.GetRequiredValue(dtype) == "f16" ? Dtype.F16 : Dtype.F32, size);
                long written = model.Write(
                    path, arguments.GetRequiredValue(bytes), arguments.GetRequiredValue(files), arguments.GetRequiredValue(seed), cancellationToken);
                Console.WriteLine($"{path}: {written} bytes of weights, {written / watch.Elapsed.TotalSeconds / 1e6:F0} MB/s");
            },
            cancellationToken));
        return command;
    }
}
