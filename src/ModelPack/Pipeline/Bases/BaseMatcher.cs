using ModelPack.Formats;
using ModelPack.Pipeline.External;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Bases;

/// <summary>
/// Finds the counterpart of each tensor in the base: the tensor of the same name, dtype and shape, in whichever file; and of
/// each structure segment, in a file whose segments are as many and as long.
/// </summary>
internal sealed class BaseMatcher
{
    private readonly IReadOnlyList<LocatedFile> _files;
    private readonly SegmentMap[] _maps;
    private readonly Dictionary<string, List<(int File, List<Segment> Segments)>> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _used = [];

    public BaseMatcher(IReadOnlyList<LocatedFile> files, CancellationToken cancellationToken)
    {
        _files = files;
        _maps = [.. files.Select(file => Detect(file, cancellationToken))];
        ExternalDataResolver.Resolve([.. files.Select(static file => file.Path)], _maps, cancellationToken);
        for (int file = 0; file < files.Count; file++)
        {
            SegmentMap map = _maps[file];
            foreach ((int tensor, List<Segment> segments) in SegmentsOfTensors(map))
            {
                string key = KeyOf(map.Tensors[tensor]);
                if (!_tensors.TryGetValue(key, out List<(int File, List<Segment> Segments)>? found))
                {
                    _tensors.Add(key, found = []);
                }

                found.Add((file, segments));
            }
        }
    }

    /// <summary>The files with counterparts, in the order in which their numbers count.</summary>
    public IReadOnlyList<LocatedFile> Used => [.. _used.OrderBy(static entry => entry.Value).Select(entry => _files[entry.Key])];

    /// <summary>Finds the counterparts of a file's segments.</summary>
    /// <param name="path">Path of the file in the container.</param>
    /// <param name="map">Its segments.</param>
    /// <param name="isOnly">Whether it is the only file; then a base of one file is its counterpart whatever their names.</param>
    public BaseCounterparts Match(string path, SegmentMap map, bool isOnly)
    {
        int twin = isOnly && _files.Count == 1 ? 0 : _files.Index().Where(file => file.Item.Path == path).Select(static file => file.Index).FirstOrDefault(-1);
        var places = new (int File, long Offset)[map.Segments.Length];
        MatchTensors(map, twin, places);
        if (twin >= 0 && _maps[twin].Segments.Length == map.Segments.Length)
        {
            MatchStructure(map, twin, places);
        }

        return new BaseCounterparts(map, places);
    }

    private static SegmentMap Detect(LocatedFile file, CancellationToken cancellationToken)
    {
        using ByteSource source = file.Open();
        return FormatDetector.Detect(source, FormatDetector.Readers, strict: false, cancellationToken).Map;
    }

    private static Dictionary<int, List<Segment>> SegmentsOfTensors(SegmentMap map)
    {
        Dictionary<int, List<Segment>> segments = [];
        foreach (Segment segment in map.Segments)
        {
            if (!segment.IsStructure)
            {
                if (!segments.TryGetValue(segment.TensorIndex, out List<Segment>? list))
                {
                    segments.Add(segment.TensorIndex, list = []);
                }

                list.Add(segment);
            }
        }

        return segments;
    }

    private static string KeyOf(TensorInfo tensor) => $"{tensor.Dtype} {tensor.Encoding} {string.Join(',', tensor.Shape)} {tensor.Name}";

    private void MatchTensors(SegmentMap map, int twin, (int File, long Offset)[] places)
    {
        Dictionary<long, int> indexes = map.Segments.Index().ToDictionary(static entry => entry.Item.Offset, static entry => entry.Index);
        foreach ((int tensor, List<Segment> segments) in SegmentsOfTensors(map))
        {
            (int File, List<Segment> Segments)[] candidates =
            [
                .. _tensors.GetValueOrDefault(KeyOf(map.Tensors[tensor]), [])
                    .Where(candidate => candidate.Segments.Select(static s => s.Length).SequenceEqual(segments.Select(static s => s.Length)))
                    .OrderByDescending(candidate => candidate.File == twin),
            ];
            if (candidates is not [(int file, List<Segment> counterparts), ..])
            {
                continue;
            }

            int number = NumberOf(file);
            foreach ((Segment segment, Segment counterpart) in segments.Zip(counterparts))
            {
                places[indexes[segment.Offset]] = (number, counterpart.Offset);
            }
        }
    }

    private void MatchStructure(SegmentMap map, int twin, (int File, long Offset)[] places)
    {
        for (int i = 0; i < places.Length; i++)
        {
            Segment segment = map.Segments[i];
            Segment counterpart = _maps[twin].Segments[i];
            if (segment.IsStructure && counterpart.IsStructure && segment.Length == counterpart.Length)
            {
                places[i] = (NumberOf(twin), counterpart.Offset);
            }
        }
    }

    private int NumberOf(int file)
    {
        if (!_used.TryGetValue(file, out int number))
        {
            number = _used.Count + 1;
            _used.Add(file, number);
        }

        return number;
    }
}
