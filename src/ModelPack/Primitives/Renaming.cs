namespace ModelPack.Primitives;

/// <summary>Gives files and folders their names in one step, which no other process and no end of this one can come between.</summary>
internal static class Renaming
{
    /// <summary>Gives a file another name on the same device.</summary>
    /// <exception cref="IOException">Something has that name and may not be replaced, or it cannot be given; the message names it.</exception>
    public static void Move(string from, string to, bool overwrite) => Name(to, () =>
    {
        // File.Move looks first and renames then: what another process put there meanwhile would be lost.
        if (overwrite || !TryRename(from, to, Posix.NoReplace))
        {
            File.Move(from, to, overwrite);
        }
    });

    /// <summary>Gives a folder a name that nothing has.</summary>
    /// <exception cref="IOException">Something has it, or it cannot be given; the message names it.</exception>
    public static void MoveFolder(string from, string to) => Name(to, () =>
    {
        if (!TryRename(from, to, Posix.NoReplace))
        {
            Directory.Move(from, to);
        }
    });

    /// <summary>Exchanges two files or folders; false, and nothing has happened, where one is missing or the system cannot.</summary>
    public static bool TryExchange(string one, string other) => TryRename(one, other, Posix.Exchange);

    /// <summary>The runtime does not say which of two names the trouble is with.</summary>
    private static void Name(string path, Action move)
    {
        try
        {
            move();
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException($"{path}: {exception.Message}", exception.HResult);
        }
    }

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
