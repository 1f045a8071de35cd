using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Pipeline.External;
using ModelPack.Planes;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>What an index says, in the public types.</summary>
internal static class PackedFileView
{
    public static FileSummary Summarise(IndexedFile file) =>
        new(file.Path, file.Format, file.Length, file.PackedLength, file.Tensors.Length, file.Sha256);

    public static BaseModel? MakeBase(Container.Wire.BaseModel? record) => record is null
        ? null
        : new BaseModel(record.Name, [.. record.Files.Select(static file => new BaseFile(file.Path, (long)file.Length, Convert.ToHexStringLower(file.Sha256.Span)))]);

    /// <summary>Describes a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="fileIndex">Its index in the container.</param>
    /// <param name="external">Tells of tensors whose bytes lie in another file.</param>
    public static PackedFile Make(IndexedFile file, int fileIndex, ExternalView external)
    {
        long[] lengths = new long[file.Tensors.Length];
        for (int segment = 0; segment < file.Entry.SegmentLengths.Count; segment++)
        {
            if (file.Entry.SegmentOwners[segment] is > 0 and uint owner)
            {
                lengths[owner - 1] += (long)file.Entry.SegmentLengths[segment];
            }
        }

        PackedTensor[] tensors =
        [
            .. file.Tensors.Select((tensor, index) => external.Complete(MakeTensor(tensor, file.Entry.Tensors[index], lengths[index]), file.Entry.Tensors[index]) with
            {
                File = file.Path,
                Place = new TensorPlace(fileIndex, index),
                IsOfDataFile = file.Format == ModelFormat.OnnxExternalData,
            }),
        ];
        return new PackedFile(file.Path, file.Format, file.Length, file.PackedLength, file.BlockCount, file.Checksum, file.Sha256, tensors)
        {
            Index = fileIndex,
            Modified = Modified(file.Start),
            IsExecutable = file.Start.IsExecutable,
        };
    }

    public static IReadOnlyList<PackedFolder> MakeFolders(ContainerIndex index) =>
        [.. index.Entries.Where(static entry => entry.Kind == EntryKind.Folder).Select(static entry => new PackedFolder(entry.Path, Modified(entry.Start)))];

    public static IReadOnlyList<PackedLink> MakeLinks(ContainerIndex index) =>
        [.. index.Entries.Where(static entry => entry.Kind == EntryKind.Link).Select(static entry => new PackedLink(entry.Path, entry.Start.LinkTarget))];

    private static DateTimeOffset? Modified(FileStart start) => start.HasModified ? FileTimes.AsDate(start.Modified) : null;

    public static PackedTensor MakeTensor(TensorInfo info, TensorEntry entry, long length)
    {
        PlaneLayout layout = PlaneLayout.For(info.Dtype, info.Encoding);
        var planes = new PackedPlane[entry.PlaneCoders.Length];
        for (int i = 0; i < planes.Length; i++)
        {
            string name = planes.Length == layout.PlaneCount ? layout.PlaneNames[i] : "bytes";
            planes[i] = new PackedPlane(name, (PlaneCoder)entry.PlaneCoders[i], (long)entry.PlanePackedLengths[i]);
        }

        return new PackedTensor(info, length, (long)entry.PackedLength, planes) { RepeatedLength = (long)entry.RepeatedLength, BaseLength = (long)entry.BaseLength };
    }
}
