using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>Waits until a file is on the device.</summary>
internal static class DeviceFlush
{
    /// <param name="file">The open file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="IOException">It is not there: what was written is lost.</exception>
    public static void Run(SafeFileHandle file, string name)
    {
        // On Linux the runtime passes over an error here, which is the only word of writes that failed later.
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        while (Posix.Sync(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error is Posix.ReadOnlyFileSystem or Posix.InvalidArgument or Posix.NotSupported)
            {
                return; // it has nothing that could be flushed: fsync(2)
            }

            if (error != Posix.Interrupted)
            {
                throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{name}'", error);
            }
        }
    }
}
