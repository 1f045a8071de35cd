namespace ModelPack;

/// <summary>How a model hub names the content of a file.</summary>
public enum HubHashAlgorithm
{
    /// <summary>SHA-256 of the file: of large files.</summary>
    Sha256,

    /// <summary>SHA-1 of the file as a git blob (<c>blob LENGTH</c>, a zero, the bytes): of small files.</summary>
    GitBlobSha1,
}

/// <summary>A hash that a model hub gave when the file was downloaded, compared with the file while it was packed.</summary>
/// <param name="Algorithm">What was hashed, and how.</param>
/// <param name="Expected">The hub's hash in lower-case hexadecimal.</param>
/// <param name="IsEqual">
/// Whether the file has it. False only where the file was changed after the download; a file that should have it and has not
/// is refused.
/// </param>
public sealed record HubHash(HubHashAlgorithm Algorithm, string Expected, bool IsEqual);
