using ModelPack.Tests.Formats.Onnx;
using ModelPack.Tests.Support;

namespace ModelPack.OnnxRuntime.Tests.RealModels;

public sealed class OnnxCorpusTests
{
    [OnnxCorpusFact]
    public void Every_model_of_the_onnx_backend_tests_is_equal_or_refused_for_a_reason()
    {
        using var folder = new TemporaryFolder();
        List<string> faults = [];
        int equal = 0;
        foreach (string file in Directory.GetFiles(OnnxCorpusFactAttribute.Folder, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            ModelPacker.Pack(file, folder["m.mpk"], new PackOptions { Overwrite = true, Threads = 1, FlushToDisk = false });
            using PackedModel model = PackedModel.Open(folder["m.mpk"]);
            OnnxFileResult result = Assert.Single(OnnxVerifier.Verify(model, new OnnxVerifyOptions { Against = file, Threads = 1 }));
            equal += result.Verdict == OnnxVerdict.Equal ? 1 : 0;

            if (result.Verdict == OnnxVerdict.Different || (result.Verdict == OnnxVerdict.NotComparable && string.IsNullOrEmpty(result.Reason)))
            {
                faults.Add($"{file}: {result.Reason}");
            }
        }

        Assert.Empty(faults);
        Assert.True(equal > 800, $"only {equal} models were compared");
    }
}
