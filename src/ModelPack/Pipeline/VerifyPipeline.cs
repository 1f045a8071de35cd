using ModelPack.Container;

namespace ModelPack.Pipeline;

/// <summary>Restores a container into nothing, checking all that can be checked on the way.</summary>
internal static class VerifyPipeline
{
    public static VerifyResult Run(ContainerInput packed, string name, VerifyOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        IEnumerable<string> expected = options.ExpectedSha256OfFiles?.Values ?? [];
        foreach (string hash in options.ExpectedSha256 is { } one ? expected.Append(one) : expected)
        {
            if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit))
            {
                throw new ModelPackException(ModelPackError.InvalidRequest, $"'{hash}' is not a SHA-256: 64 hexadecimal digits are needed");
            }
        }

        using var sink = new VerifySink(options);
        UnpackResult restored = UnpackPipeline.Run(
            packed, name, sink, new UnpackOptions { Base = options.Base, Threads = options.Threads, Filter = options.Filter, MaxExpansion = options.MaxExpansion }, progress, cancellationToken);
        FileSummary[] files = [.. restored.Files.Select(file => file with { Sha256 = sink.ComputedSha256(file.Path) ?? file.Sha256 })];
        return new VerifyResult(restored.OriginalLength, restored.PackedLength, files, sink.Differences);
    }
}
