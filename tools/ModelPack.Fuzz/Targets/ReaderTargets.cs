using System.IO.Hashing;
using System.Runtime.InteropServices;
using ModelPack.Formats;
using ModelPack.Primitives;

namespace ModelPack.Fuzz.Targets;

/// <summary>The format readers, and packing what they made of an input.</summary>
internal static class ReaderTargets
{
    public static IEnumerable<FuzzTarget> All() =>
    [
        new("safetensors", "a safetensors file to its segments", input => Map(input, ModelFormat.Safetensors), () => SeedModels.Of(".safetensors")),
        new("onnx", "an ONNX file to its segments", input => Map(input, ModelFormat.Onnx), () => SeedModels.Of(".onnx")),
        new(
            "roundtrip",
            "any file packed and restored; the first byte chooses name and level",
            RoundTrip,
            () => SeedModels.Of(".safetensors").Select(static bytes => WithFirst(0, bytes)).Concat(SeedModels.Of(".onnx").Select(static bytes => WithFirst(1, bytes)))),
    ];

    private static byte[] WithFirst(byte first, byte[] rest) => [first, .. rest];

    /// <summary>Reads the segments and checks that they cover the file without a gap.</summary>
    private static ulong Map(Span<byte> input, ModelFormat format)
    {
        IFormatReader reader = FormatDetector.Readers.First(candidate => candidate.Format == format);
        using ByteSource source = ByteSource.FromMemory(input.ToArray(), "fuzz");
        SegmentMap map = reader.Read(source, CancellationToken.None);
        var hash = new XxHash3();
        long position = 0;
        foreach (Segment segment in map.Segments)
        {
            if (segment.Offset != position || segment.Length < 1 || segment.TensorIndex >= map.Tensors.Length)
            {
                throw new BrokenPromiseException($"segment {segment} does not follow offset {position}, or is of none of {map.Tensors.Length} tensors");
            }

            position = segment.End;
            hash.Append(MemoryMarshal.AsBytes([segment.Offset, segment.TensorIndex]));
        }

        if (position != input.Length || map.FileLength != input.Length)
        {
            throw new BrokenPromiseException($"segments end at {position} in a file of {input.Length} bytes");
        }

        if (map.Tensors.Select(static tensor => tensor.Name).Distinct(StringComparer.Ordinal).Count() != map.Tensors.Length)
        {
            throw new BrokenPromiseException("two tensors have the same name");
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static ulong RoundTrip(Span<byte> input)
    {
        if (input.IsEmpty)
        {
            return 0;
        }

        string[] names = ["model.safetensors", "model.onnx", "model.bin", "model"];
        var options = new PackOptions { Threads = 1, Level = (PackLevel)((input[0] >> 2) % 3), Strict = (input[0] & 0x10) != 0 };
        byte[] original = input[1..].ToArray();
        using var packed = new MemoryStream();
        using (var source = new MemoryStream(original))
        {
            ModelPacker.Pack(source, names[input[0] & 3], packed, options);
        }

        using var restored = new MemoryStream();
        packed.Position = 0;
        try
        {
            ModelPacker.Unpack(packed, "fuzz.mpk", restored, new UnpackOptions { Threads = 1 });
        }
        catch (ModelPackException exception)
        {
            throw new BrokenPromiseException($"what was packed is refused: {exception.Message}");
        }

        return restored.ToArray().AsSpan().SequenceEqual(original)
            ? XxHash3.HashToUInt64(packed.ToArray())
            : throw new BrokenPromiseException("other bytes were restored than were packed");
    }
}
