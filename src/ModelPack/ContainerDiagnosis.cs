namespace ModelPack;

/// <summary>A run of blocks of one file that cannot be restored, or a frame that is damaged and loses nothing.</summary>
/// <param name="File">Path in the container of the file that the blocks belong to; empty when that is not known.</param>
/// <param name="FirstBlock">The first of the blocks, counted from 0 in the file; -1 when that is not known.</param>
/// <param name="BlockCount">How many they are; 0 for a frame that is no block, or when that is not known.</param>
/// <param name="Offset">Where in the original file the lost bytes start; -1 when that is not known.</param>
/// <param name="Length">Original bytes lost.</param>
/// <param name="ContainerFile">The file on disk that is damaged: the container, or a part of it.</param>
/// <param name="ContainerOffset">Where in that file the damaged frames start.</param>
/// <param name="ContainerLength">Bytes of the damaged frames; 0 when that is not known.</param>
/// <param name="Reason">What was found in the first of them.</param>
/// <param name="Tensors">Names of the tensors with bytes among the lost, as far as known.</param>
public sealed record ContainerDamage(
    string File,
    long FirstBlock,
    long BlockCount,
    long Offset,
    long Length,
    string ContainerFile,
    long ContainerOffset,
    long ContainerLength,
    string Reason,
    IReadOnlyList<string> Tensors);

/// <summary>How much of a packed file can be restored.</summary>
/// <param name="Path">Its path in the container.</param>
/// <param name="Format">How it was understood when it was packed.</param>
/// <param name="Length">Original bytes.</param>
/// <param name="SoundLength">Bytes that can be restored.</param>
/// <param name="IsComplete">True when all can.</param>
/// <param name="TensorCount">Tensors of the file; -1 when that is not known.</param>
/// <param name="LostTensors">Names of the tensors of which bytes are lost, as far as known.</param>
public sealed record FileDiagnosis(
    string Path, ModelFormat Format, long Length, long SoundLength, bool IsComplete, int TensorCount, IReadOnlyList<string> LostTensors);

/// <summary>A part of a container that is missing or is not the one that belongs there.</summary>
/// <param name="Path">Where it should lie.</param>
/// <param name="Number">Its number; the first has 1.</param>
/// <param name="PresentLength">Bytes that are there.</param>
/// <param name="Length">Bytes that it should have.</param>
/// <param name="Reason">What is wrong.</param>
public sealed record PartDiagnosis(string Path, int Number, long PresentLength, long Length, string Reason);

/// <summary>What is there of a container that is damaged, or not there as a whole.</summary>
/// <param name="Path">Path of the container.</param>
/// <param name="PresentLength">Bytes that are there.</param>
/// <param name="ContainerLength">Bytes that the container has when it is whole; -1 when that is not known.</param>
/// <param name="HasIndex">True when the index is sound: then all files and tensors are known.</param>
/// <param name="Files">The files that are known, in container order.</param>
/// <param name="Parts">The parts that are missing or wrong.</param>
/// <param name="Damages">What is lost, in container order; no more than <see cref="MostDamages"/> entries.</param>
/// <param name="DamageCount">Number of entries without that limit.</param>
public sealed record ContainerDiagnosis(
    string Path,
    long PresentLength,
    long ContainerLength,
    bool HasIndex,
    IReadOnlyList<FileDiagnosis> Files,
    IReadOnlyList<PartDiagnosis> Parts,
    IReadOnlyList<ContainerDamage> Damages,
    int DamageCount)
{
    /// <summary>Most entries of <see cref="Damages"/>.</summary>
    public const int MostDamages = 10_000;

    /// <summary>True when everything can be restored.</summary>
    public bool IsSound => HasIndex && DamageCount == 0 && Parts.Count == 0;

    /// <summary>True when the container ends before its index: a download that was cut, or that lacks its last parts.</summary>
    public bool IsCut { get; init; }

    /// <summary>Files that were written by <see cref="ModelPacker.Salvage"/>, in container order.</summary>
    public IReadOnlyList<string> Written { get; init; } = [];
}

/// <summary>What a caller asks of <see cref="ModelPacker.Diagnose"/>.</summary>
public sealed record DiagnoseOptions
{
    /// <summary>Worker threads; 0 means one for each processor.</summary>
    public int Threads { get; init; }

    /// <summary>Restore every block to see whether it is sound; otherwise frames alone are looked at, which takes no time.</summary>
    public bool ReadBlocks { get; init; } = true;

    /// <inheritdoc cref="UnpackOptions.Base"/>
    public string? Base { get; init; }

    /// <inheritdoc cref="UnpackOptions.MaxExpansion"/>
    public long? MaxExpansion { get; init; } = UnpackOptions.DefaultMaxExpansion;
}
