using ModelPack.Reading;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Reading;

/// <summary>Tensors and files are found by name, whatever their number.</summary>
public sealed class TensorTableTests
{
    [Fact]
    public void Tensors_are_found_in_all_files_or_in_one()
    {
        using var folder = new TemporaryFolder();
        folder.Write("m/1.safetensors", SmallModels.Safetensors(("a", "U8", [3], [1, 2, 3]), ("both", "U8", [1], [4])));
        folder.Write("m/2.safetensors", SmallModels.Safetensors(("both", "U8", [1], [5]), ("b", "U8", [2], [6, 7])));
        ModelPacker.Pack(folder["m"], folder["m.mpk"]);
        using PackedModel model = PackedModel.Open(folder["m.mpk"]);
        Assert.Equal(["a", "both", "both", "b"], model.Tensors.Select(static tensor => tensor.Info.Name));
        Assert.Equal(["1.safetensors", "1.safetensors", "2.safetensors", "2.safetensors"], model.Tensors.Select(static tensor => tensor.File));
        Assert.Same(model.Tensors[3], model.FindTensor("b"));
        Assert.Same(model.Tensors[2], model.FindTensor("both", "2.safetensors"));
        Assert.Contains("2 files have a tensor 'both'", Assert.Throws<ModelPackException>(() => model.FindTensor("both")).Message, StringComparison.Ordinal);
        Assert.Throws<ModelPackException>(() => model.FindTensor("a", "2.safetensors"));
        Assert.False(model.TryFindTensor("both", out _));
        Assert.False(model.TryFindTensor("A", out _));
        Assert.True(model.TryFindTensor("both", "1.safetensors", out PackedTensor? both));
        byte[] value = new byte[1];
        model.ReadTensor(both, value);
        Assert.Equal(4, value[0]);

        Assert.Same(model.Files[1], model.FindFile("2.safetensors"));
        Assert.False(model.TryFindFile("2.Safetensors", out _));
        Assert.Equal(ModelPackError.InvalidRequest, Assert.Throws<ModelPackException>(() => model.FindFile("3")).Error);
    }

    [Fact]
    public void A_file_that_only_names_the_data_gives_way()
    {
        PackedTensor named = Tensor("w", "model.onnx", 0);
        PackedTensor held = Tensor("w", "weights.bin", 8);
        PackedTensor empty = Tensor("e", "model.onnx", 0);
        var table = new TensorTable([named, held, empty, Tensor("x", "1", 0), Tensor("x", "2", 0)]);
        Assert.Same(held, table.Find("w", null, out int count));
        Assert.Equal(1, count);
        Assert.Same(named, table.Find("w", "model.onnx", out _));
        Assert.Same(empty, table.Find("e", null, out _));
        Assert.Null(table.Find("x", null, out count));
        Assert.Equal(2, count);
        Assert.Null(table.Find("y", null, out count));
        Assert.Equal(0, count);

        static PackedTensor Tensor(string name, string file, long length) => new(new TensorInfo(name, Dtype.U8, [8]), length, 0, []) { File = file };
    }

    [Fact]
    public void Reading_all_of_many_tensors_takes_time_in_proportion()
    {
        // 10,000 tensors: a search of all of them for each would take 100 million steps.
        const int Count = 10_000;
        byte[] original = SmallModels.Safetensors([.. Enumerable.Range(0, Count).Select(static i => ($"t{i}", "U8", new[] { 4 }, BitConverter.GetBytes(i)))]);
        using PackedModel model = PackedModel.Open(Packing.Pack(original).AsMemory());
        byte[] bytes = new byte[4];
        for (int i = Count - 1; i >= 0; i--)
        {
            model.ReadTensor($"t{i}", bytes);
            Assert.Equal(i, BitConverter.ToInt32(bytes));
        }

        Assert.InRange(model.DecodedBlocks, 1, 2 * model.Files[0].BlockCount);
    }
}
