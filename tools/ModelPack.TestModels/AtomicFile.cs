namespace ModelPack.TestModels;

/// <summary>
/// A file that appears under its name only when it is complete. Not flushed to the disk: all that is written here can be made
/// again, and the flush takes most of the time of a large file.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes beside the target and renames; when <paramref name="write"/> fails, no trace is left.</summary>
    /// <param name="path">The target; its folder is made where it is missing, an existing file is replaced.</param>
    /// <param name="write">Fills a seekable stream, open for reading too.</param>
    public static void Write(string path, Action<FileStream> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string temporary = path + ".mpk-tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
