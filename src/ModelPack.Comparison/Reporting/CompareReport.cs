namespace ModelPack.Comparison.Reporting;

// The objects that compare --json writes and the page shows. Names and meanings are part of the interface: they may be added
// to, never changed. Sizes are in bytes, ratios packed ÷ original; null stands for what is unknown or was not reached.

/// <summary>What <c>compare</c> found.</summary>
/// <param name="Schema">Name and version of this format.</param>
/// <param name="Mode"><c>measure</c>, <c>estimate</c> or <c>difference</c>.</param>
/// <param name="Partial">True when it was cancelled: what was found until then is there.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Sources">Each model; empty for a difference.</param>
/// <param name="Difference">Two models against each other; else null.</param>
/// <param name="Warnings">What was not understood.</param>
internal sealed record CompareReport(
    string Schema,
    string Mode,
    bool Partial,
    double Seconds,
    IReadOnlyList<SourceReport> Sources,
    ComparedModels? Difference,
    IReadOnlyList<ComparedWarning> Warnings)
{
    public const string CurrentSchema = "modelpack.compare/1";
}

/// <summary>Something to know that stopped nothing.</summary>
internal sealed record ComparedWarning(string File, long? Offset, string Reason);

/// <summary>One model.</summary>
/// <param name="Path">As it was given.</param>
/// <param name="Packed">Whether it is a container; all sizes are of what it restores.</param>
/// <param name="OriginalBytes">Bytes of all files.</param>
/// <param name="PackedBytes">Bytes of the whole container, by level.</param>
/// <param name="Ratio">At the default level.</param>
/// <param name="BoundBytes">Order-0 entropy of all planes of all tensors, and of all other bytes.</param>
/// <param name="Files">Each file.</param>
/// <param name="Dtypes">Totals by dtype; other bytes of files are <c>(structure)</c>.</param>
/// <param name="Kinds">Totals by kind of layer.</param>
/// <param name="Tensors">Each tensor.</param>
/// <param name="Exponents">How often each exponent occurs, by dtype.</param>
/// <param name="Compressors">ModelPack and other compressors on the same bytes; null when not asked for.</param>
/// <param name="Estimate">What a sample tells; null when all was measured.</param>
internal sealed record SourceReport(
    string Path,
    bool Packed,
    long OriginalBytes,
    Dictionary<string, long> PackedBytes,
    double? Ratio,
    double? BoundBytes,
    IReadOnlyList<ComparedFile> Files,
    IReadOnlyList<ComparedGroup> Dtypes,
    IReadOnlyList<ComparedGroup> Kinds,
    IReadOnlyList<ComparedTensor> Tensors,
    IReadOnlyList<ExponentReport> Exponents,
    CompressorsReport? Compressors,
    EstimateReport? Estimate);

/// <summary>A file of a model.</summary>
internal sealed record ComparedFile(string Path, string Format, int Tensors, long OriginalBytes, Dictionary<string, long> PackedBytes, double? Ratio, double? BoundBytes);

/// <summary>Totals of tensors that have something in common.</summary>
/// <param name="Name">What they have in common.</param>
/// <param name="Tensors">How many.</param>
/// <param name="OriginalBytes">Their bytes.</param>
/// <param name="PackedBytes">What they cost, by level.</param>
/// <param name="Ratio">At the default level.</param>
/// <param name="BoundBytes">Order-0 entropy of their planes.</param>
internal sealed record ComparedGroup(string Name, int Tensors, long OriginalBytes, Dictionary<string, long> PackedBytes, double? Ratio, double? BoundBytes);

/// <summary>A tensor.</summary>
/// <param name="File">Path of its file; empty in a container without names.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Kind of layer.</param>
/// <param name="Dtype">Element type.</param>
/// <param name="Encoding"><c>raw</c> or <c>varint</c>.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Elements">Their product; null when it has no end.</param>
/// <param name="OriginalBytes">Its bytes.</param>
/// <param name="RepeatedBytes">Bytes of it that an equal tensor has already.</param>
/// <param name="PackedBytes">What it costs, by level; with the coder forced, by coder. Null where a coder does not take its planes.</param>
/// <param name="Ratio">At the default level.</param>
/// <param name="BitsPerValue">Packed bits an element at the default level.</param>
/// <param name="BoundBytes">Order-0 entropy of its planes.</param>
/// <param name="BoundBitsPerValue">The same for an element.</param>
/// <param name="BoundDistance">Packed at the default level ÷ bound − 1; negative where contexts or repeats gain more than order 0 tells.</param>
/// <param name="Planes">Its planes.</param>
/// <param name="Entropies">Entropies of parts of its elements; null when not reached.</param>
/// <param name="Values">Its values; null where they cannot be read.</param>
internal sealed record ComparedTensor(
    string File,
    string Name,
    string Kind,
    string Dtype,
    string Encoding,
    ulong[] Shape,
    long? Elements,
    long OriginalBytes,
    long RepeatedBytes,
    Dictionary<string, long?> PackedBytes,
    double? Ratio,
    double? BitsPerValue,
    double? BoundBytes,
    double? BoundBitsPerValue,
    double? BoundDistance,
    IReadOnlyList<ComparedPlane> Planes,
    EntropyReport? Entropies,
    ValueReport? Values);

/// <summary>A plane of a tensor.</summary>
/// <param name="Name">What it holds.</param>
/// <param name="Symbols">Its bytes.</param>
/// <param name="DistinctValues">Byte values that occur.</param>
/// <param name="EntropyBits">Order-0 entropy of a byte.</param>
/// <param name="BoundBytes">The same for the plane.</param>
/// <param name="Coders">The chooser's pick for most of its bytes, by level.</param>
/// <param name="PackedBytes">Coded bytes, by level and by forced coder; null where a coder does not take the plane.</param>
internal sealed record ComparedPlane(
    string Name, long Symbols, int DistinctValues, double EntropyBits, double BoundBytes, Dictionary<string, string> Coders, Dictionary<string, long?> PackedBytes)
{
    /// <summary>Bytes of the symbols given the contexts that Context ANS chooses; null unless packed at the level max.</summary>
    public double? ContextBoundBytes { get; init; }

    /// <summary>Coded by Context ANS at the level max ÷ <see cref="ContextBoundBytes"/> − 1; null where another coder was picked there.</summary>
    public double? ContextDistance { get; init; }
}

/// <summary>Entropies in bits an element; null where the dtype has no such part, or there are too few elements.</summary>
internal sealed record EntropyReport(
    double? Exponent, double? ExponentAndTopMantissaBit, double? TopMantissaBitGivenExponent, double? SymbolGivenClass, double? SymbolGivenPrevious)
{
    /// <summary>H(symbol | context), with the contexts that Context ANS chooses block by block; null unless packed at the level max.</summary>
    public double? SymbolGivenContext { get; init; }
}

/// <summary>Values of a tensor; the first four of finite values alone, the rest parts of all (0 to 1).</summary>
internal sealed record ValueReport(
    double? Min, double? Max, double? Mean, double? StandardDeviation, double Zeros, double Nans, double Infinities, double Denormals);

/// <summary>How often each exponent occurs.</summary>
/// <param name="Dtype">In tensors of that dtype.</param>
/// <param name="First">The exponent of the first count, as stored.</param>
/// <param name="Bias">What to subtract for the power of two.</param>
/// <param name="Counts">Counts, from the first exponent that occurs to the last.</param>
internal sealed record ExponentReport(string Dtype, int First, int Bias, long[] Counts);

/// <summary>ModelPack and other compressors on one thread, memory to memory, on the same bytes.</summary>
/// <param name="SampleBytes">How many bytes.</param>
/// <param name="IsWhole">Whether those are the whole model; else parts of each tensor in proportion.</param>
/// <param name="Rounds">Rounds of which speeds are the median.</param>
/// <param name="MemcpyGigabytesPerSecond">Speed of a memory copy in that run.</param>
/// <param name="Results">Each compressor.</param>
internal sealed record CompressorsReport(long SampleBytes, bool IsWhole, int Rounds, double MemcpyGigabytesPerSecond, IReadOnlyList<CompressorReport> Results);

/// <summary>A compressor.</summary>
/// <param name="Name">Name and level.</param>
/// <param name="Input"><c>whole</c>, or <c>planes</c> where it was given the planes of the tensors, one after the other.</param>
/// <param name="PackedBytes">Packed bytes.</param>
/// <param name="Ratio">Packed ÷ original.</param>
/// <param name="Compress">Speed of compressing, in memory copies; without the split.</param>
/// <param name="Decompress">Speed of decompressing, in memory copies.</param>
internal sealed record CompressorReport(string Name, string Input, long PackedBytes, double Ratio, double Compress, double Decompress);

/// <summary>What a sample tells of the size at the default level.</summary>
/// <param name="PackedBytes">The expected size of the container.</param>
/// <param name="Ratio">The expected ratio.</param>
/// <param name="Error">Half of the 95 % interval of the packed size, as a part of it; 0 when all was read.</param>
/// <param name="SampledBytes">Bytes read for it.</param>
/// <param name="SampledBlocks">Blocks coded.</param>
/// <param name="Blocks">Blocks in all.</param>
/// <param name="Verdict">What it means, in a sentence.</param>
internal sealed record EstimateReport(long PackedBytes, double Ratio, double Error, long SampledBytes, int SampledBlocks, int Blocks, string Verdict);

/// <summary>A model against the one it may have been made from.</summary>
/// <param name="BasePath">The first model.</param>
/// <param name="Path">The second.</param>
/// <param name="OriginalBytes">Bytes of the second.</param>
/// <param name="PackedBytes">What it packs to by itself, at the default level; null when not reached.</param>
/// <param name="DifferenceBytes">What it packs to as a difference to the first; null when not reached, or nothing is in common.</param>
/// <param name="Equal">Tensors that are the same.</param>
/// <param name="Near">Tensors of the same dtype and shape with other values.</param>
/// <param name="Reshaped">Tensors with another dtype or shape.</param>
/// <param name="Added">Tensors of the second alone.</param>
/// <param name="Missing">Tensors of the first alone.</param>
/// <param name="Tensors">Each tensor.</param>
internal sealed record ComparedModels(
    string BasePath,
    string Path,
    long OriginalBytes,
    long? PackedBytes,
    long? DifferenceBytes,
    int Equal,
    int Near,
    int Reshaped,
    int Added,
    int Missing,
    IReadOnlyList<ComparedPair> Tensors);

/// <summary>A tensor of two models.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">Its file in the second model, or in the first where it is missing there.</param>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="State"><c>equal</c>, <c>near</c>, <c>reshaped</c>, <c>added</c> or <c>missing</c>.</param>
/// <param name="OriginalBytes">Its bytes.</param>
/// <param name="PackedBytes">What it costs by itself.</param>
/// <param name="DifferenceBytes">What it costs as a difference.</param>
/// <param name="ChangedValues">Part of the elements that differ.</param>
/// <param name="ChangedBits">Part of all bits that differ.</param>
/// <param name="Planes">Part of the bits that differ, by plane; empty unless near.</param>
internal sealed record ComparedPair(
    string Name,
    string File,
    string Dtype,
    ulong[] Shape,
    string State,
    long OriginalBytes,
    long? PackedBytes,
    long? DifferenceBytes,
    double? ChangedValues,
    double? ChangedBits,
    IReadOnlyList<ComparedBits> Planes);

/// <summary>How much of a plane differs.</summary>
internal sealed record ComparedBits(string Name, double ChangedBits);
