using System.Text.Json.Serialization;

namespace ModelPack.Cli.Reporting;

// The objects that --json writes. Names and meanings are part of the interface: they may be added to, never changed.

/// <summary>What <c>pack --json</c> writes.</summary>
internal sealed record PackReport(
    string Source, string Target, long OriginalBytes, long PackedBytes, double? Ratio, double Seconds, FileReport[] Files, WarningReport[] Warnings, BaseReport? Base, int Parts, long ReusedBytes);

/// <summary>What <c>unpack --json</c> writes.</summary>
internal sealed record UnpackReport(string Source, string Target, long OriginalBytes, long PackedBytes, double Seconds, FileReport[] Files);

/// <summary>What <c>unpack --tensor --json</c> writes.</summary>
internal sealed record ExtractReport(string Source, double Seconds, ExtractedTensorReport[] Tensors);

/// <summary>A tensor written to a file of its own.</summary>
internal sealed record ExtractedTensorReport(string Name, string Dtype, ulong[] Shape, string Target);

/// <summary>
/// What <c>verify --json</c> writes; <c>equal</c> is null when nothing was given to compare with, <c>onnx_runtime</c> when that was not asked for.
/// </summary>
internal sealed record VerifyReport(
    string Source, bool? Equal, long OriginalBytes, long PackedBytes, double Seconds, FileReport[] Files, DifferenceReport[] Differences, OnnxReport[]? OnnxRuntime);

/// <summary>An ONNX file that was run; <c>equal</c> is null when nothing can be said, for the reason given.</summary>
internal sealed record OnnxReport(string File, bool? Equal, string? Reason, int Runs, OnnxInputReport[] Inputs, string[] Outputs);

/// <summary>An input that was made.</summary>
internal sealed record OnnxInputReport(string Name, string Type, long[] Shape);

/// <summary>What <c>list --json</c> writes.</summary>
internal sealed record ListReport(string Source, bool IsFolder, long OriginalBytes, long PackedBytes, double? Ratio, PackedFileReport[] Files, BaseReport? Base, PackedFolderReport[] Folders, PackedLinkReport[] Links);

/// <summary>A folder of a container; the time is in ISO 8601.</summary>
internal sealed record PackedFolderReport(string Path, DateTimeOffset? Modified);

/// <summary>A symbolic link of a container.</summary>
internal sealed record PackedLinkReport(string Path, string Target);

/// <summary>
/// What <c>verify</c>, <c>list</c> and <c>unpack --keep-going</c> write with <c>--json</c> of a damaged or incomplete container.
/// Numbers that are not known are null.
/// </summary>
internal sealed record DamagedReport(
    string Source, string Error, bool Incomplete, bool Index, long PresentBytes, long? ContainerBytes, DamagedFileReport[] Files, DamagedPartReport[] Parts, DamageEntry[] Damages, int DamageCount, string[] Written);

/// <summary>A file of a damaged container.</summary>
internal sealed record DamagedFileReport(string Path, string Format, long OriginalBytes, long SoundBytes, bool Complete, int? Tensors, string[] LostTensors);

/// <summary>A part that is missing or wrong.</summary>
internal sealed record DamagedPartReport(string Path, int Number, long PresentBytes, long Bytes, string Reason);

/// <summary>A run of blocks that is lost.</summary>
internal sealed record DamageEntry(
    string File, long? FirstBlock, long Blocks, long? Offset, long Bytes, string ContainerFile, long ContainerOffset, long ContainerBytes, string Reason, string[] Tensors);

/// <summary>What one file became.</summary>
internal sealed record FileReport(string Path, string Format, long OriginalBytes, long PackedBytes, double? Ratio, int Tensors, string? Sha256, HubReport? Hub)
{
    public static FileReport[] Of(IEnumerable<FileSummary> files) =>
    [
        .. files.Select(static file => new FileReport(
            file.Path, Names.Of(file.Format), file.Length, file.PackedLength, Units.Ratio(file.Length, file.PackedLength), file.TensorCount, file.Sha256, HubReport.Of(file.Hub))),
    ];
}

/// <summary>What the comparison with a hub's hash gave.</summary>
internal sealed record HubReport(string Algorithm, string Expected, bool Equal)
{
    public static HubReport? Of(HubHash? hash) =>
        hash is null ? null : new HubReport(hash.Algorithm == HubHashAlgorithm.Sha256 ? "sha256" : "git-blob-sha1", hash.Expected, hash.IsEqual);
}

/// <summary>A file of a container with all that its index says; the checksum is 16 hexadecimal digits.</summary>
internal sealed record PackedFileReport(
    string Path, string Format, long OriginalBytes, long PackedBytes, double? Ratio, int Blocks, string Checksum, string? Sha256, TensorReport[] Tensors, DateTimeOffset? Modified, bool Executable)
{
    public static PackedFileReport Of(PackedFile file) => new(
        file.Path,
        Names.Of(file.Format),
        file.Length,
        file.PackedLength,
        Units.Ratio(file.Length, file.PackedLength),
        file.BlockCount,
        file.Checksum.ToString("x16", System.Globalization.CultureInfo.InvariantCulture),
        file.Sha256,
        [.. file.Tensors.Select(TensorReport.Of)],
        file.Modified,
        file.IsExecutable);
}

/// <summary>A tensor of a packed file.</summary>
internal sealed record TensorReport(
    string Name, string Dtype, ulong[] Shape, string Encoding, long OriginalBytes, long PackedBytes, double? Ratio, PlaneReport[] Planes, long RepeatedBytes, long BaseBytes, ExternalReport? External)
{
    public static TensorReport Of(PackedTensor tensor) => new(
        tensor.Info.Name,
        tensor.Info.Dtype.DisplayName(),
        [.. tensor.Info.Shape],
        Names.Of(tensor.Info.Encoding),
        tensor.Length,
        tensor.PackedLength,
        Units.Ratio(tensor.Length, tensor.PackedLength),
        [.. tensor.Planes.Select(static plane => new PlaneReport(plane.Name, Names.Of(plane.Coder), plane.PackedLength))],
        tensor.RepeatedLength,
        tensor.BaseLength,
        tensor.External is { } place ? new ExternalReport(place.File, place.Offset, place.Length) : null);
}

/// <summary>Where the bytes of a tensor lie that its own file only refers to.</summary>
internal sealed record ExternalReport(string File, long Offset, long Bytes);

/// <summary>The base that a container needs.</summary>
internal sealed record BaseReport(string Name, BaseFileReport[] Files)
{
    public static BaseReport? Of(BaseModel? model) => model is null
        ? null
        : new BaseReport(model.Name, [.. model.Files.Select(static file => new BaseFileReport(file.Path, file.Length, file.Sha256))]);
}

/// <summary>A file of a base.</summary>
internal sealed record BaseFileReport(string Path, long Bytes, string Sha256);

/// <summary>A plane of a tensor.</summary>
internal sealed record PlaneReport(string Name, string Coder, long PackedBytes);

/// <summary>Something to know that stopped nothing.</summary>
internal sealed record WarningReport(string File, long? Offset, string Reason);

/// <summary>Something that verification found.</summary>
internal sealed record DifferenceReport(string File, long? Offset, string Reason);

/// <summary>Writes the reports without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PackReport))]
[JsonSerializable(typeof(UnpackReport))]
[JsonSerializable(typeof(ExtractReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(ListReport))]
[JsonSerializable(typeof(DamagedReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
