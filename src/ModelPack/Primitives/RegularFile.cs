using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>Opens regular files and nothing else, also when somebody puts something else in their place meanwhile.</summary>
internal static class RegularFile
{
    /// <summary>Opens a file for shared reading.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLink">False refuses a link at the path; links before its last part are always followed.</param>
    /// <exception cref="ModelPackException">There is a pipe, a device, a folder or, if not to be followed, a link at that path.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle Open(string path, bool followLink = true)
    {
        // A device is not opened at all; what takes the file's place after this look is opened without waiting and let go.
        FileType type = FileStatus.Of(path, followLink).Type;
        if (type is FileType.Other or FileType.Folder or FileType.Link)
        {
            throw FileKind.NotRegular(path);
        }

        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }

        var file = new SafeFileHandle(Posix.OpenForReading(path, followLink), ownsHandle: true);
        if (file.IsInvalid)
        {
            throw Refused(path, Marshal.GetLastPInvokeError());
        }

        if (FileStatus.Of(file).Type is FileType.Regular or FileType.Unknown)
        {
            return file;
        }

        file.Dispose();
        throw FileKind.NotRegular(path);
    }

    // In the words of the runtime.
    private static Exception Refused(string path, int error) => error switch
    {
        Posix.NoSuchFile or Posix.NotAFolder => new FileNotFoundException($"Could not find file '{path}'.", path),
        Posix.AccessDenied or Posix.NotPermitted => new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
        Posix.TooManyLinks => FileKind.NotRegular(path),
        _ => new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'"),
    };
}
