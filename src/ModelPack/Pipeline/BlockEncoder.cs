using System.IO.Hashing;
using ModelPack.Coding;
using ModelPack.Coding.Lz;
using ModelPack.Container;
using ModelPack.Planes;

namespace ModelPack.Pipeline;

/// <summary>A coded block inside a buffer.</summary>
/// <param name="Start">Where the frame starts: 24 bytes of room for its header, then the payload.</param>
/// <param name="Length">Bytes of the frame.</param>
/// <param name="Checksum">XXH3 of the block's original bytes.</param>
internal readonly record struct EncodedBlock(int Start, int Length, ulong Checksum);

/// <summary>Original bytes of a block → frame. Holds the buffers of one thread.</summary>
internal sealed class BlockEncoder(ChooserPolicy policy)
{
    private readonly CodingWorkspace _workspace = new()
    {
        MostLaneTables = policy.MostLaneTables,
        LzEffort = policy.TriesDictionary == DictionaryTrial.Always ? LzEffort.Thorough : LzEffort.Quick,
    };
    private readonly PlaneHistogram _histogram = new();
    private readonly NoisyFloatEncoder _noisyFloats = new(policy);
    private byte[] _gathered = [];
    private byte[] _planes = [];

    /// <param name="original">The bytes that the plan covers.</param>
    /// <param name="plan">How they are cut.</param>
    /// <param name="directory">Receives what was chosen.</param>
    /// <param name="frame">Receives the frame; grows as needed.</param>
    /// <param name="prefixLength">Bytes left free between the frame's header and the directory.</param>
    public EncodedBlock Encode(ReadOnlySpan<byte> original, BlockPlan plan, BlockDirectory directory, ref byte[] frame, int prefixLength = 0)
    {
        directory.Clear();
        int planeCount = 0;
        foreach (BlockClass blockClass in plan.Classes)
        {
            PlaneLayout layout = PlaneLayout.For(blockClass.Dtype, blockClass.Encoding);
            directory.AddClass((byte)layout.Id);
            planeCount += layout.PlaneCount;
        }

        foreach (BlockSlice slice in plan.Slices)
        {
            directory.AddRun(slice.ClassIndex, slice.Length);
        }

        // The directory is written last, when its length is known, right before the coded planes.
        int codedStart = FrameHeader.Length + prefixLength + directory.MaxWrittenLength + (planeCount * (1 + Varint.MaxLength));

        // Planes of Float16 have up to an eighth more bytes than their elements, rounded up in each class; others as many.
        Buffers.Reserve(ref frame, codedStart + original.Length + (original.Length / 8) + (planeCount * Varint.MaxLength));
        int position = codedStart;
        for (int index = 0; index < directory.ClassCount; index++)
        {
            position = EncodeClass(original, plan, directory, index, frame, position, ref codedStart);
        }

        int directoryLength = directory.Write(frame);
        int start = codedStart - directoryLength - prefixLength - FrameHeader.Length;
        frame.AsSpan(0, directoryLength).CopyTo(frame.AsSpan(codedStart - directoryLength));
        return new EncodedBlock(start, position - start, XxHash3.HashToUInt64(original));
    }

    /// <summary>Coded as a sample says; moves the start of the coded planes to where they then begin.</summary>
    private bool TryEncodeNoisyFloats(
        ReadOnlySpan<byte> elements, PlaneLayout layout, BlockDirectory directory, byte[] frame, ref int codedStart, out int codedEnd)
    {
        int count = elements.Length / layout.ElementSize;
        int storedLength = NoisyFloatEncoder.StoredLength(layout, count);
        codedEnd = codedStart + count + storedLength;
        if (!_noisyFloats.TryEncode(layout, elements, frame.AsSpan(codedStart..codedEnd), _histogram, _workspace, out int exponentLength))
        {
            return false;
        }

        directory.AddPlane((byte)CoderId.LaneAns, exponentLength);
        for (int plane = 1; plane < layout.PlaneCount; plane++)
        {
            directory.AddPlane((byte)CoderId.Stored, layout.PlaneLength(plane, count));
        }

        codedStart = codedEnd - storedLength - exponentLength;
        return true;
    }

    /// <summary>Encodes the elements of a class from a position on, and returns where the coded planes end.</summary>
    private int EncodeClass(
        ReadOnlySpan<byte> original, BlockPlan plan, BlockDirectory directory, int index, byte[] frame, int position, ref int codedStart)
    {
        ReadOnlySpan<byte> elements = original;
        if (directory.ClassCount > 1)
        {
            elements = Gather(original, directory, index);
        }

        PlaneLayout layout = PlaneLayout.For((PlaneLayoutId)directory.Layout(index));

        // Elements may repeat earlier ones, which shows less or not at all when they are cut into planes.
        bool mayRepeat = layout.Id != PlaneLayoutId.Bytes && PlaneChooser.MayRepeatElements(elements, layout.ElementSize, policy);
        if (directory.ClassCount == 1 && !mayRepeat && TryEncodeNoisyFloats(elements, layout, directory, frame, ref codedStart, out int codedEnd))
        {
            return codedEnd;
        }

        int count = elements.Length / layout.ElementSize;
        ReadOnlySpan<byte> planes = elements;
        if (layout.Id != PlaneLayoutId.Bytes)
        {
            Buffers.Reserve(ref _planes, layout.BufferLength(count));
            PlaneSplitter.Split(layout, elements, _planes);
            planes = _planes;
        }

        int start = position;
        for (int plane = 0; plane < layout.PlaneCount; plane++)
        {
            ReadOnlySpan<byte> bytes = planes.Slice(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count));
            PlaneGeometry geometry = plan.Geometry.OfPlane(plan.Classes[index].Dtype, plane, plan.FirstElement);
            CoderId coder = PlaneChooser.Encode(
                bytes, frame.AsSpan(position), _histogram, _workspace, policy, layout.IsOfFloats, out int written, geometry);
            directory.AddPlane((byte)coder, written);
            position += written;
        }

        if (mayRepeat
            && PlaneChooser.TryEncodeElements(elements, layout.ElementSize, layout.IsOfFloats, position - start, _histogram, _workspace, out ReadOnlySpan<byte> coded))
        {
            directory.ChangeLayout(index, (byte)PlaneLayoutId.Bytes, layout.PlaneCount);
            directory.AddPlane((byte)CoderId.Lz, coded.Length);
            coded.CopyTo(frame.AsSpan(start));
            position = start + coded.Length;
        }

        return position;
    }

    private ReadOnlySpan<byte> Gather(ReadOnlySpan<byte> original, BlockDirectory directory, int index)
    {
        int length = directory.ClassLength(index);
        Buffers.Reserve(ref _gathered, length);
        int from = 0;
        int to = 0;
        foreach (BlockRun run in directory.Runs)
        {
            if (run.ClassIndex == index)
            {
                original.Slice(from, run.Length).CopyTo(_gathered.AsSpan(to));
                to += run.Length;
            }

            from += run.Length;
        }

        return _gathered.AsSpan(0, length);
    }
}
