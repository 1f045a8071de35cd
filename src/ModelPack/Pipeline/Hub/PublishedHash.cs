using ModelPack.Primitives;

namespace ModelPack.Pipeline.Hub;

/// <summary>The hash that a hub gave for a file that was downloaded from it.</summary>
/// <param name="Algorithm">What is hashed, and how.</param>
/// <param name="Hash">The hash in lower-case hexadecimal.</param>
/// <param name="Origin">Where it was found, for messages.</param>
/// <param name="MayHaveChanged">Whether the file was changed after the download, so that another hash is no damage.</param>
internal sealed record PublishedHash(HubHashAlgorithm Algorithm, string Hash, string Origin, bool MayHaveChanged)
{
    // What huggingface_hub allows, for file systems that keep times less exactly.
    private const double SecondsAllowed = 1;

    /// <summary>Finds the hash of a file; null when none is known.</summary>
    /// <param name="file">Path of the file; may lead through links.</param>
    public static PublishedHash? Of(string file)
    {
        string real = RealPath.Of(file);
        if (HubCache.HashOfBlob(real) is { } name)
        {
            return Make(name, "the name of its blob", mayHaveChanged: false);
        }

        if (!HubDownload.TryFind(real, out string etag, out double downloaded))
        {
            return null;
        }

        long? modified = FileStatus.Of(real, followLink: false).Modified;
        return Make(etag, "the record of its download", mayHaveChanged: modified / 1e9 > downloaded + SecondsAllowed);
    }

    /// <summary>Compares the hash with that of the file.</summary>
    /// <param name="computed">The file's hash by the same algorithm.</param>
    /// <param name="file">What to call the file in messages.</param>
    /// <param name="strict">Refuse a file that was changed after the download, too.</param>
    /// <param name="warnings">Receives a warning about such a file.</param>
    /// <exception cref="ModelPackException">The file is not what was downloaded.</exception>
    public HubHash Check(ReadOnlySpan<byte> computed, string file, bool strict, List<ModelPackWarning> warnings)
    {
        string hex = Convert.ToHexStringLower(computed);
        bool isEqual = hex == Hash;
        if (!isEqual)
        {
            string reason = $"has {(Algorithm == HubHashAlgorithm.Sha256 ? "SHA-256" : "git blob SHA-1")} {hex}, the hub's is {Hash} by {Origin}";
            if (strict || !MayHaveChanged)
            {
                throw new ModelPackException(ModelPackError.Corrupt, reason + (MayHaveChanged ? "; it was changed after the download" : ""), file);
            }

            warnings.Add(new ModelPackWarning(file, reason + "; it was changed after the download and packed as it is", null));
        }

        return new HubHash(Algorithm, Hash, isEqual);
    }

    private static PublishedHash? Make(string hash, string origin, bool mayHaveChanged)
    {
        HubHashAlgorithm? algorithm = hash.Length switch
        {
            64 => HubHashAlgorithm.Sha256,
            40 => HubHashAlgorithm.GitBlobSha1,
            _ => null,
        };
        return algorithm is { } known && hash.All(char.IsAsciiHexDigitLower) ? new PublishedHash(known, hash, origin, mayHaveChanged) : null;
    }
}
