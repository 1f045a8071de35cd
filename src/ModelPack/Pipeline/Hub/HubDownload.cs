using System.Globalization;
using System.Text;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Hub;

/// <summary>
/// What huggingface_hub records of a file that it downloads to a folder of the user's choice (<c>--local-dir</c>): beside it,
/// under <c>.cache/huggingface/download</c>, lies a file of three lines: commit, etag, time of the download.
/// </summary>
internal static class HubDownload
{
    private const int MostBytes = 4096;

    /// <summary>Finds what was recorded of a file.</summary>
    /// <param name="file">Real path of the file.</param>
    /// <param name="etag">The etag: the hub's hash of the file.</param>
    /// <param name="downloaded">Seconds since 1970.</param>
    public static bool TryFind(string file, out string etag, out double downloaded)
    {
        for (string? folder = Path.GetDirectoryName(file); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string records = Path.Combine(folder, ".cache", "huggingface", "download");
            if (Directory.Exists(records))
            {
                string record = Path.Combine(records, Path.GetRelativePath(folder, file) + ".metadata");
                if (FileStatus.Of(record, followLink: false).Type == FileType.Regular && TryRead(record, out etag, out downloaded))
                {
                    return true;
                }
            }
        }

        (etag, downloaded) = ("", 0);
        return false;
    }

    private static bool TryRead(string record, out string etag, out double downloaded)
    {
        (etag, downloaded) = ("", 0);
        using ByteSource source = ByteSource.OpenFile(record, followLink: false);
        if (source.Length > MostBytes)
        {
            return false;
        }

        byte[] bytes = new byte[source.Length];
        source.ReadExactly(0, bytes);
        if (Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.TrimEntries) is not [_, { } second, { } third, ..])
        {
            return false;
        }

        etag = second;
        return double.TryParse(third, NumberStyles.Float, CultureInfo.InvariantCulture, out downloaded);
    }
}
