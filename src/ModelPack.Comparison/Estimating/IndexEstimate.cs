using Google.Protobuf;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Formats;
using ModelPack.Pipeline;
using ModelPack.Pipeline.Folders;
using ModelPack.Planes;
using FileEntry = ModelPack.Container.Wire.FileEntry;

namespace ModelPack.Comparison.Estimating;

/// <summary>
/// What a container costs beside its blocks, most of it the index: the messages that packing would write, with expected lengths in
/// the place of real ones. As numbers take more bytes the larger they are, only those near a power of 128 are off, by a byte.
/// </summary>
internal sealed class IndexEstimate
{
    // Nothing depends on the values: a checksum always has eight bytes.
    private const ulong SomeChecksum = ulong.MaxValue;

    private readonly Container.Wire.Index _index = new();
    private readonly long[] _frames;

    private IndexEstimate(IReadOnlyList<SurveyedFile> files) => _frames = new long[files.Count];

    /// <summary>Expected bytes of the index, the header, the trailer and the frames that begin and end files.</summary>
    public long Length { get; private set; }

    /// <summary>Expected bytes of the frames that begin and end a file.</summary>
    public long FramesOf(int file) => _frames[file];

    /// <summary>Makes the messages.</summary>
    /// <param name="files">The files.</param>
    /// <param name="entries">Folders and links.</param>
    /// <param name="leadingPath">The file that was to be packed, where others came along.</param>
    /// <param name="sample">Blocks with their expected lengths.</param>
    public static IndexEstimate Make(IReadOnlyList<SurveyedFile> files, IEnumerable<FolderEntry> entries, string? leadingPath, BlockSample sample)
    {
        var estimate = new IndexEstimate(files);
        FileEntry[] made = [.. files.Select(file => Describe(file, leadingPath))];
        TensorBytes[][] tensors = [.. files.Select(static file => new TensorBytes[file.Map.Tensors.Length])];
        long[] before = new long[files.Count];
        long position = ContainerHeader.Length;
        long frames = 0;
        sample.ForEach((file, plan, packed) =>
        {
            before[file] = before[file] == 0 ? position : before[file];
            made[file].BlockPackedLengths.Add((uint)packed);
            made[file].BlockLengths.Add((uint)plan.Length);
            position += packed;
            frames++;
            Count(tensors[file], plan, packed);
        });

        for (int file = 0; file < files.Count; file++)
        {
            made[file].FirstFrame = (ulong)frames;
            made[file].BlocksOffset = (ulong)before[file];
            AddTensors(made[file], files[file], tensors[file]);
            estimate._frames[file] = estimate.Add(made[file]);
        }

        foreach (FolderEntry entry in entries)
        {
            estimate.Add(new FileEntry { Start = entry.Describe(times: true), End = new FileEnd { Checksum = SomeChecksum }, FirstFrame = (ulong)frames, BlocksOffset = (ulong)position });
        }

        estimate.Length += ContainerHeader.Length + FrameHeader.Length + estimate._index.CalculateSize() + ContainerTrailer.Length;
        return estimate;
    }

    private long Add(FileEntry entry)
    {
        _index.Files.Add(entry);
        long frames = (2 * FrameHeader.Length) + entry.Start.CalculateSize() + entry.End.CalculateSize();
        Length += frames;
        return frames;
    }

    private static FileEntry Describe(SurveyedFile file, string? leadingPath)
    {
        var start = new FileStart { Path = file.File.Path, Length = (ulong)file.Map.FileLength, Format = PackedFormat.ToWire(file.Map.Format) };
        file.Stamp.WriteTo(start, times: true);
        var entry = new FileEntry { Start = start, End = new FileEnd { Checksum = SomeChecksum }, IsLeading = file.File.Path == leadingPath };
        foreach (Segment segment in file.Map.Segments)
        {
            entry.SegmentLengths.Add((ulong)segment.Length);
            entry.SegmentOwners.Add((uint)(segment.TensorIndex + 1));
        }

        return entry;
    }

    private static void Count(TensorBytes[] tensors, BlockPlan plan, int packed)
    {
        foreach (BlockSlice slice in plan.Slices)
        {
            if (slice.TensorIndex >= 0)
            {
                ref TensorBytes tensor = ref tensors[slice.TensorIndex];
                tensor.Packed += (double)packed * slice.Length / plan.Length;
                tensor.Coded += plan.Role.IsRepeat ? 0 : slice.Length;
                tensor.Repeated += plan.Role.IsRepeat ? slice.Length : 0;
            }
        }
    }

    private static void AddTensors(FileEntry entry, SurveyedFile file, TensorBytes[] tensors)
    {
        entry.Tensors.AddRange(new TensorTally(file.Map.Tensors, file.ExternalPlaces).Entries);
        for (int tensor = 0; tensor < tensors.Length; tensor++)
        {
            TensorInfo info = file.Map.Tensors[tensor];
            TensorEntry described = entry.Tensors[tensor];
            TensorBytes bytes = tensors[tensor];
            described.PackedLength = (ulong)bytes.Packed;
            described.RepeatedLength = (ulong)bytes.Repeated;
            int planes = bytes.Coded > 0 ? PlaneLayout.For(info.Dtype, info.Encoding).PlaneCount : 0;
            described.PlaneCoders = ByteString.CopyFrom(new byte[planes]);
            described.PlanePackedLengths.AddRange(Enumerable.Repeat((ulong)bytes.Packed / (ulong)Math.Max(1, planes), planes));
        }
    }

    /// <summary>Bytes of a tensor.</summary>
    private struct TensorBytes
    {
        public double Packed;
        public long Coded;
        public long Repeated;
    }
}
