using System.Collections.Immutable;

namespace ModelPack.Formats;

/// <summary>
/// A gapless cover of one file: every byte belongs to exactly one segment, in file order, so that concatenating the
/// segments gives the file back whatever a reader understood of it.
/// </summary>
internal sealed class SegmentMap
{
    private SegmentMap(ModelFormat format, long fileLength, ImmutableArray<TensorInfo> tensors, ImmutableArray<Segment> segments, ImmutableArray<ExternalReference> external)
    {
        Format = format;
        FileLength = fileLength;
        Tensors = tensors;
        Segments = segments;
        ExternalReferences = external;
    }

    public ModelFormat Format { get; }

    public long FileLength { get; }

    /// <summary>All tensors, in the order the reader found them. A tensor may have no segment (no elements) or several.</summary>
    public ImmutableArray<TensorInfo> Tensors { get; }

    /// <summary>Adjacent, ascending, non-empty; together exactly <see cref="FileLength"/> bytes.</summary>
    public ImmutableArray<Segment> Segments { get; }

    /// <summary>What the file says of tensors whose bytes lie in other files, in file order.</summary>
    public ImmutableArray<ExternalReference> ExternalReferences { get; }

    /// <summary>A map without tensors: the whole file is one structure segment (none when the file is empty).</summary>
    public static SegmentMap Opaque(long fileLength) => new Builder(ModelFormat.Opaque, fileLength).Build();

    /// <summary>Collects tensors and their bytes in any order, then fills what is left with structure.</summary>
    internal sealed class Builder(ModelFormat format, long fileLength)
    {
        private readonly ImmutableArray<TensorInfo>.Builder _tensors = ImmutableArray.CreateBuilder<TensorInfo>();
        private readonly List<Segment> _data = [];
        private ImmutableArray<ExternalReference> _external = [];

        public int TensorCount => _tensors.Count;

        /// <summary>Adds a tensor and returns its index for <see cref="AddData"/>.</summary>
        public int AddTensor(TensorInfo tensor)
        {
            _tensors.Add(tensor);
            return _tensors.Count - 1;
        }

        /// <summary>Marks bytes as data of a tensor; several calls for one tensor are read as concatenated in file order.</summary>
        /// <exception cref="ModelPackException">The range leaves the file.</exception>
        public void AddData(int tensorIndex, long offset, long length)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)tensorIndex, (uint)_tensors.Count);
            if (offset < 0 || length < 0 || length > fileLength || offset > fileLength - length)
            {
                throw new ModelPackException(
                    ModelPackError.Corrupt,
                    $"tensor '{_tensors[tensorIndex].Name}' has {length} bytes from offset {offset}, but the file has {fileLength} bytes",
                    offset: offset);
            }

            if (length > 0)
            {
                _data.Add(new Segment(offset, length, tensorIndex));
            }
        }

        /// <summary>Says which tensors have their bytes in other files.</summary>
        public void AddExternal(IEnumerable<ExternalReference> references) => _external = [.. references];

        /// <summary>Sorts the data, fills the gaps with structure and checks that nothing overlaps.</summary>
        /// <exception cref="ModelPackException">Two tensors share bytes.</exception>
        public SegmentMap Build()
        {
            _data.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
            var segments = ImmutableArray.CreateBuilder<Segment>((_data.Count * 2) + 1);
            long position = 0;
            foreach (Segment segment in _data)
            {
                if (segment.Offset < position)
                {
                    throw new ModelPackException(
                        ModelPackError.Corrupt,
                        $"tensor '{_tensors[segment.TensorIndex].Name}' starts inside the tensor before it, which ends at offset {position}",
                        offset: segment.Offset);
                }

                if (segment.Offset > position)
                {
                    segments.Add(new Segment(position, segment.Offset - position, Segment.Structure));
                }

                segments.Add(segment);
                position = segment.End;
            }

            if (position < fileLength)
            {
                segments.Add(new Segment(position, fileLength - position, Segment.Structure));
            }

            return new SegmentMap(format, fileLength, _tensors.ToImmutable(), segments.ToImmutable(), _external);
        }
    }
}
