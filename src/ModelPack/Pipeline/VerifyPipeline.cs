using ModelPack.Container;

namespace ModelPack.Pipeline;

/// <summary>Restores a container into nothing, checking all that can be checked on the way.</summary>
internal static class VerifyPipeline
{
    public static VerifyResult Run(ContainerInput packed, string name, VerifyOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.ExpectedSha256 is { } expected && (expected.Length != 64 || !expected.All(char.IsAsciiHexDigit)))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"'{expected}' is not a SHA-256: 64 hexadecimal digits are needed");
        }

        using var sink = new VerifySink(options);
        UnpackResult restored = UnpackPipeline.Run(packed, name, sink, options.Base, options.Threads, progress, cancellationToken);
        FileSummary[] files = [.. restored.Files.Select(file => file with { Sha256 = sink.ComputedSha256(file.Path) ?? file.Sha256 })];
        return new VerifyResult(restored.OriginalLength, restored.PackedLength, files, sink.Differences);
    }
}
