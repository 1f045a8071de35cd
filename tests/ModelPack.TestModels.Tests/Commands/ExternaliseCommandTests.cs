using ModelPack.TestModels.Commands;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Commands;

public sealed class ExternaliseCommandTests
{
    [Theory]
    [InlineData("mlp_f32.onnx", 64)]
    [InlineData("mlp_f32.onnx", 1)]
    [InlineData("matmul_bf16.onnx", 4096)]
    public void The_model_computes_what_it_did(string file, int alignment)
    {
        using var folder = new TemporaryFolder();
        string original = Path.Combine(Repository.TestModels, file);
        Assert.True(ExternaliseCommand.Externalise(original, folder.PathOf("m.onnx"), 2, minBytes: 0, alignment) > 0);
        Assert.Equal(3, Directory.GetFiles(folder.FullName).Length);
        Assert.Equal(Inference.Run(original), Inference.Run(folder.PathOf("m.onnx")));
    }

    [RealModelFact("isnet_medium.onnx")]
    public void A_real_model_in_several_data_files_comes_back_and_is_as_small_as_in_one()
    {
        using var folder = new TemporaryFolder();
        string original = RealModelFactAttribute.PathOf("isnet_medium.onnx");
        string model = folder.PathOf("isnet.onnx");
        int moved = ExternaliseCommand.Externalise(original, model, 3, minBytes: 1024, alignment: 64);
        Assert.True(moved > 100);

        PackResult packed = ModelPacker.Pack(model, folder.PathOf("isnet.onnx.mpk"), new PackOptions { Strict = true });
        Assert.Equal(4, packed.Files.Count);
        Assert.Equal(moved, packed.Files.Where(file => file.Format == ModelFormat.OnnxExternalData).Sum(file => file.TensorCount));
        Assert.InRange((double)packed.PackedLength / packed.OriginalLength, 0.8, 0.861);
        Assert.Empty(ModelPacker.Verify(folder.PathOf("isnet.onnx.mpk"), new VerifyOptions { Against = model }).Differences);

        // Each tensor of the model has the bytes that the original model holds.
        ModelPacker.Pack(original, folder.PathOf("original.mpk"));
        using PackedModel apart = PackedModel.Open(folder.PathOf("isnet.onnx.mpk"));
        using PackedModel whole = PackedModel.Open(folder.PathOf("original.mpk"));
        Assert.Equal(moved, apart.Files.Single(file => file.Format == ModelFormat.Onnx).Tensors.Count(tensor => tensor.External is not null));
        foreach (PackedTensor tensor in whole.Files[0].Tensors)
        {
            Assert.Equal(Read(whole, tensor), Read(apart, apart.FindTensor(tensor.Info.Name, "isnet.onnx")));
        }
    }

    private static byte[] Read(PackedModel model, PackedTensor tensor)
    {
        byte[] bytes = new byte[tensor.Length];
        model.ReadTensor(tensor, bytes);
        return bytes;
    }
}
