#pragma warning disable IDE0130 // The shared reader of ONNX files finds it where the library has its own, which reads more kinds of files.
namespace ModelPack.Primitives;
#pragma warning restore IDE0130

/// <summary>Bytes of known length that can be read at any offset, from several threads at once.</summary>
internal abstract class ByteSource
{
    /// <summary>A name that a user recognises.</summary>
    public abstract string Name { get; }

    /// <summary>Length in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>.</summary>
    public abstract void ReadExactly(long offset, Span<byte> destination);
}
