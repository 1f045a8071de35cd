using System.Security.Cryptography;

namespace ModelPack.TestModels.Fetching;

/// <summary>Compares files with what the manifest says.</summary>
internal static class PinnedFile
{
    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    public static string Sha256Of(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>True when the file is there with the size and digest it must have.</summary>
    public static bool IsRight(IPinnedFile pinned, string path) =>
        new FileInfo(path) is { Exists: true } file && file.Length == pinned.Bytes && Sha256Of(path) == pinned.Sha256;

    /// <summary>Demands the size and digest.</summary>
    /// <exception cref="InvalidDataException">They differ.</exception>
    public static void Check(IPinnedFile pinned, string path)
    {
        long bytes = new FileInfo(path).Length;
        string sha256 = Sha256Of(path);
        if (bytes != pinned.Bytes || sha256 != pinned.Sha256)
        {
            throw new InvalidDataException(
                $"{pinned.File}: found {bytes} bytes with SHA-256 {sha256}, but the manifest says {pinned.Bytes} bytes with {pinned.Sha256}");
        }
    }
}
