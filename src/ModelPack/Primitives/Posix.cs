using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>The calls of a POSIX system that the runtime does not offer; for Linux unless they say otherwise.</summary>
internal static partial class Posix
{
    public const int WorkingFolder = -100; // AT_FDCWD
    public const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    public const int EmptyPath = 0x1000; // AT_EMPTY_PATH

    public const uint NoReplace = 1; // RENAME_NOREPLACE
    public const uint Exchange = 2; // RENAME_EXCHANGE

    public const int NoSuchFile = 2; // ENOENT
    public const int NotPermitted = 1; // EPERM
    public const int Interrupted = 4; // EINTR
    public const int InvalidArgument = 22; // EINVAL
    public const int ReadOnlyFileSystem = 30; // EROFS
    public const int NotSupported = 95; // EOPNOTSUPP
    public const int AccessDenied = 13; // EACCES
    public const int NotAFolder = 20; // ENOTDIR
    public const int TooManyLinks = 40; // ELOOP

    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int NonBlocking = 0x800; // O_NONBLOCK: opening a pipe returns at once

    // asm/fcntl.h: Arm and PowerPC number some flags otherwise than all others.
    private static readonly int NoFollowFlag = // O_NOFOLLOW
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 or Architecture.Ppc64le ? 0x8000 : 0x20000;

    /// <summary>Opens for reading; never waits.</summary>
    /// <returns>The descriptor, or -1 with the error in <see cref="Marshal.GetLastPInvokeError"/>.</returns>
    public static int OpenForReading(string path, bool followLink) => Open(path, CloseOnExec | NonBlocking | (followLink ? 0 : NoFollowFlag));

    /// <summary>The bytes of a link's target; also on macOS.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] ReadLink(string path)
    {
        byte[] target = new byte[4096];
        nint length = ReadLink(path, ref MemoryMarshal.GetArrayDataReference(target), target.Length);
        return length >= 0 && length < target.Length
            ? target[..(int)length]
            : throw new IOException($"{Marshal.GetLastPInvokeErrorMessage()} : '{path}'");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "readlink", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReadLink(string path, ref byte target, nint size);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Statx(int folder, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Statx(SafeFileHandle file, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Rename(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Sync(SafeFileHandle file);

    /// <summary>Sets times of access and modification, each as seconds and nanoseconds of 64 bits (64-bit systems).</summary>
    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SetTimes(SafeFileHandle file, ref long times);

    /// <inheritdoc cref="SetTimes(SafeFileHandle, ref long)"/>
    [LibraryImport("libc", EntryPoint = "utimensat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SetTimes(int folder, string path, ref long times, int flags);

    /// <summary>macOS on Arm64.</summary>
    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int MacStat(string path, ref byte status);

    /// <summary>macOS on x64: with inode numbers of 64 bits.</summary>
    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int MacStatX64(string path, ref byte status);
}
