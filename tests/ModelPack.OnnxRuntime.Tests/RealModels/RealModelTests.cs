using ModelPack.Tests.RealModels;
using ModelPack.Tests.Support;

namespace ModelPack.OnnxRuntime.Tests.RealModels;

public sealed class RealModelTests
{
    public static TheoryData<string> OnnxFiles => [.. FetchedModels.Files.Where(static file => file.EndsWith(".onnx", StringComparison.Ordinal))];

    [FetchedModelsTheory]
    [MemberData(nameof(OnnxFiles))]
    public void Real_model_computes_the_same_packed(string file)
    {
        using var folder = new TemporaryFolder();
        ModelPacker.Pack(FetchedModels.PathOf(file), folder["m.mpk"], new PackOptions { FlushToDisk = false });
        using PackedModel model = PackedModel.Open(folder["m.mpk"]);

        OnnxFileResult result = Assert.Single(OnnxVerifier.Verify(model, new OnnxVerifyOptions { Against = FetchedModels.PathOf(file) }));

        Assert.Equal((OnnxVerdict.Equal, null), (result.Verdict, result.Reason));
    }
}
