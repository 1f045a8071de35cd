namespace ModelPack.Primitives;

/// <summary>Gives files and folders their names in one step, which no other process and no end of this one can come between.</summary>
internal static class Renaming
{
    /// <summary>Gives a file a name that nothing has.</summary>
    /// <exception cref="IOException">Something has it, or it cannot be given.</exception>
    public static void FileToNew(string from, string to)
    {
        // File.Move looks first and renames then: what another process put there meanwhile would be lost.
        if (!TryRename(from, to, Posix.NoReplace))
        {
            File.Move(from, to, overwrite: false);
        }
    }

    /// <summary>Gives a folder a name that nothing has.</summary>
    /// <exception cref="IOException">Something has it, or it cannot be given.</exception>
    public static void FolderToNew(string from, string to)
    {
        if (!TryRename(from, to, Posix.NoReplace))
        {
            Directory.Move(from, to);
        }
    }

    /// <summary>Exchanges two files or folders; false, and nothing has happened, where one is missing or the system cannot.</summary>
    public static bool TryExchange(string one, string other) => TryRename(one, other, Posix.Exchange);

    private static bool TryRename(string from, string to, uint flags)
    {
        try
        {
            return OperatingSystem.IsLinux() && Posix.Rename(Posix.WorkingFolder, from, Posix.WorkingFolder, to, flags) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // a C library older than renameat2
        }
    }
}
