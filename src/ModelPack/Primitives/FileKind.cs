using System.Runtime.InteropServices;

namespace ModelPack.Primitives;

/// <summary>Tells regular files from pipes and devices without opening them: opening one may block or have effects.</summary>
internal static partial class FileKind
{
    // POSIX <sys/stat.h>: the file type bits of st_mode.
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;

    /// <summary>True for a regular file, links followed; also where it cannot be told.</summary>
    public static bool IsRegular(string path)
    {
        int? mode = OperatingSystem.IsLinux() ? LinuxMode(path) : OperatingSystem.IsMacOS() ? MacMode(path) : null;
        return mode is not { } known || (known & TypeMask) == RegularType;
    }

    /// <exception cref="ModelPackException">There is a pipe, a device or a folder at that path.</exception>
    public static void RequireRegular(string path)
    {
        if (!IsRegular(path))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is not a regular file; a pipe can be read through standard input (-)", path);
        }
    }

    private static int? LinuxMode(string path)
    {
        const int WorkingFolder = -100; // AT_FDCWD
        const uint TypeWanted = 1; // STATX_TYPE
        const int ModeOffset = 28; // stx_mode in struct statx, the same on every architecture: statx(2)
        Span<byte> status = stackalloc byte[256];
        try
        {
            return Statx(WorkingFolder, path, 0, TypeWanted, ref MemoryMarshal.GetReference(status)) == 0
                ? MemoryMarshal.Read<ushort>(status[ModeOffset..])
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // a C library older than statx
        }
    }

    private static int? MacMode(string path)
    {
        const int ModeOffset = 4; // st_mode in struct stat with 64-bit inode numbers: stat(2)
        Span<byte> status = stackalloc byte[256];
        ref byte buffer = ref MemoryMarshal.GetReference(status);
        int result = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatX64(path, ref buffer) : Stat(path, ref buffer);
        return result == 0 ? MemoryMarshal.Read<ushort>(status[ModeOffset..]) : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(string path, ref byte status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatX64(string path, ref byte status);
}
