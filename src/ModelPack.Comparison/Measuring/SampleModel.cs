using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using ModelPack.Formats;
using ModelPack.Formats.Safetensors;
using ModelPack.Pipeline;
using ModelPack.Planes;
using ModelPack.Primitives;

namespace ModelPack.Comparison.Measuring;

/// <summary>
/// Bytes of a model that compressors are run on: all of a small file, or else a safetensors file made of a part of each
/// tensor, whole rows from its middle, so that every compressor gets the same and all of it fits into memory.
/// </summary>
/// <param name="Bytes">The sample, a model file.</param>
/// <param name="Name">A name with the extension of its format.</param>
/// <param name="IsWhole">Whether it is the whole model.</param>
internal sealed record SampleModel(byte[] Bytes, string Name, bool IsWhole)
{
    // Less of a tensor is not taken: what tells is in the large ones.
    private const int LeastPart = 4096;

    /// <summary>Takes a sample; null when the model has nothing to take.</summary>
    public static SampleModel? Take(IReadOnlyList<SurveyedFile> files, int most)
    {
        long total = files.Sum(static file => file.Map.FileLength);
        if (total == 0)
        {
            return null;
        }

        return files.Count == 1 && total <= most ? new SampleModel(ReadAll(files[0]), Path.GetFileName(files[0].File.Path), true) : TakeParts(files, most);
    }

    /// <summary>
    /// The planes of all tensors of a model file, those of one kind one after the other; what is no tensor is the last.
    /// </summary>
    public List<byte[]> SplitPlanes()
    {
        using ByteSource source = ByteSource.FromMemory(Bytes, Name);
        SegmentMap map = FormatDetector.Detect(source, FormatDetector.Readers, strict: false, CancellationToken.None).Map;
        Dictionary<(PlaneLayoutId Layout, int Plane), ArrayBufferWriter<byte>> planes = [];
        var structure = new ArrayBufferWriter<byte>();
        byte[] buffer = [];
        foreach (Segment segment in map.Segments)
        {
            ReadOnlySpan<byte> bytes = Bytes.AsSpan((int)segment.Offset, (int)segment.Length);
            if (segment.IsStructure)
            {
                structure.Write(bytes);
                continue;
            }

            PlaneLayout layout = Analysis.TensorAnalyser.LayoutOf(map.Tensors[segment.TensorIndex], [segment]);
            int most = PlaneLayout.MaxElementBytes / layout.ElementSize * layout.ElementSize;
            for (; !bytes.IsEmpty; bytes = bytes[Math.Min(most, bytes.Length)..])
            {
                ReadOnlySpan<byte> part = bytes[..Math.Min(most, bytes.Length)];
                int count = part.Length / layout.ElementSize;
                Buffers.Reserve(ref buffer, layout.BufferLength(count));
                PlaneSplitter.Split(layout, part, buffer);
                for (int plane = 0; plane < layout.PlaneCount; plane++)
                {
                    if (!planes.TryGetValue((layout.Id, plane), out ArrayBufferWriter<byte>? writer))
                    {
                        planes.Add((layout.Id, plane), writer = new ArrayBufferWriter<byte>());
                    }

                    writer.Write(buffer.AsSpan(layout.PlaneOffset(plane, count), layout.PlaneLength(plane, count)));
                }
            }
        }

        return [.. planes.Values.Append(structure).Where(static writer => writer.WrittenCount > 0).Select(static writer => writer.WrittenSpan.ToArray())];
    }

    private static byte[] ReadAll(SurveyedFile file)
    {
        using ByteSource source = file.Open();
        byte[] bytes = new byte[source.Length];
        source.ReadExactly(0, bytes);
        return bytes;
    }

    private static SampleModel? TakeParts(IReadOnlyList<SurveyedFile> files, int most)
    {
        // The header takes some of it.
        double share = 0.98 * most / files.Sum(static file => file.Map.FileLength);
        List<Part> parts = [];
        foreach (SurveyedFile file in files)
        {
            ByteSource? source = null;
            foreach (Segment segment in file.Map.Segments)
            {
                TensorInfo tensor = segment.IsStructure ? new TensorInfo("", Dtype.U8, [(ulong)segment.Length]) : file.Map.Tensors[segment.TensorIndex];
                if (Cut(tensor, segment.Length, Math.Min(1, share)) is { } cut)
                {
                    source ??= file.Open();
                    byte[] bytes = new byte[cut.Length];
                    source.ReadExactly(segment.Offset + cut.Offset, bytes);
                    parts.Add(new Part(cut.Dtype, cut.Shape, bytes));
                }
            }

            source?.Dispose();
        }

        return parts.Count == 0 ? null : new SampleModel(Write(parts), "sample.safetensors", false);
    }

    /// <summary>Which part of a tensor to take, and what it is; null when that would be too small to tell anything.</summary>
    private static (long Offset, long Length, Dtype Dtype, ulong[] Shape)? Cut(TensorInfo tensor, long length, double share)
    {
        long wanted = (long)(length * share);
        if (wanted < LeastPart)
        {
            return null;
        }

        bool isKnown = tensor.Encoding == TensorEncoding.Raw && SafetensorsFormat.Dtypes.Contains(tensor.Dtype)
            && SafetensorsFormat.TryGetDataLength(tensor.Dtype, tensor.Shape.AsSpan(), out ulong known, out _) && known == (ulong)length;
        if (!isKnown)
        {
            return ((length - wanted) / 2, wanted, Dtype.U8, [(ulong)wanted]);
        }

        ulong rows = tensor.Shape.Length > 1 ? tensor.Shape[0] : 1;
        long row = length / (long)rows;
        if (rows > 1 && length % (long)rows == 0 && wanted >= row)
        {
            long taken = wanted / row;
            return (((long)rows - taken) / 2 * row, taken * row, tensor.Dtype, [(ulong)taken, .. tensor.Shape.Skip(1)]);
        }

        // A part of a row: 96 bytes have a whole number of elements of any width.
        long part = wanted / 96 * 96;
        return ((length - part) / 2 / 96 * 96, part, tensor.Dtype, [(ulong)(part * 8 / tensor.Dtype.BitWidth())]);
    }

    private static byte[] Write(List<Part> parts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            long offset = 0;
            foreach ((int index, Part part) in parts.Index())
            {
                json.WriteStartObject($"t{index}");
                json.WriteString("dtype"u8, part.Dtype.DisplayName());
                json.WriteStartArray("shape"u8);
                foreach (ulong dimension in part.Shape)
                {
                    json.WriteNumberValue(dimension);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets"u8);
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += part.Bytes.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        byte[] length = new byte[SafetensorsFormat.LengthSize];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)buffer.WrittenCount);
        return [.. length, .. buffer.WrittenSpan, .. parts.SelectMany(static part => part.Bytes)];
    }

    private sealed record Part(Dtype Dtype, ulong[] Shape, byte[] Bytes);
}
