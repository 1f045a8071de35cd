using System.Security.Cryptography;
using System.Text;

namespace ModelPack.Pipeline.Hub;

/// <summary>The hashes of one file after another, of bytes that come in order. For one thread.</summary>
internal sealed class FileHashes : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private IncrementalHash? _gitSha1;

    /// <summary>What is wanted of the file.</summary>
    private bool _wantsSha256, _wantsGitSha1;

    /// <summary>Begins a file.</summary>
    /// <param name="sha256">Whether its SHA-256 is wanted.</param>
    /// <param name="gitBlobSha1">Whether its SHA-1 as a git blob is wanted.</param>
    /// <param name="length">Bytes of the file.</param>
    public void Begin(bool sha256, bool gitBlobSha1, long length)
    {
        (_wantsSha256, _wantsGitSha1) = (sha256, gitBlobSha1);
        if (gitBlobSha1)
        {
#pragma warning disable CA5350 // Git and the hubs name files by SHA-1; it guards against damage here, not against forgery.
            _gitSha1 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
            _gitSha1.AppendData(Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"blob {length}\0")));
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_wantsSha256)
        {
            _sha256.AppendData(bytes);
        }

        if (_wantsGitSha1)
        {
            _gitSha1!.AppendData(bytes);
        }
    }

    /// <summary>Ends the file; what was not wanted is empty.</summary>
    public (byte[] Sha256, byte[] GitBlobSha1) End() => (_wantsSha256 ? _sha256.GetHashAndReset() : [], _wantsGitSha1 ? _gitSha1!.GetHashAndReset() : []);

    public void Dispose()
    {
        _sha256.Dispose();
        _gitSha1?.Dispose();
    }
}
