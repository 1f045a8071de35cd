using Google.Protobuf;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Pipeline.External;

namespace ModelPack.Pipeline;

/// <summary>Adds up, over the blocks of a file, what each of its tensors costs in the container.</summary>
internal sealed class TensorTally
{
    private readonly TensorEntry[] _entries;
    private readonly PlaneTally[][] _planes;

    /// <param name="tensors">The tensors of the file.</param>
    /// <param name="external">For each where its bytes lie, if elsewhere; null when all are in the file.</param>
    public TensorTally(IReadOnlyList<TensorInfo> tensors, ExternalPlace[]? external = null)
    {
        _entries = [.. tensors.Select(MakeEntry)];
        for (int tensor = 0; tensor < external?.Length; tensor++)
        {
            ExternalPlace place = external[tensor];
            _entries[tensor].ExternalFile = (uint)place.File;
            _entries[tensor].ExternalOffset = (ulong)place.Offset;
            _entries[tensor].ExternalLength = (ulong)place.Length;
        }

        _planes = new PlaneTally[_entries.Length][];
    }

    /// <summary>The index entries, complete after <see cref="Finish"/>.</summary>
    public IReadOnlyList<TensorEntry> Entries => _entries;

    /// <summary>Adds a block's bytes to the tensors it holds, in proportion where they share it.</summary>
    public void AddBlock(BlockPlan plan, BlockDirectory directory, int frameLength)
    {
        int coded = 0;
        foreach (CodedPlane plane in directory.Planes)
        {
            coded += plane.Length;
        }

        foreach (BlockSlice slice in plan.Slices)
        {
            if (slice.TensorIndex < 0)
            {
                continue;
            }

            ulong packed = Share(frameLength - coded, slice.Length, plan.Length);
            (int firstPlane, int planeCount) = PlanesOf(directory, slice.ClassIndex);
            PlaneTally[] tallies = TalliesOf(slice.TensorIndex, planeCount);
            for (int i = 0; i < planeCount; i++)
            {
                CodedPlane plane = directory.Planes[firstPlane + i];
                ulong share = Share(plane.Length, slice.Length, directory.ClassLength(slice.ClassIndex));
                tallies[i].Add(plane.Coder, share, slice.Length);
                packed += share;
            }

            _entries[slice.TensorIndex].PackedLength += packed;
        }
    }

    /// <summary>Adds a block that repeats another; it holds one segment.</summary>
    public void AddRepeat(BlockPlan plan, int frameLength)
    {
        if (plan.Slices[0].TensorIndex is >= 0 and int tensor)
        {
            _entries[tensor].PackedLength += (ulong)frameLength;
            _entries[tensor].RepeatedLength += (ulong)plan.Length;
        }
    }

    /// <summary>Adds a block that is a difference to the base.</summary>
    public void AddDifference(BlockPlan plan, int frameLength)
    {
        foreach (BlockSlice slice in plan.Slices)
        {
            if (slice.TensorIndex >= 0)
            {
                _entries[slice.TensorIndex].PackedLength += Share(frameLength, slice.Length, plan.Length);
                _entries[slice.TensorIndex].BaseLength += (ulong)slice.Length;
            }
        }
    }

    public void Finish()
    {
        for (int tensor = 0; tensor < _entries.Length; tensor++)
        {
            PlaneTally[] planes = _planes[tensor] ?? [];
            _entries[tensor].PlaneCoders = ByteString.CopyFrom([.. planes.Select(static plane => plane.Coder)]);
            _entries[tensor].PlanePackedLengths.AddRange(planes.Select(static plane => plane.PackedLength));
        }
    }

    private static TensorEntry MakeEntry(TensorInfo tensor)
    {
        var entry = new TensorEntry { Name = tensor.Name, Dtype = (uint)tensor.Dtype, Encoding = (uint)tensor.Encoding };
        entry.Shape.AddRange(tensor.Shape);
        return entry;
    }

    private static (int First, int Count) PlanesOf(BlockDirectory directory, int classIndex)
    {
        int first = 0;
        for (int i = 0; i < classIndex; i++)
        {
            first += BlockDecoder.PlaneCountOf(directory.Layout(i));
        }

        return (first, BlockDecoder.PlaneCountOf(directory.Layout(classIndex)));
    }

    // A tensor in several parts may have one that is coded as plain bytes; the widest part sets the number of planes.
    private PlaneTally[] TalliesOf(int tensor, int planeCount)
    {
        ref PlaneTally[] tallies = ref _planes[tensor];
        tallies ??= new PlaneTally[planeCount];
        if (tallies.Length < planeCount)
        {
            Array.Resize(ref tallies, planeCount);
        }

        return tallies;
    }

    private static ulong Share(int total, int part, int whole) => (ulong)((long)total * part / whole);

    private struct PlaneTally
    {
        private long _weight;

        public byte Coder { get; private set; }

        public ulong PackedLength { get; private set; }

        /// <summary>Counts coded bytes; the coder that stays is the majority's (Boyer-Moore vote, weighted by original bytes).</summary>
        public void Add(byte coder, ulong packed, int original)
        {
            PackedLength += packed;
            if (coder == Coder || _weight == 0)
            {
                Coder = coder;
                _weight += original;
            }
            else if (_weight >= original)
            {
                _weight -= original;
            }
            else
            {
                Coder = coder;
                _weight = original - _weight;
            }
        }
    }
}
