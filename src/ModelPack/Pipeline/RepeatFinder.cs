using System.IO.Hashing;
using System.Runtime.InteropServices;
using ModelPack.Coding;
using ModelPack.Formats;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>
/// Finds blocks that restore the same bytes as an earlier block. Segments of equal length and cut are candidates, a few
/// samples of each tell which are worth a look, and those are compared byte for byte: what is not repeated costs the
/// reading of its samples and no more.
/// </summary>
/// <param name="files">The files.</param>
/// <param name="contexts">How their blocks will be cut.</param>
/// <param name="cancellationToken">Cancels.</param>
/// <param name="trustsSamples">
/// Take blocks with an equal sample as equal, without reading them: for estimates, never for packing.
/// </param>
internal sealed class RepeatFinder(
    IReadOnlyList<SurveyedFile> files, ContextTrial contexts, CancellationToken cancellationToken, bool trustsSamples = false) : IDisposable
{
    /// <summary>
    /// Smaller segments are not looked at: a block of its own for each of two equal ones costs a frame and a table, up to
    /// 200 bytes, and cuts the block that they would have shared.
    /// </summary>
    public const int LeastLength = 4096;

    private const int SampleLength = 1024;

    private const int MostSamples = 8;

    /// <summary>Segments with an equal sample that a segment is compared with at most, so that nothing is quadratic.</summary>
    private const int MostCandidates = 4;

    /// <summary>A sample that repeats itself with this period, a whole number of elements of most dtypes, tells nothing and costs nothing to code.</summary>
    private const int TellingPeriod = 8;

    private readonly OpenSources _sources = new(files);
    private readonly Dictionary<SampleKey, List<Place>> _seen = [];
    private readonly byte[] _sample = new byte[SampleLength];
    private byte[] _left = [];
    private byte[] _right = [];
    private int _groups;

    /// <summary>Fills in the repeats of all files and returns the number of blocks that are repeated.</summary>
    public int Find()
    {
        Dictionary<Cut, int> cuts = CountCuts();
        for (int file = 0; file < files.Count; file++)
        {
            SegmentMap map = files[file].Map;
            for (int segment = 0; segment < map.Segments.Length; segment++)
            {
                if (map.Segments[segment].Length >= LeastLength && cuts[CutOf(map, segment)] > 1)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Look(new Place(file, segment), CutOf(map, segment));
                }
            }
        }

        return _groups;
    }

    public void Dispose() => _sources.Dispose();

    private Cut CutOf(SegmentMap map, int segment) => new(map.Segments[segment].Length, BlockPlanner.BlockLength(map, map.Segments[segment], contexts));

    private Dictionary<Cut, int> CountCuts()
    {
        Dictionary<Cut, int> cuts = [];
        foreach (SegmentMap map in files.Select(static file => file.Map))
        {
            for (int segment = 0; segment < map.Segments.Length; segment++)
            {
                if (map.Segments[segment].Length >= LeastLength)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(cuts, CutOf(map, segment), out _)++;
                }
            }
        }

        return cuts;
    }

    /// <summary>Compares a segment with the earlier ones that have a sample in common with it.</summary>
    private void Look(Place place, Cut cut)
    {
        List<Place> candidates = [];
        List<SampleKey> keys = [];
        int samples = Math.Min(MostSamples, cut.BlockCount);
        for (int i = 0; i < samples; i++)
        {
            int block = (int)((long)i * cut.BlockCount / samples);
            if (SampleOf(place, cut, block) is { } hash)
            {
                var key = new SampleKey(cut, block, hash);
                keys.Add(key);
                candidates.AddRange(_seen.GetValueOrDefault(key, []));
            }
        }

        int left = cut.BlockCount;
        foreach (Place candidate in candidates.Distinct().Take(MostCandidates))
        {
            left -= Compare(candidate, place, cut);
            if (left == 0)
            {
                return;
            }
        }

        foreach (SampleKey key in keys)
        {
            ref List<Place>? places = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, key, out _);
            places ??= [];
            if (places.Count < MostCandidates)
            {
                places.Add(place);
            }
        }
    }

    /// <summary>Hash of some bytes in the middle of a block; null when they tell nothing.</summary>
    private ulong? SampleOf(Place place, Cut cut, int block)
    {
        long start = block * cut.BlockLength;
        int length = cut.LengthOf(block);
        Span<byte> sample = _sample.AsSpan(0, Math.Min(SampleLength, length));
        long offset = start + ((length - sample.Length) / 2 / TellingPeriod * TellingPeriod);
        _sources.Get(place.File).ReadExactly(SegmentOf(place).Offset + offset, sample);
        return sample[TellingPeriod..].SequenceEqual(sample[..^TellingPeriod]) ? null : XxHash3.HashToUInt64(sample);
    }

    /// <summary>Compares all blocks of two segments and returns how many were found to be repeats.</summary>
    private int Compare(Place earlier, Place later, Cut cut)
    {
        SegmentRepeats earlierRepeats = files[earlier.File].Repeats;
        SegmentRepeats laterRepeats = files[later.File].Repeats;
        int found = 0;
        for (int block = 0; block < cut.BlockCount; block++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (laterRepeats.RoleOf(later.Segment, block).Group > 0 || !AreEqual(earlier, later, cut, block))
            {
                continue;
            }

            BlockRole role = earlierRepeats.RoleOf(earlier.Segment, block);
            if (role.Group == 0)
            {
                role = new BlockRole(++_groups, IsRepeat: false);
                earlierRepeats.Set(earlier.Segment, block, cut.BlockCount, role);
            }

            laterRepeats.Set(later.Segment, block, cut.BlockCount, new BlockRole(role.Group, IsRepeat: true));
            found++;
        }

        return found;
    }

    private bool AreEqual(Place earlier, Place later, Cut cut, int block) => trustsSamples
        ? SampleOf(earlier, cut, block) is { } hash && hash == SampleOf(later, cut, block)
        : Read(earlier, cut, block, ref _left).SequenceEqual(Read(later, cut, block, ref _right));

    private ReadOnlySpan<byte> Read(Place place, Cut cut, int block, ref byte[] buffer)
    {
        long offset = SegmentOf(place).Offset + (block * cut.BlockLength);
        int length = cut.LengthOf(block);
        ByteSource source = _sources.Get(place.File);
        if (source.TryGet(offset, length, out ReadOnlyMemory<byte> bytes))
        {
            return bytes.Span;
        }

        Buffers.Reserve(ref buffer, length);
        source.ReadExactly(offset, buffer.AsSpan(0, length));
        return buffer.AsSpan(0, length);
    }

    private Segment SegmentOf(Place place) => files[place.File].Map.Segments[place.Segment];

    /// <summary>How a segment is cut when it has blocks of its own.</summary>
    private readonly record struct Cut(long Length, long BlockLength)
    {
        public int BlockCount => checked((int)((Length + BlockLength - 1) / BlockLength));

        public int LengthOf(int block) => (int)Math.Min(BlockLength, Length - (block * BlockLength));
    }

    private readonly record struct Place(int File, int Segment);

    private readonly record struct SampleKey(Cut Cut, int Block, ulong Hash);
}
