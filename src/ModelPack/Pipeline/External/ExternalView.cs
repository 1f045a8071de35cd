using System.Collections.Immutable;
using ModelPack.Container;
using ModelPack.Container.Wire;

namespace ModelPack.Pipeline.External;

/// <summary>Completes what an index says of tensors whose bytes lie in another file by what it says of that file.</summary>
internal sealed class ExternalView(ImmutableArray<IndexedFile> files)
{
    // For each data file asked about: where its segments start, ascending.
    private readonly long[]?[] _starts = new long[]?[files.Length];

    /// <summary>Adds the place of the tensor's bytes, and what they cost there, if they lie in another file.</summary>
    public PackedTensor Complete(PackedTensor tensor, TensorEntry entry)
    {
        if (entry.ExternalFile == 0)
        {
            return tensor;
        }

        int number = (int)entry.ExternalFile - 1;
        IndexedFile file = files[number];
        var place = new ExternalTensorData(file.Path, (long)entry.ExternalOffset, (long)entry.ExternalLength);
        int owner = FindOwner(number, place);
        if (owner >= 0)
        {
            PackedTensor there = PackedFileView.MakeTensor(file.Tensors[owner], file.Entry.Tensors[owner], place.Length);
            return there with { Info = tensor.Info, External = place };
        }

        return tensor with
        {
            Length = place.Length,
            PackedLength = PackedBefore(file, place.Offset + place.Length) - PackedBefore(file, place.Offset),
            External = place,
        };
    }

    /// <summary>The tensor of the other file that has exactly these bytes, in one segment; -1 when there is none.</summary>
    private int FindOwner(int number, ExternalTensorData place)
    {
        FileEntry file = files[number].Entry;
        int segment = Array.BinarySearch(_starts[number] ??= StartsOf(file), place.Offset);
        return segment >= 0 && file.SegmentLengths[segment] == (ulong)place.Length ? (int)file.SegmentOwners[segment] - 1 : -1;
    }

    private static long[] StartsOf(FileEntry file)
    {
        long[] starts = new long[file.SegmentLengths.Count];
        for (int i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + (long)file.SegmentLengths[i - 1];
        }

        return starts;
    }

    /// <summary>Bytes of the blocks before a place of a file; of the block that holds it, its share.</summary>
    private static long PackedBefore(IndexedFile file, long position)
    {
        if (position == file.Length)
        {
            return file.PackedLength;
        }

        int block = file.FindBlock(position);
        long start = file.BlockStart(block);
        long share = file.BlockPackedLength(block) * (position - start) / (file.BlockStart(block + 1) - start);
        return file.BlockOffset(block) - file.BlockOffset(0) + share;
    }
}
