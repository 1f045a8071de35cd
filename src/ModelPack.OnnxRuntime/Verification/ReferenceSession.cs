using Microsoft.ML.OnnxRuntime;
using ModelPack.OnnxRuntime.Native;
using ModelPack.OnnxRuntime.Packed;
using ModelPack.OnnxRuntime.Stub;
using ModelPack.OnnxRuntime.Weights;
using ModelPack.Primitives;

namespace ModelPack.OnnxRuntime.Verification;

/// <summary>A session of the original model, or of what a container restores, made as ONNX Runtime is meant to be used.</summary>
internal sealed class ReferenceSession : IDisposable
{
    private readonly List<WeightMemory> _data = [];

    private ReferenceSession()
    {
    }

    public InferenceSession Session { get; private set; } = null!;

    /// <summary>Opens the original.</summary>
    public static ReferenceSession Open(string path, SessionOptions options) => new() { Session = new InferenceSession(path, options) };

    /// <summary>Restores a model to memory and opens it.</summary>
    public static ReferenceSession Restore(PackedModel model, PackedFile file, SessionOptions options, CancellationToken cancellationToken)
    {
        var files = new PackedOnnxFiles(model, file);
        var reference = new ReferenceSession();
        try
        {
            // The stub is not needed, but making it finds the data files.
            using (var builder = new StubBuilder(files.Model, files.OpenData, cancellationToken))
            {
                builder.Build();
            }

            using var own = new SessionOptionsCopy(options);
            foreach ((string location, ByteSource data) in files.Data)
            {
                WeightMemory memory = WeightLoader.Load([Whole(data)], data.Length, cancellationToken);
                reference._data.Add(memory);
                OrtFunctions.AddFileInMemory(own, location, memory.Address, memory.Length);
            }

            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
            files.Model.ReadExactly(0, bytes);
            reference.Session = new InferenceSession(bytes, own);
            return reference;
        }
        catch
        {
            reference.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Session?.Dispose();
        foreach (WeightMemory memory in _data)
        {
            memory.Dispose();
        }
    }

    private static Weight Whole(ByteSource data) => new(data, [new ByteRun(0, data.Length)], Target: 0, data.Length, VarintElementSize: 0);
}
