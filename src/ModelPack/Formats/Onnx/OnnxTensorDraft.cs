using System.Collections.Immutable;

namespace ModelPack.Formats.Onnx;

/// <summary>
/// What has been read of one <c>TensorProto</c>. Its fields come in any order, so what its bytes are is decided at its
/// end. One draft serves all tensors, one after the other: a <c>TensorProto</c> holds no other.
/// </summary>
internal sealed class OnnxTensorDraft
{
    private const int MaxVarintLength = 10;

    private readonly List<ulong> _dims = [];
    private readonly List<(int Field, FileRange Range)> _chunks = [];
    private readonly List<(FileRange Key, FileRange Value)> _externalEntries = [];
    private bool _dimsAreUsable;
    private int _unpackedFields;

    public int DataType { get; set; }

    /// <summary><c>data_location</c> is EXTERNAL: the bytes lie in another file.</summary>
    public bool IsExternal { get; set; }

    /// <summary>The last <c>raw_data</c>, which is the one that counts (Protocol Buffers encoding, "Last One Wins").</summary>
    public FileRange? RawData { get; set; }

    public int ChunkCount => _chunks.Count;

    /// <summary>The entries of <c>external_data</c>, at most one more than <see cref="OnnxLimits.MaxExternalEntries"/>.</summary>
    public IReadOnlyList<(FileRange Key, FileRange Value)> ExternalEntries => _externalEntries;

    /// <summary>The key of the entry being read.</summary>
    public FileRange EntryKey { get; set; }

    /// <summary>The value of the entry being read.</summary>
    public FileRange EntryValue { get; set; }

    public void Clear()
    {
        _dims.Clear();
        _chunks.Clear();
        _externalEntries.Clear();
        _dimsAreUsable = true;
        _unpackedFields = 0;
        DataType = 0;
        IsExternal = false;
        RawData = null;
    }

    /// <summary>Takes a field that is a number.</summary>
    /// <param name="field">Which one.</param>
    /// <param name="value">Its varint.</param>
    public void TakeVarint(in OnnxField field, ulong value)
    {
        switch (field.Kind)
        {
            case OnnxFieldKind.Dims:
                AddDim((long)value);
                break;
            case OnnxFieldKind.DataType:
                // An int32 is the low half of its varint (Protocol Buffers encoding, "Signed Integers").
                DataType = (int)value;
                break;
            case OnnxFieldKind.DataLocation:
                IsExternal = (int)value == 1;
                break;
            case OnnxFieldKind.TypedData:
                AddUnpacked(field.Number);
                break;
        }
    }

    public void AddDim(long dim)
    {
        if (dim < 0 || _dims.Count == OnnxLimits.MaxRank)
        {
            _dimsAreUsable = false;
        }
        else
        {
            _dims.Add((ulong)dim);
        }
    }

    /// <summary>One packed occurrence of a typed field; the field's elements are those of all of them in file order.</summary>
    public void AddPacked(int field, FileRange range)
    {
        if (range.Length > 0)
        {
            _chunks.Add((field, range));
        }
    }

    public void BeginEntry() => (EntryKey, EntryValue) = (default, default);

    public void EndEntry()
    {
        if (_externalEntries.Count <= OnnxLimits.MaxExternalEntries)
        {
            _externalEntries.Add((EntryKey, EntryValue));
        }
    }

    /// <summary>An occurrence of a typed field that holds a single element behind a tag of its own.</summary>
    public void AddUnpacked(int field) => _unpackedFields |= 1 << field;

    /// <summary>
    /// Whether the tensor can be told from structure: its type has a fixed width and its bytes are just as many as its
    /// dimensions ask for, or lie in another file. If not, it is not listed and its bytes stay structure.
    /// </summary>
    /// <param name="runs">Takes the tensor's bytes; untouched when the answer is false.</param>
    /// <param name="tensor">The tensor, not yet named.</param>
    public bool TryFinish(List<FileRange> runs, out OnnxTensor tensor)
    {
        tensor = default;
        if (!_dimsAreUsable || !OnnxDataTypes.TryFind(DataType, out Dtype dtype, out int typedField))
        {
            return false;
        }

        var encoding = TensorEncoding.Raw;
        int firstRun = runs.Count;
        if (!IsExternal)
        {
            if (!TryCountElements(out long elements))
            {
                return false;
            }

            // At most 2^33 elements of 128 bits, far from the range of a long.
            long rawLength = ((elements * dtype.BitWidth()) + 7) / 8;
            if (RawData is { } raw && raw.Length == rawLength)
            {
                if (raw.Length > 0)
                {
                    runs.Add(raw);
                }
            }
            else if (TypedDataFits(typedField, dtype, rawLength, elements, out encoding))
            {
                AddChunks(typedField, runs);
            }
            else
            {
                return false;
            }
        }

        tensor = new OnnxTensor(dtype, [.. _dims], encoding, firstRun, runs.Count - firstRun);
        return true;
    }

    private bool TypedDataFits(int field, Dtype dtype, long rawLength, long elements, out TensorEncoding encoding)
    {
        encoding = TensorEncoding.Raw;
        if ((_unpackedFields & (1 << field)) != 0)
        {
            return false;
        }

        bool isFixed = field is OnnxSchema.FloatData or OnnxSchema.DoubleData;
        int unit = isFixed ? dtype.BitWidth() / 8 : 1;
        long length = 0;
        foreach ((int chunkField, FileRange range) in _chunks)
        {
            if (chunkField != field)
            {
                continue;
            }

            // A run holds whole elements, also where a complex number's two halves could be parted.
            if (range.Length % unit != 0)
            {
                return false;
            }

            length += range.Length;
        }

        if (isFixed)
        {
            return length == rawLength;
        }

        // Sub-byte elements fill a byte before they take a varint; others take one each, of 1 to 10 bytes.
        long varints = dtype.BitWidth() < 8 ? rawLength : elements;
        encoding = varints == 0 ? TensorEncoding.Raw : TensorEncoding.Varint;
        return length >= varints && length <= varints * MaxVarintLength;
    }

    private void AddChunks(int field, List<FileRange> runs)
    {
        foreach ((int chunkField, FileRange range) in _chunks)
        {
            if (chunkField == field)
            {
                runs.Add(range);
            }
        }
    }

    // False when the product of the dimensions is beyond what a file can hold: four elements a byte.
    private bool TryCountElements(out long elements)
    {
        const long Most = 4 * OnnxLimits.MaxFileLength;
        elements = _dims.Contains(0) ? 0 : 1;
        foreach (ulong dim in _dims)
        {
            if (elements > 0 && dim > (ulong)(Most / elements))
            {
                return false;
            }

            elements *= (long)dim;
        }

        return true;
    }
}

/// <summary>A tensor found, apart from its name.</summary>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Encoding">How the elements are written.</param>
/// <param name="FirstRun">Index of its first run of bytes.</param>
/// <param name="RunCount">Runs of bytes; 0 when it has no elements or lies in another file.</param>
internal readonly record struct OnnxTensor(Dtype Dtype, ImmutableArray<ulong> Shape, TensorEncoding Encoding, int FirstRun, int RunCount);
