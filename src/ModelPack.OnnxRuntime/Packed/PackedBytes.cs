using ModelPack.Primitives;

namespace ModelPack.OnnxRuntime.Packed;

/// <summary>A file of a container, read at any offset as if it were restored.</summary>
/// <param name="model">The container.</param>
/// <param name="file">A file of it.</param>
internal sealed class PackedBytes(PackedModel model, PackedFile file) : ByteSource
{
    public override string Name { get; } = file.Path.Length == 0 ? model.Path : $"{model.Path}: {file.Path}";

    public override long Length => file.Length;

    public override void ReadExactly(long offset, Span<byte> destination) => model.ReadRange(file, offset, destination);
}
