using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelPack.Comparison.Analysis;

/// <summary>What the values of a tensor are like; finite ones alone make the moments.</summary>
internal sealed class ValueStatistics
{
    private const int PartLength = 1 << 14;

    private readonly Dtype _dtype;
    private readonly double[] _values = new double[PartLength];
    private readonly float[] _singles = new float[PartLength];
    private readonly bool[] _flags = new bool[PartLength];
    private readonly long[] _bytes = new long[256];

    public ValueStatistics(Dtype dtype) => _dtype = dtype;

    /// <summary>Whether values of that dtype can be read.</summary>
    public static bool Supports(Dtype dtype) => dtype is not (Dtype.None or Dtype.F6E2M3 or Dtype.F6E3M2) && dtype.IsDefined();

    /// <summary>All values; the parts of complex numbers count as two.</summary>
    public long Count { get; private set; }

    public long Zeros { get; private set; }

    public long NaNs { get; private set; }

    public long Infinities { get; private set; }

    /// <summary>Values below the least normal one of their own dtype, but for zero.</summary>
    public long Denormals { get; private set; }

    public Moments Finite { get; } = new();

    /// <summary>Adds whole elements.</summary>
    public void Add(ReadOnlySpan<byte> elements)
    {
        switch (_dtype)
        {
            case Dtype.F32 or Dtype.C64:
                AddParts<float>(elements, static (statistics, part) => statistics.AddSingles(part, countsDenormals: true));
                break;
            case Dtype.F64 or Dtype.C128:
                AddParts<double>(elements, static (statistics, part) => statistics.AddDoubles(part));
                break;
            case Dtype.F16:
                AddParts<Half>(elements, static (statistics, part) => statistics.AddHalves(part));
                break;
            case Dtype.BF16:
                AddParts<BFloat16>(elements, static (statistics, part) => statistics.AddBFloats(part));
                break;
            case Dtype.I16:
                AddIntegers<short>(elements);
                break;
            case Dtype.U16:
                AddIntegers<ushort>(elements);
                break;
            case Dtype.I32:
                AddIntegers<int>(elements);
                break;
            case Dtype.U32:
                AddIntegers<uint>(elements);
                break;
            case Dtype.I64:
                AddIntegers<long>(elements);
                break;
            case Dtype.U64:
                AddIntegers<ulong>(elements);
                break;
            default:
                foreach (byte element in elements)
                {
                    _bytes[element]++;
                }

                break;
        }
    }

    /// <summary>Ends the counting. Elements of a byte or less have only been counted until then.</summary>
    /// <param name="elements">Elements of the tensor: the last byte of narrow ones may have some to spare.</param>
    public void Finish(long elements)
    {
        if (!NarrowValues.Has(_dtype))
        {
            return;
        }

        int perByte = 8 / _dtype.BitWidth();
        long spare = Math.Max(0, (_bytes.Sum() * perByte) - elements);
        for (int pattern = 0; pattern < 256; pattern++)
        {
            for (int part = 0; part < perByte && _bytes[pattern] > 0; part++)
            {
                double value = NarrowValues.Decode(_dtype, pattern, part, out bool isDenormal);

                // What fills the last byte is zero.
                long filling = value == 0 ? Math.Min(spare, _bytes[pattern]) : 0;
                spare -= filling;
                AddNarrow(value, isDenormal, _bytes[pattern] - filling);
            }
        }
    }

    private void AddNarrow(double value, bool isDenormal, long times)
    {
        Count += times;
        Zeros += value == 0 ? times : 0;
        NaNs += double.IsNaN(value) ? times : 0;
        Infinities += double.IsInfinity(value) ? times : 0;
        Denormals += isDenormal ? times : 0;
        if (double.IsFinite(value))
        {
            Finite.Add(value, times);
        }
    }

    private void AddParts<T>(ReadOnlySpan<byte> elements, Action<ValueStatistics, ReadOnlySpan<T>> add)
        where T : unmanaged
    {
        for (ReadOnlySpan<T> left = MemoryMarshal.Cast<byte, T>(elements); !left.IsEmpty; left = left[Math.Min(PartLength, left.Length)..])
        {
            add(this, left[..Math.Min(PartLength, left.Length)]);
        }
    }

    private void AddIntegers<T>(ReadOnlySpan<byte> elements)
        where T : unmanaged, System.Numerics.INumberBase<T> => AddParts<T>(elements, static (statistics, part) =>
        {
            Span<double> values = statistics._values.AsSpan(0, part.Length);
            TensorPrimitives.ConvertSaturating(part, values);
            statistics.Count += part.Length;
            statistics.Zeros += statistics.CountZeros<double>(values);
            statistics.Finite.Add(values);
        });

    private void AddHalves(ReadOnlySpan<Half> part)
    {
        Span<float> singles = _singles.AsSpan(0, part.Length);
        TensorPrimitives.ConvertToSingle(part, singles);
        foreach (ushort bits in MemoryMarshal.Cast<Half, ushort>(part))
        {
            Denormals += (bits & 0x7C00) == 0 && (bits & 0x3FF) != 0 ? 1 : 0;
        }

        AddSingles(singles, countsDenormals: false);
    }

    private void AddBFloats(ReadOnlySpan<BFloat16> part)
    {
        // A bfloat16 is denormal where the binary32 number of the same value is.
        Span<float> singles = _singles.AsSpan(0, part.Length);
        BFloat16.ConvertToSingle(part, singles);
        AddSingles(singles, countsDenormals: true);
    }

    private void AddSingles(ReadOnlySpan<float> part, bool countsDenormals)
    {
        if (countsDenormals)
        {
            TensorPrimitives.IsSubnormal(part, _flags.AsSpan(0, part.Length));
            Denormals += CountFlags(part.Length);
        }

        Span<double> values = _values.AsSpan(0, part.Length);
        TensorPrimitives.ConvertSaturating(part, values);
        AddFloats(values);
    }

    private void AddDoubles(ReadOnlySpan<double> part)
    {
        TensorPrimitives.IsSubnormal(part, _flags.AsSpan(0, part.Length));
        Denormals += CountFlags(part.Length);
        Span<double> values = _values.AsSpan(0, part.Length);
        part.CopyTo(values);
        AddFloats(values);
    }

    private void AddFloats(Span<double> values)
    {
        Count += values.Length;
        Zeros += CountZeros<double>(values);
        TensorPrimitives.IsFinite<double>(values, _flags.AsSpan(0, values.Length));
        int finite = CountFlags(values.Length);
        if (finite == values.Length)
        {
            Finite.Add(values);
            return;
        }

        TensorPrimitives.IsNaN<double>(values, _flags.AsSpan(0, values.Length));
        int nans = CountFlags(values.Length);
        NaNs += nans;
        Infinities += values.Length - finite - nans;
        int kept = 0;
        foreach (double value in values)
        {
            values[kept] = value;
            kept += double.IsFinite(value) ? 1 : 0;
            if (kept == finite)
            {
                break;
            }
        }

        Finite.Add(values[..finite]);
    }

    private int CountZeros<T>(ReadOnlySpan<T> values)
        where T : System.Numerics.INumberBase<T>
    {
        TensorPrimitives.IsZero(values, _flags.AsSpan(0, values.Length));
        return CountFlags(values.Length);
    }

    private int CountFlags(int length) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<bool, byte>(ref MemoryMarshal.GetArrayDataReference(_flags)), length).Count((byte)1);
}
