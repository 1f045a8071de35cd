using System.CommandLine;
using ModelPack.TestModels.Numbers;
using ModelPack.TestModels.Onnx;
using ModelPack.TestModels.Safetensors;

namespace ModelPack.TestModels.Commands;

/// <summary>What <see cref="ConvertCommand.Convert"/> did.</summary>
/// <param name="Tensors">Tensors written.</param>
/// <param name="Skipped">Name and reason of each tensor that safetensors cannot hold.</param>
internal sealed record ConvertResult(int Tensors, IReadOnlyList<string> Skipped);

/// <summary><c>convert</c>: the initializers of an ONNX model as a safetensors file.</summary>
internal static class ConvertCommand
{
    /// <summary>The name for "no conversion"; the others name the dtype.</summary>
    public const string Keep = "keep";

    private const int ChunkElements = 16 * 1024;

    private static readonly Dictionary<string, Dtype?> Targets = new(StringComparer.Ordinal)
    {
        [Keep] = null,
        ["bf16"] = Dtype.BF16,
        ["f16"] = Dtype.F16,
        ["f32"] = Dtype.F32,
    };

    public static Command Create()
    {
        var input = new Argument<string>("IN.onnx") { Description = "The ONNX model." };
        var output = new Argument<string>("OUT.safetensors") { Description = "The file to write." };
        var dtype = new Option<string>("--dtype") { Description = "What F16, BF16 and F32 tensors become; all others stay as they are.", DefaultValueFactory = _ => Keep };
        dtype.AcceptOnlyFromAmong([.. Targets.Keys]);
        var minBytes = new Option<long>("--min-bytes") { Description = "Leave out tensors that are smaller in the ONNX model." };
        var command = new Command("convert", "Writes the initializers of an ONNX model as safetensors.") { input, output, dtype, minBytes };
        command.SetAction((arguments, cancellationToken) => Task.Run(
            () =>
            {
                string path = arguments.GetRequiredValue(output);
                ConvertResult result = Convert(arguments.GetRequiredValue(input), path, arguments.GetRequiredValue(dtype), arguments.GetValue(minBytes), cancellationToken);
                foreach (string skipped in result.Skipped)
                {
                    Console.Error.WriteLine($"skipped {skipped}");
                }

                Console.WriteLine($"{path}: {result.Tensors} tensors, {new FileInfo(path).Length} bytes");
            },
            cancellationToken));
        return command;
    }

    /// <summary>Writes the tensors of <see cref="OnnxTensors.All"/> that safetensors can hold.</summary>
    /// <param name="input">An ONNX model.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="target"><see cref="Keep"/>, <c>bf16</c>, <c>f16</c> or <c>f32</c>.</param>
    /// <param name="minBytes">Tensors with fewer bytes in the model are left out.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="ModelPackException">The input is no sound model, or keeps tensors in other files.</exception>
    public static ConvertResult Convert(string input, string output, string target, long minBytes, CancellationToken cancellationToken)
    {
        Dtype? converted = Targets.TryGetValue(target, out Dtype? dtype)
            ? dtype
            : throw new ModelPackException(ModelPackError.InvalidRequest, $"'{target}' is not one of {string.Join(", ", Targets.Keys)}");
        var tensors = new List<SafetensorsTensor>();
        var skipped = new List<string>();
        try
        {
            foreach ((string name, TensorProto tensor) in OnnxTensors.All(OnnxTensors.Load(input)))
            {
                if (OnnxTensors.DtypeOf(tensor) is not { } from || !SafetensorsWriter.UpstreamOrder.Contains(from))
                {
                    skipped.Add($"'{name}': safetensors has no {(TensorProto.Types.DataType)tensor.DataType}");
                }
                else if (Make(name, tensor, from, FloatConversion.IsConvertible(from) ? converted ?? from : from, minBytes, cancellationToken) is { } made)
                {
                    tensors.Add(made);
                }
            }

            AtomicFile.Write(output, stream => SafetensorsWriter.Write(stream, tensors, SafetensorsWriter.PyTorchMetadata));
        }
        catch (ModelPackException e)
        {
            throw e.At(input, 0);
        }

        return new ConvertResult(tensors.Count, skipped);
    }

    private static SafetensorsTensor? Make(string name, TensorProto tensor, Dtype from, Dtype to, long minBytes, CancellationToken cancellationToken)
    {
        var info = new TensorInfo(name, to, OnnxTensors.ShapeOf(tensor));
        ReadOnlyMemory<byte> bytes = OnnxTensors.Bytes(tensor, from);
        long expected = SafetensorsTensor.LengthOf(info with { Dtype = from });
        if (bytes.Length != expected)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"tensor '{name}' holds {bytes.Length} bytes, but its shape asks for {expected}");
        }

        return bytes.Length < minBytes ? null : new SafetensorsTensor(info, output => WriteConverted(output, bytes, from, to, cancellationToken));
    }

    private static void WriteConverted(Stream output, ReadOnlyMemory<byte> bytes, Dtype from, Dtype to, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (from == to)
        {
            output.Write(bytes.Span);
            return;
        }

        int step = ChunkElements * from.BitWidth() / 8;
        byte[] buffer = new byte[ChunkElements * to.BitWidth() / 8];
        for (int offset = 0; offset < bytes.Length; offset += step)
        {
            ReadOnlySpan<byte> chunk = bytes.Span.Slice(offset, Math.Min(step, bytes.Length - offset));
            Span<byte> converted = buffer.AsSpan(0, chunk.Length / (from.BitWidth() / 8) * (to.BitWidth() / 8));
            FloatConversion.Convert(chunk, from, converted, to);
            output.Write(converted);
        }
    }
}
