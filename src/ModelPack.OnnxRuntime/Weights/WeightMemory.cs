using System.Runtime.InteropServices;

namespace ModelPack.OnnxRuntime.Weights;

/// <summary>The memory from which a session takes its weights: one range, freed once.</summary>
/// <remarks>Its finalizer is critical: of objects that die together, a session's goes first.</remarks>
internal sealed unsafe class WeightMemory : SafeHandle
{
    /// <summary>What tensors are aligned to: a cache line, more than any element asks for.</summary>
    public const int Alignment = 64;

    public WeightMemory(long length)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        Length = length;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)length, Alignment));
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

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(Length);
        return true;
    }
}
