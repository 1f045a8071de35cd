using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ModelPack.Tests.Support;

/// <summary>Folders as huggingface_hub leaves them.</summary>
internal static class HubLayouts
{
    public const string Revision = "0123456789abcdef0123456789abcdef01234567";

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The name that git gives to a blob: SHA-1 of "blob", the length, a zero, and the bytes.</summary>
    public static string GitBlobSha1(byte[] bytes)
    {
#pragma warning disable CA5350 // It is what git does.
        return Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));
#pragma warning restore CA5350
    }

    /// <summary>A cache with one repository and one revision; returns the repository's folder.</summary>
    /// <param name="folder">Where to make it.</param>
    /// <param name="files">Paths in the revision, contents, and names of the blobs.</param>
    public static string Cache(TemporaryFolder folder, params (string Path, byte[] Bytes, string Blob)[] files)
    {
        const string Repository = "hub/models--org--name";
        folder.Write($"{Repository}/refs/main", Encoding.ASCII.GetBytes(Revision));
        foreach ((string path, byte[] bytes, string blob) in files)
        {
            folder.Write($"{Repository}/blobs/{blob}", bytes);
            string link = folder[$"{Repository}/snapshots/{Revision}/{path}"];
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, string.Concat(Enumerable.Repeat("../", 2 + path.Count(static c => c == '/'))) + $"blobs/{blob}");
        }

        return folder[Repository];
    }

    /// <summary>Adds a file to a folder that was downloaded to, and what was recorded of it.</summary>
    /// <param name="folder">Where to make it.</param>
    /// <param name="path">Path of the file in folder "local".</param>
    /// <param name="bytes">Its content.</param>
    /// <param name="etag">The hash recorded.</param>
    /// <param name="downloaded">Seconds between the file's time and the record.</param>
    public static void AddDownload(TemporaryFolder folder, string path, byte[] bytes, string etag, double downloaded = 0.2)
    {
        string file = folder.Write($"local/{path}", bytes);
        double time = (File.GetLastWriteTimeUtc(file) - DateTime.UnixEpoch).TotalSeconds + downloaded;
        string record = string.Create(CultureInfo.InvariantCulture, $"{Revision}\n{etag}\n{time:R}\n");
        folder.Write($"local/.cache/huggingface/download/{path}.metadata", Encoding.ASCII.GetBytes(record));
    }
}
