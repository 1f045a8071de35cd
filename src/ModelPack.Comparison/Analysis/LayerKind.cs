using System.Text.RegularExpressions;

namespace ModelPack.Comparison.Analysis;

/// <summary>What part of a network a tensor belongs to, told by its name and shape: the first pattern that fits decides.</summary>
internal static partial class LayerKind
{
    public const string Other = "other";

    private const int MostLength = 200;

    // Names of Hugging Face transformers, of diffusers, timm and of exported ONNX graphs.
    private static readonly (string Kind, Regex Pattern)[] Patterns =
    [
        ("bias", Bias()),
        ("norm", Norm()),
        ("lm head", Head()),
        ("embedding", Embedding()),
        ("attention q", AttentionQuery()),
        ("attention k", AttentionKey()),
        ("attention v", AttentionValue()),
        ("attention o", AttentionOutput()),
        ("attention", Attention()),
        ("conv", Convolution()),
        ("mlp", FeedForward()),
    ];

    /// <summary>All kinds, in the order in which they are looked for.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Patterns.Select(static pattern => pattern.Kind), Other];

    public static string Of(TensorInfo tensor)
    {
        // A name from a file may be of any length; what tells is near its end.
        ReadOnlySpan<char> name = tensor.Name.AsSpan(Math.Max(0, tensor.Name.Length - MostLength));
        foreach ((string kind, Regex pattern) in Patterns)
        {
            if (pattern.IsMatch(name))
            {
                return kind;
            }
        }

        // Exported graphs number their weights, but only convolutions have three and more dimensions.
        return tensor.Shape.Length is >= 3 and <= 5 ? "conv" : Other;
    }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"(^|[._/:])(bias|b_[a-z]+|b[0-9]*|bias_(ih|hh)_l[0-9].*)$", Options)]
    private static partial Regex Bias();

    [GeneratedRegex(@"(norm|(^|[._/:])ln[_0-9f.]|(^|[._/:])bn[0-9._]|running_(mean|var)|gamma|beta$)", Options)]
    private static partial Regex Norm();

    [GeneratedRegex(@"(lm_head|(^|[._/])(head|classifier|score|output_layer)[._/])", Options)]
    private static partial Regex Head();

    [GeneratedRegex(@"(embed|(^|[._/])w[tp]e[._/])", Options)]
    private static partial Regex Embedding();

    [GeneratedRegex(@"((^|[._/])(q|to_q|q_proj|query|wq|q_lin|q_a_proj|q_b_proj)([._/]|$))", Options)]
    private static partial Regex AttentionQuery();

    [GeneratedRegex(@"((^|[._/])(k|to_k|k_proj|key|wk|k_lin)([._/]|$))", Options)]
    private static partial Regex AttentionKey();

    [GeneratedRegex(@"((^|[._/])(v|to_v|v_proj|value|wv|v_lin)([._/]|$))", Options)]
    private static partial Regex AttentionValue();

    [GeneratedRegex(@"((^|[._/])(o|to_out|o_proj|out_proj|wo|out_lin)([._/]|$)|att.*output|att.*c_proj)", Options)]
    private static partial Regex AttentionOutput();

    [GeneratedRegex(@"(attn|attention|qkv|c_attn|query_key_value)", Options)]
    private static partial Regex Attention();

    [GeneratedRegex(@"(mlp|ffn|feed_forward|(^|[._/])(gate|up|down)_proj|(^|[._/])(fc|w|linear|lin|dense)_?[0-9]*([._/]|$)|experts|intermediate)", Options)]
    private static partial Regex FeedForward();

    [GeneratedRegex(@"(conv|downsample|(^|[._/])kernel)", Options)]
    private static partial Regex Convolution();
}
