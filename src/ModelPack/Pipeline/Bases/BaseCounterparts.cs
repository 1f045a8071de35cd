using ModelPack.Container;
using ModelPack.Formats;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Bases;

/// <summary>Where the base has the counterpart of each segment of a file.</summary>
/// <param name="map">The file.</param>
/// <param name="places">For each segment: 0, or 1 + the index of the base's file; and where it starts there.</param>
internal sealed class BaseCounterparts(SegmentMap map, (int File, long Offset)[] places)
{
    private const int SampleLength = 256;

    private readonly HashSet<int> _equal = [];

    /// <summary>Says where the base has the counterpart of a range of the file.</summary>
    public void Describe(long offset, int length, BaseReference reference)
    {
        reference.Clear();
        long end = offset + length;
        for (int segment = FindSegment(offset); offset < end; segment++)
        {
            Segment covered = map.Segments[segment];
            int part = (int)Math.Min(end - offset, covered.End - offset);
            (int file, long start) = places[segment];
            reference.Add(new BasePiece(part, file, file > 0 ? start + (offset - covered.Offset) : 0));
            offset += part;
        }
    }

    /// <summary>True for a segment that would share a block, were it not found to be the same in the base.</summary>
    public bool IsEqual(int segment) => _equal.Contains(segment);

    /// <summary>The counterpart of a segment: 0 for none, or 1 + the index of the base's file; and where it starts there.</summary>
    public (int File, long Offset) PlaceOf(int segment) => places[segment];

    /// <summary>
    /// Looks for small segments that are the same in the base: among others in a block they would cost as much as those. Too
    /// small ones are not worth a block; of the others, only those that agree in a sample are read.
    /// </summary>
    /// <param name="source">The file.</param>
    /// <param name="bases">The base.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public void FindEqual(ByteSource source, BaseFiles bases, CancellationToken cancellationToken)
    {
        byte[] own = new byte[BlockPlanner.SharedLength];
        byte[] other = new byte[BlockPlanner.SharedLength];
        for (int segment = 0; segment < places.Length; segment++)
        {
            Segment covered = map.Segments[segment];
            if (places[segment].File == 0 || covered.Length is < RepeatFinder.LeastLength or > BlockPlanner.SharedLength || !BlockPlanner.IsSmall(map, covered))
            {
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (AgreesIn(segment, covered.Length / 2, SampleLength) && AgreesIn(segment, 0, (int)covered.Length))
            {
                _equal.Add(segment);
            }
        }

        bool AgreesIn(int segment, long offset, int length)
        {
            source.ReadExactly(map.Segments[segment].Offset + offset, own.AsSpan(0, length));
            bases.Read(places[segment].File, places[segment].Offset + offset, other.AsSpan(0, length));
            return own.AsSpan(0, length).SequenceEqual(other.AsSpan(0, length));
        }
    }

    /// <summary>The segment that holds the byte at this offset.</summary>
    private int FindSegment(long offset)
    {
        int low = 0;
        int high = map.Segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = map.Segments[middle].Offset <= offset ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}
