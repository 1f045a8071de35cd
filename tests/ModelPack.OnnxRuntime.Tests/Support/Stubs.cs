using ModelPack.OnnxRuntime.Stub;
using ModelPack.OnnxRuntime.Weights;
using ModelPack.Primitives;
using ModelPack.Tests.Formats.Onnx.Wire;

namespace ModelPack.OnnxRuntime.Tests.Support;

/// <summary>Stubs of models in memory.</summary>
internal static class Stubs
{
    public static OnnxStub Make(byte[] model, params (string Location, byte[] Bytes)[] data)
    {
        Dictionary<string, ByteSource> files = data.ToDictionary(static file => file.Location, static ByteSource (file) => new MemoryBytes(file.Bytes, file.Location));
        using var builder = new StubBuilder(
            new MemoryBytes(model, "m.onnx"),
            location => files.GetValueOrDefault(location) ?? throw new ModelPackException(ModelPackError.InvalidRequest, $"no {location}"),
            CancellationToken.None);
        return builder.Build();
    }

    public static ModelProto Parse(OnnxStub stub) => ModelProto.Parser.ParseFrom(stub.Model);

    /// <summary>What a tensor of a stub says of its data.</summary>
    public static Dictionary<string, string> Reference(TensorProto tensor) => tensor.ExternalData.ToDictionary(static entry => entry.Key, static entry => entry.Value);

    /// <summary>The bytes that a tensor of a stub refers to, loaded.</summary>
    public static byte[] Load(OnnxStub stub, TensorProto tensor)
    {
        Dictionary<string, string> reference = Reference(tensor);
        Assert.Equal(OnnxStub.MemoryLocation, reference["location"]);
        using WeightMemory memory = WeightLoader.Load(stub.Weights, stub.MemoryLength, CancellationToken.None);
        return memory.Slice(long.Parse(reference["offset"]), int.Parse(reference["length"])).ToArray();
    }
}
