using ModelPack.Tests.Formats.Onnx;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.RealModels;

public sealed class OnnxCorpusTests
{
    [OnnxCorpusFact]
    public void Every_model_of_the_onnx_backend_tests_comes_back()
    {
        string[] files = Directory.GetFiles(OnnxCorpusFactAttribute.Folder, "*.onnx", SearchOption.AllDirectories);
        Assert.True(files.Length > 1000, $"only {files.Length} models in {OnnxCorpusFactAttribute.Folder}");
        Assert.All(files, static file =>
        {
            byte[] original = File.ReadAllBytes(file);
            byte[] packed = Packing.Pack(original, file, new PackOptions { Strict = true, Threads = 1 });
            Assert.Equal(original, Packing.Unpack(packed));
        });
    }

    [OnnxCorpusFact]
    public void The_whole_corpus_packs_as_one_folder()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(OnnxCorpusFactAttribute.Folder, "*.onnx", SearchOption.AllDirectories))
        {
            folder.Write("corpus/" + Path.GetRelativePath(OnnxCorpusFactAttribute.Folder, file), File.ReadAllBytes(file));
        }

        PackResult packed = ModelPacker.Pack(folder["corpus"], folder["corpus.mpk"]);
        Assert.True(packed.Files.Count > 1000);
        Assert.Empty(ModelPacker.Verify(folder["corpus.mpk"], new VerifyOptions { Against = folder["corpus"] }).Differences);
    }
}
