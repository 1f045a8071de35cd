namespace ModelPack;

/// <summary>How much work packing spends on size.</summary>
public enum PackLevel
{
    /// <summary>Fastest coders; repetitions are coded as such only in what is not weights.</summary>
    Fast,

    /// <summary>The best size that costs no noticeable speed.</summary>
    Default,

    /// <summary>Every coder is tried on every plane and the smallest result kept.</summary>
    Max,
}

/// <summary>The plane coders a caller may force for study.</summary>
public enum PlaneCoder
{
    /// <summary>No coding.</summary>
    Stored,

    /// <summary>One value for the whole plane.</summary>
    Constant,

    /// <summary>Canonical Huffman.</summary>
    Huffman,

    /// <summary>Lempel-Ziv-Welch.</summary>
    Lzw,

    /// <summary>Table ANS over 64 byte lanes.</summary>
    LaneAns,

    /// <summary>Range ANS with tables for contexts, by where in a tensor a value lies.</summary>
    ContextAns,

    /// <summary>Repetitions and literals (LZ77), entropy-coded.</summary>
    Lz,
}

/// <summary>What a caller asks of <see cref="ModelPacker"/> when packing.</summary>
public sealed record PackOptions
{
    /// <summary>Effort spent on size.</summary>
    public PackLevel Level { get; init; } = PackLevel.Default;

    /// <summary>Worker threads; 0 means one for each processor. The packed bytes do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Record the SHA-256 of each original file.</summary>
    public bool Sha256 { get; init; }

    /// <summary>
    /// Compare files with the hashes that a model hub gave for them: in the hub's cache the name of a file's blob, in a folder
    /// that was downloaded to what was recorded there. A file that differs is refused, unless it was changed after
    /// the download.
    /// </summary>
    public bool ChecksHubHashes { get; init; } = true;

    /// <summary>
    /// Record when files and folders were modified last. Off, equal content gives equal bytes. What is packed from memory or a
    /// stream has no time.
    /// </summary>
    public bool RecordsTimes { get; init; } = true;

    /// <summary>Which files of a folder to pack; null packs all.</summary>
    public PathFilter? Filter { get; init; }

    /// <summary>
    /// Refuse a model file that cannot be parsed, instead of packing it as opaque bytes with a warning, and a file that was
    /// changed after it was downloaded from a hub.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Use the external data of ONNX models: a model that is packed from its path takes its data files along, and the tensors
    /// in data files are found. A model whose data lies outside its folder is then refused. Off, a model is packed alone, with a
    /// warning, and data files of a folder are packed as opaque bytes.
    /// </summary>
    public bool ExternalData { get; init; } = true;

    /// <summary>Replace an existing target.</summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// Wait until the system has written the target to the device before it gets its name. Off, a power failure soon
    /// after may leave it incomplete, as with an ordinary copy.
    /// </summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>
    /// Path of a model (a file, a folder, or a container of either) that this one was made from: tensors of the same name,
    /// dtype and shape are packed as their difference to it where that is smaller. Exactly the same base is needed to restore
    /// the container. Null packs each model by itself.
    /// </summary>
    public string? Base { get; init; }

    /// <summary>
    /// Write the container in parts of this many bytes, <c>model.mpk.001</c> and so on, at least <see cref="LeastSplitLength"/>;
    /// the target itself is then a list of them. Null writes one file. Only for targets that are paths.
    /// </summary>
    public long? SplitLength { get; init; }

    /// <summary>The least <see cref="SplitLength"/>.</summary>
    public const int LeastSplitLength = 1 << 16;

    /// <summary>
    /// Keep what is unfinished when packing is interrupted, even by a power failure, beside the target; and go on with it when
    /// it is there already. The originals are read again and compared with it block by block, so the container is the same as
    /// if nothing had happened. Only for targets and sources that are paths.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Use this coder for every plane it can take (and Stored for the others); null lets the chooser measure.</summary>
    public PlaneCoder? ForcedCoder { get; init; }
}

/// <summary>What a caller asks of <see cref="ModelPacker"/> when unpacking.</summary>
public sealed record UnpackOptions
{
    /// <summary>Worker threads; 0 means one for each processor.</summary>
    public int Threads { get; init; }

    /// <summary>Replace an existing target.</summary>
    public bool Overwrite { get; init; }

    /// <inheritdoc cref="PackOptions.FlushToDisk"/>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>Which files and links of a folder to restore; null restores all.</summary>
    public PathFilter? Filter { get; init; }

    /// <summary>
    /// Paths of files in the container: restore these alone. Each must be there; when there are some, <see cref="Filter"/> does
    /// not count.
    /// </summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Restore the only one of <see cref="Files"/> as a file (or to the stream), not as a folder with that file.</summary>
    public bool AsFile { get; init; }

    /// <summary>
    /// Path of the base that the container was packed with: a file, a folder, or a container of either. It is checked before
    /// anything is written. Not looked at when the container needs none.
    /// </summary>
    public string? Base { get; init; }

    /// <summary>The <see cref="MaxExpansion"/> of those who ask for none.</summary>
    public const long DefaultMaxExpansion = 1000;

    /// <summary>
    /// A container that restores more than 1 GiB is refused when that is more than so many times its own bytes and those of
    /// its base: a few bytes of a hostile one can stand for terabytes. Null refuses none.
    /// </summary>
    public long? MaxExpansion { get; init; } = DefaultMaxExpansion;
}

/// <summary>What a caller asks of <see cref="ModelPacker"/> when verifying.</summary>
public sealed record VerifyOptions
{
    /// <summary>Worker threads; 0 means one for each processor.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Path of the original file or folder to compare with, byte by byte; null checks the container alone. A model that was packed
    /// with its data files may be named by its own path; the data files are then looked for beside it.
    /// </summary>
    public string? Against { get; init; }

    /// <summary>The SHA-256 (64 hexadecimal digits) that the restored file must have; only for containers of one file.</summary>
    public string? ExpectedSha256 { get; init; }

    /// <summary>
    /// The SHA-256 that restored files must have, by their paths (<see cref="Sha256Sums.Parse"/> reads some). A file that is not
    /// there is a difference; one without a hash is not.
    /// </summary>
    public IReadOnlyDictionary<string, string>? ExpectedSha256OfFiles { get; init; }

    /// <summary>Which files and links of a folder to look at, in the container and in the original; null means all.</summary>
    public PathFilter? Filter { get; init; }

    /// <inheritdoc cref="UnpackOptions.Base"/>
    public string? Base { get; init; }

    /// <inheritdoc cref="UnpackOptions.MaxExpansion"/>
    public long? MaxExpansion { get; init; } = UnpackOptions.DefaultMaxExpansion;
}

/// <summary>What a caller asks of <see cref="PackedModel"/> when opening one.</summary>
public sealed record OpenOptions
{
    internal const long DefaultCacheLength = 1 << 23;

    /// <summary>
    /// Threads that decode what one call reads, the calling one included, where it reads a mebibyte or more; 0 means one for each
    /// processor.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>
    /// Bytes of decoded blocks that the model keeps for calls that read parts of them. What a stream reads from is kept besides:
    /// one block for each open stream. A block has from 256 KiB to a few MiB, and never more than 16 MiB.
    /// </summary>
    public long CacheLength { get; init; } = DefaultCacheLength;

    /// <summary>
    /// Path of the base that the container was packed with: a file, a folder, or a container of either. It is checked when the
    /// model is opened. Null opens the model all the same, but what was packed as a difference cannot be read.
    /// </summary>
    public string? Base { get; init; }

    /// <inheritdoc cref="UnpackOptions.MaxExpansion"/>
    /// <remarks>The base counts as long as it is recorded where it was not named.</remarks>
    public long? MaxExpansion { get; init; } = UnpackOptions.DefaultMaxExpansion;
}
