namespace ModelPack.Cli;

/// <summary>The hashes that <c>verify --expect-sha256</c> was given.</summary>
/// <param name="OfTheFile">The hash of a container's only file, whatever it is called.</param>
/// <param name="OfFiles">The hashes of files by their paths.</param>
internal sealed record ExpectedHashes(string? OfTheFile, IReadOnlyDictionary<string, string>? OfFiles)
{
    private const int HashLength = 64;

    /// <exception cref="UsageException">A value is neither a hash nor the path of a file with hashes, or two contradict each other.</exception>
    public static ExpectedHashes Read(string[] values)
    {
        if (values is [string one] && IsHash(one))
        {
            return new ExpectedHashes(one, null);
        }

        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string value in values)
        {
            foreach ((string path, string hash) in ReadOne(value))
            {
                if (!sums.TryAdd(path, hash) && !sums[path].Equals(hash, StringComparison.OrdinalIgnoreCase))
                {
                    throw new UsageException($"--expect-sha256: '{path}' is given two hashes");
                }
            }
        }

        return new ExpectedHashes(null, sums);
    }

    /// <summary>What to say when all was as expected.</summary>
    public string Describe(IReadOnlyList<FileSummary> files)
    {
        int expected = files.Count(file => OfFiles?.ContainsKey(file.Path) == true);
        return OfFiles is null || expected == files.Count ? "SHA-256 as expected" : $"SHA-256 of {expected} as expected";
    }

    private static IEnumerable<KeyValuePair<string, string>> ReadOne(string value)
    {
        int equals = value.LastIndexOf('=');
        if (equals > 0 && IsHash(value[(equals + 1)..]))
        {
            return [new(value[..equals], value[(equals + 1)..])];
        }

        if (IsHash(value))
        {
            throw new UsageException("--expect-sha256: one of several hashes needs the name of its file: NAME=HASH");
        }

        return File.Exists(value)
            ? Sha256Sums.Parse(File.ReadAllText(value), value)
            : throw new UsageException($"--expect-sha256: '{value}' is neither a SHA-256, {HashLength} hexadecimal digits, nor a file of some");
    }

    private static bool IsHash(string text) => text.Length == HashLength && text.All(char.IsAsciiHexDigit);
}
