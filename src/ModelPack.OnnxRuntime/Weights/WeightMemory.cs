using System.Runtime.InteropServices;

namespace ModelPack.OnnxRuntime.Weights;

/// <summary>The memory from which a session takes its weights: one range, freed once.</summary>
/// <remarks>Its finalizer is critical: of objects that die together, a session's goes first.</remarks>
internal sealed unsafe partial class WeightMemory : SafeHandle
{
    /// <summary>What tensors are aligned to: a cache line, more than any element asks for.</summary>
    public const int Alignment = 64;

    // A page of 2 MiB where the system has such; MADV_HUGEPAGE of Linux.
    private const int LargePage = 2 << 20;
    private const int AdviseHugePages = 14;

    public WeightMemory(long length)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        Length = length;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)length, length < LargePage ? (nuint)Alignment : LargePage));
        if (length >= LargePage && OperatingSystem.IsLinux())
        {
            AskForLargePages();
        }

        GC.AddMemoryPressure(length);
    }

    public long Length { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>Where the memory starts; valid until it is disposed of.</summary>
    public nint Address => handle;

    /// <summary>A part of the memory.</summary>
    public Span<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new Span<byte>((byte*)handle + offset, length);
    }

    /// <summary>A part of the memory to be written from its start.</summary>
    public Stream OpenWrite(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new UnmanagedMemoryStream((byte*)handle + offset, length, length, FileAccess.Write);
    }

    /// <summary>
    /// Measured: to touch 88 MB of new memory page by page took 8 times as long as to decode the weights; in large pages, a
    /// tenth. Where the system has none, nothing is lost but time.
    /// </summary>
    private void AskForLargePages()
    {
        try
        {
            _ = Advise(handle, (nuint)Length, AdviseHugePages);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(Length);
        return true;
    }
}
