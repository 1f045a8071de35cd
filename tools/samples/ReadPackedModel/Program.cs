// Packs a safetensors file, and reads it back in each way that the library has.
//   ReadPackedModel MODEL.safetensors TENSOR
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using ModelPack;

if (args is not [string source, string name])
{
    Console.Error.WriteLine("usage: ReadPackedModel MODEL.safetensors TENSOR");
    return 2;
}

string path = Path.Combine(Path.GetTempPath(), $"{Path.GetFileName(source)}-{Environment.ProcessId}.mpk");
try
{
    // README: pack
    PackResult result = await ModelPacker.PackAsync(source, path, new PackOptions { Sha256 = true });
    Console.WriteLine($"packed {result.OriginalLength} bytes to {result.PackedLength}");
    // README: end

    // README: tensors
    using PackedModel model = PackedModel.Open(path);
    PackedTensor tensor = model.FindTensor(name);
    Console.WriteLine($"{tensor.Info.Name}: {tensor.Info.Dtype.DisplayName()} [{string.Join(", ", tensor.Info.Shape)}] in {tensor.File}");

    byte[] bytes = new byte[tensor.Length];
    model.ReadTensor(tensor, bytes);                                // as in the file; a large one by several threads

    Tensor<float> values = model.ReadTensorAsSingle(tensor);        // as floats, whatever the dtype
    Console.WriteLine($"largest: {Tensor.MaxMagnitude<float>(values):G6}");

    if (tensor.Info.Dtype == Dtype.BF16)
    {
        Tensor<BFloat16> exact = model.ReadTensor<BFloat16>(name);  // as what they are
        Console.WriteLine($"first: {exact.First()}");
    }

    byte[] part = new byte[Math.Min(16, tensor.Length)];
    model.ReadTensorRange(tensor, tensor.Length - part.Length, part);   // decodes only the blocks that hold it
    Console.WriteLine($"last bytes: {Convert.ToHexStringLower(part)}");
    // README: end

    // README: stream
    using var original = ModelPackStream.Open(path);                // seekable; any reader of the original can use it
    using var reader = new BinaryReader(original);
    string header = Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));
    Console.WriteLine($"header: {header.Length} characters");
    original.Position = 0;
    Console.WriteLine($"sha256: {Convert.ToHexStringLower(SHA256.HashData(original))}");
    // README: end

    using ModelPackStream ofTensor = model.OpenTensorStream(tensor);
    byte[] streamed = new byte[ofTensor.Length];
    ofTensor.ReadExactly(streamed);
    Console.WriteLine($"the stream of the tensor has the same bytes: {streamed.AsSpan().SequenceEqual(bytes)}");
    return 0;
}
finally
{
    File.Delete(path);
}
