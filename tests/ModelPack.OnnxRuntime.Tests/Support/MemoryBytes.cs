using ModelPack.Primitives;

namespace ModelPack.OnnxRuntime.Tests.Support;

/// <summary>A file in memory.</summary>
internal sealed class MemoryBytes(byte[] bytes, string name) : ByteSource
{
    public override string Name => name;

    public override long Length => bytes.Length;

    public override void ReadExactly(long offset, Span<byte> destination) => bytes.AsSpan(checked((int)offset), destination.Length).CopyTo(destination);
}
