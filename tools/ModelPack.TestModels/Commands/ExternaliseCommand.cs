using System.CommandLine;
using Google.Protobuf;
using ModelPack.TestModels.Generation;
using ModelPack.TestModels.Onnx;

namespace ModelPack.TestModels.Commands;

/// <summary><c>externalise</c>: moves the weights of an ONNX model into data files.</summary>
internal static class ExternaliseCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("IN.onnx") { Description = "The ONNX model." };
        var output = new Argument<string>("OUT.onnx") { Description = "The model to write; its data files lie beside it." };
        var files = new Option<int>("--files") { Description = "Data files, of about the same size.", DefaultValueFactory = _ => 1 };
        var minBytes = new Option<long>("--min-bytes") { Description = "Smaller tensors stay in the model.", DefaultValueFactory = _ => 1024 };
        var align = new Option<int>("--align") { Description = "Offsets are multiples of this.", DefaultValueFactory = _ => 64 };
        var command = new Command("externalise", "Moves the initializers of an ONNX model into data files.") { input, output, files, minBytes, align };
        command.SetAction(arguments =>
        {
            string path = arguments.GetRequiredValue(output);
            int moved = Externalise(arguments.GetRequiredValue(input), path, arguments.GetValue(files), arguments.GetValue(minBytes), arguments.GetValue(align));
            Console.WriteLine($"{path}: {moved} tensors moved");
        });
        return command;
    }

    /// <summary>Writes the data files, then the model.</summary>
    /// <param name="input">An ONNX model.</param>
    /// <param name="output">The model to write.</param>
    /// <param name="fileCount">Data files.</param>
    /// <param name="minBytes">Tensors with fewer bytes stay in the model.</param>
    /// <param name="alignment">Offsets are multiples of this.</param>
    /// <returns>Tensors moved: initializers, those of subgraphs too.</returns>
    /// <exception cref="ModelPackException">The input is no sound model, or keeps tensors in other files already.</exception>
    public static int Externalise(string input, string output, int fileCount, long minBytes, int alignment)
    {
        if (fileCount < 1 || alignment < 1)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"{fileCount} files with offsets at multiples of {alignment} cannot be");
        }

        ModelProto model = OnnxTensors.Load(input, keepUnknownFields: true);
        var tensors = new List<(TensorProto Tensor, ReadOnlyMemory<byte> Bytes)>();
        foreach (TensorProto tensor in OnnxTensors.Initializers(model))
        {
            if (OnnxTensors.DtypeOf(tensor) is { } dtype && OnnxTensors.Bytes(tensor, dtype) is { } bytes && bytes.Length >= minBytes)
            {
                tensors.Add((tensor, bytes));
            }
        }

        long total = tensors.Sum(static entry => (long)entry.Bytes.Length);
        int next = 0;
        long done = 0;
        for (int file = 0; file < fileCount; file++)
        {
            string location = LargeOnnxModel.LocationOf(output, file);
            AtomicFile.Write(Path.Combine(Path.GetDirectoryName(output) ?? "", location), stream =>
            {
                for (; next < tensors.Count && (file == fileCount - 1 || done < total * (file + 1) / fileCount); next++)
                {
                    (TensorProto tensor, ReadOnlyMemory<byte> bytes) = tensors[next];
                    stream.Position = (stream.Position + alignment - 1) / alignment * alignment;
                    ExternalData.Refer(tensor, location, stream.Position, bytes.Length);
                    stream.Write(bytes.Span);
                    done += bytes.Length;
                }
            });
        }

        AtomicFile.Write(output, stream => model.WriteTo(stream));
        return tensors.Count;
    }
}
