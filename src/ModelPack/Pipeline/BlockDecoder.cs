using System.IO.Hashing;
using ModelPack.Coding;
using ModelPack.Container;
using ModelPack.Pipeline.Bases;
using ModelPack.Pipeline.Fused;
using ModelPack.Planes;

namespace ModelPack.Pipeline;

/// <summary>Payload of a block → original bytes. Holds the buffers of one thread.</summary>
/// <param name="bases">The base that the container needs, if it needs one.</param>
internal sealed class BlockDecoder(BaseFiles? bases = null)
{
    private readonly BaseReference _reference = new();
    private byte[] _base = [];
    private readonly CodingWorkspace _workspace = new();
    private readonly BlockDirectory _directory = new();
    private byte[] _gathered = [];
    private byte[] _planes = [];

    /// <summary>Restores a block and checks it.</summary>
    /// <param name="payload">The payload that restores it.</param>
    /// <param name="form">The form of that payload, not that of a repeat.</param>
    /// <param name="original">Receives the bytes; as long as the frame's header says.</param>
    /// <param name="checksum">What the restored bytes must hash to.</param>
    /// <exception cref="ModelPackException">The payload is damaged; the offset counts from its start.</exception>
    public void Decode(ReadOnlySpan<byte> payload, BlockForm form, Span<byte> original, ulong checksum)
    {
        if (form == BlockForm.Difference)
        {
            DecodeDifference(payload, original);
        }
        else
        {
            DecodeCoded(payload, original);
        }

        if (XxHash3.HashToUInt64(original) != checksum)
        {
            ContainerThrow.Corrupt("the restored bytes of a block do not match its checksum", 0);
        }
    }

    /// <summary>Number of planes of a layout as <see cref="BlockDirectory.Read"/> wants it: 0 when there is no such layout.</summary>
    public static int PlaneCountOf(byte layout) =>
        PlaneLayout.IsDefined((PlaneLayoutId)layout) ? PlaneLayout.For((PlaneLayoutId)layout).PlaneCount : 0;

    private void DecodeDifference(ReadOnlySpan<byte> payload, Span<byte> original)
    {
        if (bases is null)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "was packed as a difference to a base, which was not named");
        }

        int position = _reference.Read(payload, original.Length, bases.Lengths);
        if (_reference.Operation == BaseOperation.Same)
        {
            bases.Read(_reference, original);
            return;
        }

        try
        {
            DecodeCoded(payload[position..], original);
        }
        catch (ModelPackException exception)
        {
            throw exception.Within(position);
        }

        Buffers.Reserve(ref _base, original.Length);
        Span<byte> counterpart = _base.AsSpan(0, original.Length);
        bases.Read(_reference, counterpart);
        BaseDifference.Apply(_reference.Operation, original, counterpart);
    }

    private void DecodeCoded(ReadOnlySpan<byte> payload, Span<byte> original)
    {
        int position = _directory.Read(payload, original.Length, PlaneCountOf);
        int plane = 0;
        for (int index = 0; index < _directory.ClassCount; index++)
        {
            position = DecodeClass(payload, position, index, ref plane, original);
        }
    }

    private int DecodeClass(ReadOnlySpan<byte> payload, int position, int index, ref int plane, Span<byte> original)
    {
        PlaneLayout layout = PlaneLayout.For((PlaneLayoutId)_directory.Layout(index));
        int length = _directory.ClassLength(index);
        (int count, int rest) = Math.DivRem(length, layout.ElementSize);
        if (rest != 0)
        {
            ContainerThrow.Corrupt($"a class of {length} bytes is no whole number of elements of {layout.ElementSize} bytes", position);
        }

        bool whole = _directory.ClassCount == 1;
        if (!whole)
        {
            Buffers.Reserve(ref _gathered, length);
        }

        Span<byte> elements = whole ? original : _gathered.AsSpan(0, length);
        if (!TryFuse(payload, position, layout, plane, elements))
        {
            DecodePlanes(payload, position, layout, plane, elements);
        }

        for (int i = 0; i < layout.PlaneCount; i++)
        {
            position += _directory.Planes[plane++].Length;
        }

        if (!whole)
        {
            Scatter(elements, index, original);
        }

        return position;
    }

    /// <summary>One plane after the other, then all merged.</summary>
    private void DecodePlanes(ReadOnlySpan<byte> payload, int position, PlaneLayout layout, int firstPlane, Span<byte> elements)
    {
        if (layout.Id == PlaneLayoutId.Bytes)
        {
            DecodePlane(payload, position, firstPlane, elements);
            return;
        }

        int count = elements.Length / layout.ElementSize;
        Buffers.Reserve(ref _planes, layout.BufferLength(count));
        for (int i = 0; i < layout.PlaneCount; i++)
        {
            DecodePlane(payload, position, firstPlane + i, _planes.AsSpan(layout.PlaneOffset(i, count), layout.PlaneLength(i, count)));
            position += _directory.Planes[firstPlane + i].Length;
        }

        PlaneMerger.Merge(layout, _planes, elements);
    }

    /// <summary>Plane 0 decoded and merged in one pass, stored planes taken from where they are; false when it cannot be done so.</summary>
    private bool TryFuse(ReadOnlySpan<byte> payload, int position, PlaneLayout layout, int firstPlane, Span<byte> elements)
    {
        CodedPlane exponents = _directory.Planes[firstPlane];
        if (elements.IsEmpty || !FusedDecoder.Takes(layout.Id, exponents.Coder))
        {
            return false;
        }

        int count = elements.Length / layout.ElementSize;
        Buffers.Reserve(ref _planes, layout.BufferLength(count));
        var others = default(OtherPlanes);
        int at = position + exponents.Length;
        for (int i = 1; i < layout.PlaneCount; i++)
        {
            CodedPlane coded = _directory.Planes[firstPlane + i];
            int length = layout.PlaneLength(i, count);
            if (coded.Coder == (byte)CoderId.Stored && coded.Length == length)
            {
                others[i] = payload.Slice(at, length);
            }
            else
            {
                Span<byte> bytes = _planes.AsSpan(layout.PlaneOffset(i, count), length);
                DecodePlane(payload, at, firstPlane + i, bytes);
                others[i] = bytes;
            }

            at += coded.Length;
        }

        try
        {
            return FusedDecoder.TryDecode(layout, payload.Slice(position, exponents.Length), others, elements, _workspace);
        }
        catch (ModelPackException exception) when (exception.Offset is null)
        {
            throw exception.Within(position);
        }
    }

    private void DecodePlane(ReadOnlySpan<byte> payload, int position, int plane, Span<byte> bytes)
    {
        CodedPlane coded = _directory.Planes[plane];
        try
        {
            PlaneCoders.Get(coded.Coder).Decode(payload.Slice(position, coded.Length), bytes, _workspace);
        }
        catch (ModelPackException exception) when (exception.Offset is null)
        {
            throw exception.Within(position);
        }
    }

    private void Scatter(ReadOnlySpan<byte> elements, int index, Span<byte> original)
    {
        int from = 0;
        int to = 0;
        foreach (BlockRun run in _directory.Runs)
        {
            if (run.ClassIndex == index)
            {
                elements.Slice(from, run.Length).CopyTo(original[to..]);
                from += run.Length;
            }

            to += run.Length;
        }
    }
}
