using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ModelPack.Fuzz;

/// <summary>
/// Memory whose last byte is followed by a page that may not be touched, so that a kernel that reads or writes behind its
/// buffer ends the process at once instead of going unnoticed. On other systems than Linux, plain memory.
/// </summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int NoAccess = 0, ReadWrite = 3, PrivateAnonymous = 0x22;

    private readonly nuint _mapped;
    private readonly byte* _start;
    private readonly int _capacity;

    public GuardedMemory(int capacity)
    {
        int page = Environment.SystemPageSize;
        _capacity = (capacity + page - 1) / page * page;
        if (!OperatingSystem.IsLinux())
        {
            _start = (byte*)NativeMemory.AllocZeroed((nuint)_capacity);
            return;
        }

        _mapped = (nuint)(_capacity + page);
        nint address = Map(0, _mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (address == -1 || Protect(address + _capacity, (nuint)page, NoAccess) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _start = (byte*)address;
    }

    /// <summary>The last bytes of the memory, right before the page that may not be touched.</summary>
    public Span<byte> Last(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _capacity);
        return new Span<byte>(_start + _capacity - length, length);
    }

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Unmap((nint)_start, _mapped);
        }
        else
        {
            NativeMemory.Free(_start);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
