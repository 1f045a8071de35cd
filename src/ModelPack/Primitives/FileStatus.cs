using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>What stands at a path.</summary>
internal enum FileType
{
    /// <summary>It cannot be told.</summary>
    Unknown,
    Missing,
    Regular,
    Folder,
    Link,

    /// <summary>A pipe, a socket or a device.</summary>
    Other,
}

/// <summary>What the system tells of a file without opening it: opening a pipe or a device may block or have effects.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Length">Bytes of a regular file.</param>
/// <param name="IsExecutable">Whether the owner may execute it; false on Windows.</param>
/// <param name="Modified">Time of the last modification in nanoseconds since 1970; null where a 64-bit number cannot hold it (before 1678, after 2261).</param>
internal readonly record struct FileStatus(FileType Type, long Length = 0, bool IsExecutable = false, long? Modified = null)
{
    private const int OwnerMayExecute = 0x40; // S_IXUSR

    /// <summary>Looks at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLink">Whether to tell of what a link leads to, or of the link itself.</param>
    public static FileStatus Of(string path, bool followLink)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? FromLinux((ref byte status) => Posix.Statx(Posix.WorkingFolder, path, followLink ? 0 : Posix.NoFollow, LinuxFields, ref status))
                : FromRuntime(path, followLink);
        }
        catch (EntryPointNotFoundException)
        {
            return FromRuntime(path, followLink); // a C library older than statx
        }
    }

    /// <summary>Looks at an open file.</summary>
    public static FileStatus Of(SafeFileHandle file)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                return FromLinux((ref byte status) => Posix.Statx(file, "", Posix.EmptyPath, LinuxFields, ref status));
            }
        }
        catch (EntryPointNotFoundException)
        {
            // A C library older than statx.
        }

        return new FileStatus(FileType.Unknown);
    }

    private const uint LinuxFields = 0x1 | 0x2 | 0x40 | 0x200; // STATX_TYPE, _MODE, _MTIME, _SIZE

    private delegate int LinuxCall(ref byte status);

    /// <summary>Reads struct statx, which is the same on every architecture: statx(2).</summary>
    private static FileStatus FromLinux(LinuxCall call)
    {
        Span<byte> status = stackalloc byte[256];
        if (call(ref MemoryMarshal.GetReference(status)) != 0)
        {
            return new FileStatus(Marshal.GetLastPInvokeError() is Posix.NoSuchFile or Posix.NotAFolder or Posix.TooManyLinks ? FileType.Missing : FileType.Unknown);
        }

        int mode = MemoryMarshal.Read<ushort>(status[28..]);
        Int128 modified = ((Int128)MemoryMarshal.Read<long>(status[112..]) * 1_000_000_000) + MemoryMarshal.Read<uint>(status[120..]);
        return new FileStatus(
            TypeOf(mode),
            MemoryMarshal.Read<long>(status[40..]),
            (mode & OwnerMayExecute) != 0,
            modified >= long.MinValue && modified <= long.MaxValue ? (long)modified : null);
    }

    private static FileStatus FromRuntime(string path, bool followLink)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        bool isLink = info.LinkTarget is not null;
        if (!info.Exists && !isLink)
        {
            return new FileStatus(FileType.Missing);
        }

        if (isLink && !followLink)
        {
            return new FileStatus(FileType.Link);
        }

        if (isLink)
        {
            FileSystemInfo? end = info.ResolveLinkTarget(returnFinalTarget: true);
            return end is { Exists: true } ? FromRuntime(end.FullName, followLink: false) : new FileStatus(FileType.Missing);
        }

        FileType type = info is DirectoryInfo ? FileType.Folder : MacMode(path) is { } mode ? TypeOf(mode) : FileType.Regular;
        bool isExecutable = !OperatingSystem.IsWindows() && info is FileInfo && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;
        Int128 modified = (Int128)(info.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return new FileStatus(type, info is FileInfo file ? file.Length : 0, isExecutable, modified >= long.MinValue && modified <= long.MaxValue ? (long)modified : null);
    }

    private static int? MacMode(string path)
    {
        const int ModeOffset = 4; // st_mode in struct stat with 64-bit inode numbers: stat(2)
        if (!OperatingSystem.IsMacOS())
        {
            return null;
        }

        Span<byte> status = stackalloc byte[256];
        ref byte buffer = ref MemoryMarshal.GetReference(status);
        int result = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Posix.MacStatX64(path, ref buffer) : Posix.MacStat(path, ref buffer);
        return result == 0 ? MemoryMarshal.Read<ushort>(status[ModeOffset..]) : null;
    }

    // POSIX <sys/stat.h>: the file type bits of st_mode.
    private static FileType TypeOf(int mode) => (mode & 0xF000) switch
    {
        0x8000 => FileType.Regular,
        0x4000 => FileType.Folder,
        0xA000 => FileType.Link,
        _ => FileType.Other,
    };
}
