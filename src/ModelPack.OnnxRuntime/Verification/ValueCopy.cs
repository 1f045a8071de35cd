using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ModelPack.OnnxRuntime.Verification;

/// <summary>What a model put out: a tensor, or a sequence or map of such.</summary>
internal sealed class ValueCopy
{
    private readonly OnnxValueType _kind;
    private readonly TensorElementType _type;
    private readonly long[] _shape = [];
    private readonly byte[] _bytes = [];
    private readonly string[] _texts = [];
    private readonly ValueCopy[] _parts = [];

    /// <summary>Copies a value that ONNX Runtime owns.</summary>
    public ValueCopy(OrtValue value)
    {
        _kind = value.OnnxType;
        switch (_kind)
        {
            case OnnxValueType.ONNX_TYPE_TENSOR:
                OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
                (_type, _shape) = (info.ElementDataType, info.Shape);
                if (info.IsString)
                {
                    _texts = value.GetStringTensorAsArray();
                }
                else if (!_shape.Contains(0))
                {
                    _bytes = value.GetTensorMutableRawData().ToArray();
                }

                break;
            case OnnxValueType.ONNX_TYPE_SEQUENCE or OnnxValueType.ONNX_TYPE_MAP:
                _parts = new ValueCopy[value.GetValueCount()];
                for (int i = 0; i < _parts.Length; i++)
                {
                    using OrtValue part = value.GetValue(i, OrtAllocator.DefaultInstance);
                    _parts[i] = new ValueCopy(part);
                }

                break;
        }
    }

    /// <summary>The first difference from another value, in words; null when there is none.</summary>
    public string? FindDifference(ValueCopy other)
    {
        if (_kind != other._kind || _type != other._type || !_shape.AsSpan().SequenceEqual(other._shape) || _parts.Length != other._parts.Length)
        {
            return $"is {Describe()} in the original, {other.Describe()} in the packed model";
        }

        for (int i = 0; i < _parts.Length; i++)
        {
            if (_parts[i].FindDifference(other._parts[i]) is { } difference)
            {
                return $"part {i} {difference}";
            }
        }

        for (int i = 0; i < _texts.Length; i++)
        {
            if (!string.Equals(_texts[i], other._texts[i], StringComparison.Ordinal))
            {
                return $"element {i} of {_texts.Length} is '{_texts[i]}' in the original, '{other._texts[i]}' in the packed model";
            }
        }

        int equal = _bytes.AsSpan().CommonPrefixLength(other._bytes);
        return equal == _bytes.Length ? null : DescribeElement(other, equal);
    }

    private string DescribeElement(ValueCopy other, int position)
    {
        long elements = _shape.Aggregate(1L, static (product, dim) => product * dim);

        // Elements of less than a byte: what is named is the byte.
        int size = (int)Math.Max(1, _bytes.Length / elements);
        int index = position / size;
        return string.Create(CultureInfo.InvariantCulture,
            $"element {index} of {_bytes.Length / size} is {Show(index * size, size)} in the original, {other.Show(index * size, size)} in the packed model");
    }

    private string Show(int offset, int size)
    {
        ReadOnlySpan<byte> element = _bytes.AsSpan(offset, size);
        string? number = _type switch
        {
            TensorElementType.Float => MemoryMarshal.Read<float>(element).ToString("R", CultureInfo.InvariantCulture),
            TensorElementType.Double => MemoryMarshal.Read<double>(element).ToString("R", CultureInfo.InvariantCulture),
            TensorElementType.Float16 => MemoryMarshal.Read<Half>(element).ToString(CultureInfo.InvariantCulture),
            TensorElementType.Int32 => MemoryMarshal.Read<int>(element).ToString(CultureInfo.InvariantCulture),
            TensorElementType.Int64 => MemoryMarshal.Read<long>(element).ToString(CultureInfo.InvariantCulture),
            _ => null,
        };
        byte[] bigEndian = element.ToArray();
        Array.Reverse(bigEndian);
        string bits = "0x" + Convert.ToHexString(bigEndian);
        return number is null ? bits : $"{number} ({bits})";
    }

    private string Describe() => _kind switch
    {
        OnnxValueType.ONNX_TYPE_TENSOR => $"{_type}[{string.Join(',', _shape)}]",
        OnnxValueType.ONNX_TYPE_SEQUENCE => $"a sequence of {_parts.Length}",
        OnnxValueType.ONNX_TYPE_MAP => "a map",
        _ => _kind.ToString(),
    };
}
