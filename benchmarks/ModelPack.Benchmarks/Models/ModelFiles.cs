namespace ModelPack.Benchmarks.Models;

/// <summary>Finds the checkout that this program was built in, and its models.</summary>
internal static class ModelFiles
{
    // One for each kind of weights: BF16, F16, F32, F32 in small tensors, UINT8.
    private static readonly string[] Fetched =
    [
        "fetched/isnet_medium_bf16.safetensors",
        "fetched/isnet_medium.onnx",
        "fetched/ch_PP-OCRv4_rec_infer.onnx",
        "fetched/silero_vad_v5.onnx",
        "fetched/isnet_small.onnx",
    ];

    private static readonly string[] Committed =
        ["transformer_bf16.safetensors", "conv_f16.onnx", "mlp_f32.onnx", "quantised.safetensors"];

    /// <summary>The checkout's folder.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The models measured unless others are named: the fetched ones that are there, else the committed ones. Relative to testmodels.</summary>
    public static IReadOnlyList<string> Default => Fetched.Where(IsThere).ToArray() is { Length: > 0 } fetched ? fetched : Committed;

    /// <summary>Path of a file in testmodels.</summary>
    public static string PathOf(string file) => Path.Combine(Root, "testmodels", file);

    /// <summary>True when the file is in testmodels.</summary>
    public static bool IsThere(string file) => File.Exists(PathOf(file));

    private static string FindRoot(string start)
    {
        for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "ModelPack.sln")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"no ModelPack.sln above {start}");
    }
}
