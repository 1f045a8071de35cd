using System.Text.Json;
using ModelPack.TestModels.Commands;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Commands;

public sealed class ShardCommandTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(24)]
    public void Each_tensor_is_in_the_shard_that_the_index_names_with_the_bytes_it_had(int shards)
    {
        using var folder = new TemporaryFolder();
        string original = Path.Combine(Repository.TestModels, "all_dtypes.safetensors");
        Assert.Equal(24, ShardCommand.Shard(original, folder.PathOf("model"), shards));
        Assert.Equal(shards + 1, Directory.GetFiles(folder.PathOf("model")).Length);

        ModelPacker.Pack(original, folder.PathOf("whole.mpk"));
        ModelPacker.Pack(folder.PathOf("model"), folder.PathOf("model.mpk"), new PackOptions { Strict = true });
        using PackedModel whole = PackedModel.Open(folder.PathOf("whole.mpk"));
        using PackedModel apart = PackedModel.Open(folder.PathOf("model.mpk"));
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(folder.PathOf("model/model.safetensors.index.json")));
        JsonElement map = index.RootElement.GetProperty("weight_map");
        Assert.Equal(whole.Tensors.Count, map.EnumerateObject().Count());
        Assert.Equal(whole.Tensors.Sum(static tensor => tensor.Length), index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64());
        foreach (PackedTensor tensor in whole.Tensors)
        {
            PackedTensor shard = apart.FindTensor(tensor.Info.Name, map.GetProperty(tensor.Info.Name).GetString());
            Assert.Equal(tensor.Info.Dtype, shard.Info.Dtype);
            Assert.Equal(tensor.Info.Shape.ToArray(), shard.Info.Shape.ToArray());
            Assert.Equal(Read(whole, tensor), Read(apart, shard));
        }
    }

    [Fact]
    public void A_file_with_fewer_tensors_is_refused()
    {
        using var folder = new TemporaryFolder();
        string original = Path.Combine(Repository.TestModels, "all_dtypes.safetensors");
        Assert.Throws<ModelPackException>(() => ShardCommand.Shard(original, folder.PathOf("model"), 25));
        Assert.Throws<ModelPackException>(() => ShardCommand.Shard(Path.Combine(Repository.TestModels, "mlp_f32.onnx"), folder.PathOf("model"), 2));
    }

    private static byte[] Read(PackedModel model, PackedTensor tensor)
    {
        byte[] bytes = new byte[tensor.Length];
        model.ReadTensor(tensor, bytes);
        return bytes;
    }
}
