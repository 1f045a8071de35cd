using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>Sets the time of the last modification as exactly as the system takes it.</summary>
internal static class FileTimes
{
    // UTIME_OMIT, in the place of nanoseconds: leave the time of access as it is.
    private const long Unchanged = (1L << 30) - 2;

    // struct timespec is two 64-bit numbers there.
    private static bool TakesNanoseconds => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Sets the time of an open file; false where the system refuses.</summary>
    public static bool TrySet(SafeFileHandle file, long nanoseconds)
    {
        if (TakesNanoseconds)
        {
            return Posix.SetTimes(file, ref Times(nanoseconds)[0]) == 0;
        }

        return Try(() => File.SetLastWriteTimeUtc(file, AsDate(nanoseconds)));
    }

    /// <summary>Sets the time of a folder; false where the system refuses.</summary>
    public static bool TrySetFolder(string path, long nanoseconds)
    {
        if (TakesNanoseconds)
        {
            return Posix.SetTimes(Posix.WorkingFolder, path, ref Times(nanoseconds)[0], Posix.NoFollow) == 0;
        }

        return Try(() => Directory.SetLastWriteTimeUtc(path, AsDate(nanoseconds)));
    }

    /// <summary>The time cut to what a date holds, 100 nanoseconds.</summary>
    public static DateTime AsDate(long nanoseconds) =>
        DateTime.UnixEpoch.AddTicks((long)Math.Floor(nanoseconds / (decimal)TimeSpan.NanosecondsPerTick));

    private static long[] Times(long nanoseconds)
    {
        (long seconds, long rest) = Math.DivRem(nanoseconds, 1_000_000_000);
        return [0, Unchanged, rest < 0 ? seconds - 1 : seconds, rest < 0 ? rest + 1_000_000_000 : rest];
    }

    private static bool Try(Action set)
    {
        try
        {
            set();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
