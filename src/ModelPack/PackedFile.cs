namespace ModelPack;

/// <summary>One plane of a tensor as packed.</summary>
/// <param name="Name">What the plane holds: <c>exponent</c>, <c>sign-mantissa</c>, <c>bytes</c>….</param>
/// <param name="Coder">The coder that coded most of the plane's bytes.</param>
/// <param name="PackedLength">Coded bytes.</param>
public sealed record PackedPlane(string Name, PlaneCoder Coder, long PackedLength);

/// <summary>A tensor of a packed file.</summary>
/// <param name="Info">Name, dtype, shape and encoding.</param>
/// <param name="Length">Bytes of the tensor in the original file.</param>
/// <param name="PackedLength">Bytes of the container spent on it; its share where it shares a block with others.</param>
/// <param name="Planes">Its planes; empty when it has no bytes of its own.</param>
public sealed record PackedTensor(TensorInfo Info, long Length, long PackedLength, IReadOnlyList<PackedPlane> Planes)
{
    /// <summary>Bytes of the tensor that the container holds elsewhere already, as part of an equal tensor.</summary>
    public long RepeatedLength { get; init; }

    /// <summary>Bytes of the tensor that are packed as a difference to a base.</summary>
    public long BaseLength { get; init; }

    /// <summary>Path of the file that lists it, as in <see cref="PackedFile.Path"/>.</summary>
    public string File { get; init; } = "";

    /// <summary>
    /// Where the tensor's bytes lie, when its own file only refers to them; null when they lie in the file or were not packed.
    /// Lengths and planes are then those of that place, so they count there and here.
    /// </summary>
    public ExternalTensorData? External { get; init; }

    internal TensorPlace Place { get; init; }

    /// <summary>The file has its tensors by what models say of it, and under their names.</summary>
    internal bool IsOfDataFile { get; init; }
}

/// <summary>Where the bytes of a tensor lie that its own file only refers to.</summary>
/// <param name="File">Path of the file that holds them, in the same container.</param>
/// <param name="Offset">First byte there.</param>
/// <param name="Length">Bytes there.</param>
public sealed record ExternalTensorData(string File, long Offset, long Length);

/// <summary>A file of a container.</summary>
/// <param name="Path">Relative path with <c>/</c> between its parts.</param>
/// <param name="Format">How the file was understood.</param>
/// <param name="Length">Original bytes.</param>
/// <param name="PackedLength">Bytes of the container spent on the file, without the index.</param>
/// <param name="BlockCount">Number of blocks.</param>
/// <param name="Checksum">Checksum derived from those of the blocks (Container/FORMAT.md, "Checksums").</param>
/// <param name="Sha256">SHA-256 of the original in lower-case hexadecimal, when recorded.</param>
/// <param name="Tensors">All tensors, in the order of the original's own table.</param>
public sealed record PackedFile(
    string Path, ModelFormat Format, long Length, long PackedLength, int BlockCount, ulong Checksum, string? Sha256, IReadOnlyList<PackedTensor> Tensors)
{
    /// <summary>Time of the last modification of the original, cut to what the type holds (100 ns); null when not recorded.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Whether the owner of the original may execute it.</summary>
    public bool IsExecutable { get; init; }

    internal int Index { get; init; }
}

/// <summary>Where a model has a tensor.</summary>
/// <param name="File">Index of the file.</param>
/// <param name="Tensor">Index of the tensor in it.</param>
internal readonly record struct TensorPlace(int File, int Tensor);
