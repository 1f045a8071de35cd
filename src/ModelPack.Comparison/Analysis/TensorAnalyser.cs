using ModelPack.Coding;
using ModelPack.Formats;
using ModelPack.Pipeline;
using ModelPack.Planes;
using ModelPack.Primitives;

namespace ModelPack.Comparison.Analysis;

/// <summary>Counts what the planes and values of tensors are like, one part after the other. For one thread.</summary>
internal sealed class TensorAnalyser
{
    // Whole groups of planes, chunks of symbols and elements, and small enough for a second-level cache with its planes.
    private const int PartLength = 1 << 18;

    private readonly PlaneHistogram _histogram = new();
    private readonly SymbolContexts _contexts = new();
    private readonly long[] _joint = new long[ElementSymbols.JointCount];
    private readonly byte[] _symbols = new byte[PartLength];
    private byte[] _part = [];
    private byte[] _planes = [];
    private long[][] _counts = [];

    /// <summary>How the bytes of a tensor are cut into planes: as its parts in the file allow.</summary>
    public static PlaneLayout LayoutOf(TensorInfo tensor, IEnumerable<Segment> segments)
    {
        var layout = PlaneLayout.For(tensor.Dtype, tensor.Encoding);
        return segments.All(segment => segment.Length % layout.ElementSize == 0) ? layout : PlaneLayout.For(Dtype.None, TensorEncoding.Raw);
    }

    /// <summary>Reads a tensor and counts.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="segments">Its parts in the file.</param>
    /// <param name="source">The file.</param>
    /// <param name="progress">Told of bytes as they are counted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public AnalysedTensor Analyse(
        TensorInfo tensor, IReadOnlyList<Segment> segments, ByteSource source, Action<int> progress, CancellationToken cancellationToken)
    {
        PlaneLayout layout = LayoutOf(tensor, segments);
        bool hasValues = tensor.Encoding == TensorEncoding.Raw && ValueStatistics.Supports(tensor.Dtype)
            && layout == PlaneLayout.For(tensor.Dtype, tensor.Encoding);
        ValueStatistics? statistics = hasValues ? new ValueStatistics(tensor.Dtype) : null;
        Begin(layout);
        foreach (Segment segment in segments)
        {
            for (long done = 0; done < segment.Length; done += PartLength)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int length = (int)Math.Min(PartLength, segment.Length - done);
                ReadOnlySpan<byte> part = Read(source, segment.Offset + done, length);
                Count(layout, tensor, part);
                statistics?.Add(part);
                progress(length);
            }
        }

        statistics?.Finish(ElementCount(tensor.Shape.AsSpan()));
        return Finish(layout, statistics, segments.Sum(static segment => segment.Length));
    }

    /// <summary>Elements of a shape; -1 when they are too many to count.</summary>
    public static long ElementCount(ReadOnlySpan<ulong> shape)
    {
        UInt128 product = 1;
        foreach (ulong dimension in shape)
        {
            product *= dimension;
            if (product > long.MaxValue)
            {
                return -1;
            }
        }

        return (long)product;
    }

    private void Begin(PlaneLayout layout)
    {
        _counts = [.. Enumerable.Range(0, layout.PlaneCount).Select(static _ => new long[256])];
        Array.Clear(_joint);
        _contexts.Clear();
    }

    private ReadOnlySpan<byte> Read(ByteSource source, long offset, int length)
    {
        if (source.TryGet(offset, length, out ReadOnlyMemory<byte> bytes))
        {
            return bytes.Span;
        }

        Buffers.Reserve(ref _part, PartLength);
        Span<byte> part = _part.AsSpan(0, length);
        source.ReadExactly(offset, part);
        return part;
    }

    private void Count(PlaneLayout layout, TensorInfo tensor, ReadOnlySpan<byte> elements)
    {
        int count = elements.Length / layout.ElementSize;
        Buffers.Reserve(ref _planes, layout.BufferLength(count));
        PlaneSplitter.Split(layout, elements, _planes);
        for (int plane = 0; plane < layout.PlaneCount; plane++)
        {
            _histogram.Count(_planes.AsSpan(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count)));
            long[] sums = _counts[plane];
            for (int value = 0; value < sums.Length; value++)
            {
                sums[value] += _histogram.Counts[value];
            }
        }

        if (ElementSymbols.Has(layout))
        {
            Span<byte> symbols = _symbols.AsSpan(0, count);
            ElementSymbols.Extract(layout, elements, tensor.Dtype == Dtype.I8, symbols);
            _contexts.Add(symbols);
        }

        if (layout.IsOfFloats)
        {
            ElementSymbols.CountJoint(layout, elements, _joint);
        }
    }

    private AnalysedTensor Finish(PlaneLayout layout, ValueStatistics? statistics, long length)
    {
        long elements = length / layout.ElementSize;
        var planes = new AnalysedPlane[layout.PlaneCount];
        for (int plane = 0; plane < planes.Length; plane++)
        {
            long symbols = _counts[plane].Sum();
            planes[plane] = new AnalysedPlane(
                layout.PlaneNames[plane], symbols, _counts[plane].Count(static count => count > 0), symbols == 0 ? 0 : Entropy.TotalBits(_counts[plane]) / symbols);
        }

        bool hasContexts = ElementSymbols.Has(layout);
        double? givenClass = hasContexts ? _contexts.BitsGivenClass : null;
        double? givenPrevious = hasContexts ? _contexts.BitsGivenPrevious : null;
        if (!layout.IsOfFloats || elements == 0)
        {
            return new AnalysedTensor(planes, new ElementEntropies(null, null, null, givenClass, givenPrevious), statistics, null);
        }

        long[] exponents = new long[_joint.Length / 2];
        for (int i = 0; i < exponents.Length; i++)
        {
            exponents[i] = _joint[2 * i] + _joint[(2 * i) + 1];
        }

        double exponent = Entropy.TotalBits(exponents) / elements;
        double joint = Entropy.TotalBits(_joint) / elements;
        return new AnalysedTensor(planes, new ElementEntropies(exponent, joint, Math.Max(0, joint - exponent), givenClass, givenPrevious), statistics, exponents);
    }
}
