using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ModelPack.Comparison.Reporting;
using ModelPack.Pipeline;
using ModelPack.Planes;
using ModelPack.Primitives;

namespace ModelPack.Comparison.Differences;

/// <summary>How many bits two tensors differ in.</summary>
internal sealed record BitDifference(long Bits, long ChangedBits, long Elements, long ChangedElements, IReadOnlyList<ComparedBits> Planes)
{
    public double ChangedBitPart => Bits == 0 ? 0 : (double)ChangedBits / Bits;

    public double ChangedValuePart => Elements == 0 ? 0 : (double)ChangedElements / Elements;
}

/// <summary>Counts the bits in which two tensors of one dtype and length differ, plane by plane. For one thread.</summary>
internal sealed class TensorComparison : IDisposable
{
    // A whole number of elements of every dtype, and of groups.
    private const int PartLength = 1 << 18;

    private const int MostOpen = 8;

    private readonly byte[] _old = new byte[PartLength];
    private readonly byte[] _new = new byte[PartLength];
    private readonly Dictionary<SurveyedFile, ByteSource> _sources = [];
    private byte[] _planes = [];

    public BitDifference Compare(TensorPlace old, TensorPlace place, CancellationToken cancellationToken)
    {
        PlaneLayout layout = PlaneLayout.For(place.Info.Dtype, place.Info.Encoding);
        layout = place.Length % layout.ElementSize == 0 ? layout : PlaneLayout.For(Dtype.None, TensorEncoding.Raw);
        long[] changed = new long[layout.PlaneCount];
        long[] lengths = new long[layout.PlaneCount];
        long changedElements = 0;

        // Tensors come in the order of files, so few are wanted at a time.
        if (_sources.Count >= MostOpen)
        {
            Dispose();
        }

        var left = new TensorBytes(old, SourceOf(old));
        var right = new TensorBytes(place, SourceOf(place));
        for (long done = 0; done < place.Length; done += PartLength)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int length = (int)Math.Min(PartLength, place.Length - done);
            Span<byte> a = _old.AsSpan(0, length);
            Span<byte> b = _new.AsSpan(0, length);
            left.Read(a);
            right.Read(b);
            TensorPrimitives.Xor<byte>(a, b, a);
            changedElements += CountChanged(a, layout.ElementSize);
            int count = length / layout.ElementSize;
            Buffers.Reserve(ref _planes, layout.BufferLength(count));
            PlaneSplitter.Split(layout, a, _planes);
            for (int plane = 0; plane < changed.Length; plane++)
            {
                ReadOnlySpan<byte> bytes = _planes.AsSpan(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count));
                changed[plane] += CountBits(bytes);
                lengths[plane] += bytes.Length;
            }
        }

        ComparedBits[] planes = [.. changed.Select((bits, plane) => new ComparedBits(layout.PlaneNames[plane], lengths[plane] == 0 ? 0 : bits / (8.0 * lengths[plane])))];
        return new BitDifference(8 * place.Length, changed.Sum(), place.Length / layout.ElementSize, changedElements, planes);
    }

    public void Dispose()
    {
        foreach (ByteSource source in _sources.Values)
        {
            source.Dispose();
        }

        _sources.Clear();
    }

    private ByteSource SourceOf(TensorPlace place)
    {
        if (!_sources.TryGetValue(place.Surveyed, out ByteSource? source))
        {
            _sources.Add(place.Surveyed, source = place.Surveyed.Open());
        }

        return source;
    }

    private static long CountBits(ReadOnlySpan<byte> bytes)
    {
        long bits = 0;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            bits += BitOperations.PopCount(word);
        }

        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
        {
            bits += BitOperations.PopCount(value);
        }

        return bits;
    }

    private static long CountChanged(ReadOnlySpan<byte> differences, int elementSize) => elementSize switch
    {
        1 => differences.Length - differences.Count((byte)0),
        2 => (differences.Length / 2) - MemoryMarshal.Cast<byte, ushort>(differences).Count((ushort)0),
        4 => (differences.Length / 4) - MemoryMarshal.Cast<byte, uint>(differences).Count(0u),
        _ => (differences.Length / 8) - MemoryMarshal.Cast<byte, ulong>(differences).Count(0ul),
    };

    /// <summary>The bytes of a tensor, in order, whatever parts it has in its file.</summary>
    private sealed class TensorBytes(TensorPlace place, ByteSource source)
    {
        private int _segment;
        private long _done;

        public void Read(Span<byte> destination)
        {
            while (!destination.IsEmpty)
            {
                int length = (int)Math.Min(destination.Length, place.Segments[_segment].Length - _done);
                source.ReadExactly(place.Segments[_segment].Offset + _done, destination[..length]);
                destination = destination[length..];
                _done += length;
                if (_done == place.Segments[_segment].Length)
                {
                    _segment++;
                    _done = 0;
                }
            }
        }
    }
}
