using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using ModelPack.TestModels.Safetensors;

namespace ModelPack.TestModels.Generation;

/// <summary>
/// A model folder of any size, as downloads are: shards in BF16, and others in F32, F16 and I8, a tokenizer, a file that nothing
/// packs. All from a seed, nothing repeats, streamed in bounded memory.
/// </summary>
/// <param name="seed">Where all values come from.</param>
internal sealed class LargeFolder(ulong seed)
{
    private const long LargestShard = 2_000_000_000;
    private const int Width = 4096;
    private const int TableSize = 1 << 16;
    private const double Sigma = 0.02;

    // Tensors of one seed have numbers of their own; SplitMix64 sequences of different numbers are 2^40 draws apart.
    private const ulong TensorsOfSeed = 1 << 14, TensorsOfShard = 1 << 8;

    private readonly byte[] _buffer = new byte[1 << 20];
    private readonly double[] _bell = Array.ConvertAll(Bell.Table(seed: 22, TableSize), static value => value * Sigma);
    private ulong _shard;

    /// <summary>Writes the folder.</summary>
    /// <param name="path">The folder; made where it is missing.</param>
    /// <param name="bytes">Bytes of all files together, at least 1 MB; exact to a few parts in a thousand.</param>
    /// <param name="cancellationToken">Stops between buffers.</param>
    public void Write(string path, long bytes, CancellationToken cancellationToken)
    {
        const long Least = 1_000_000;
        if (bytes < Least)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"a folder of {bytes} bytes; at least {Least} are needed");
        }

        Directory.CreateDirectory(Path.Combine(path, "optimizer"));
        File.WriteAllText(Path.Combine(path, "config.json"), """{"model_type": "synthetic", "hidden_size": 4096}""");
        long halves = bytes / 2 / sizeof(ushort) * sizeof(ushort);
        int shards = (int)((halves + LargestShard - 1) / LargestShard);
        for (int shard = 0; shard < shards; shard++)
        {
            long length = halves / shards / sizeof(ushort) * sizeof(ushort);
            string name = string.Create(CultureInfo.InvariantCulture, $"model-{shard + 1:d5}-of-{shards:d5}.safetensors");
            WriteShard(Path.Combine(path, name), [.. new LargeModel(NextShard()).Tensors(length, cancellationToken)]);
        }

        foreach ((string name, Dtype dtype) in new[] { ("fp32", Dtype.F32), ("fp16", Dtype.F16), ("int8", Dtype.I8) })
        {
            WriteShard(Path.Combine(path, $"model.{name}.safetensors"), [.. Matrices(dtype, bytes * 15 / 100, cancellationToken)]);
        }

        var noise = new SplitMix64(NextShard() << 40);
        AtomicFile.Write(Path.Combine(path, "optimizer", "state.bin"), stream => Fill(stream, bytes * 4 / 100, buffer => FillNoise(buffer, ref noise), cancellationToken));
        AtomicFile.Write(Path.Combine(path, "tokenizer.json"), stream => WriteTokenizer(stream, bytes / 100));
    }

    private ulong NextShard() => (seed * TensorsOfSeed) + (++_shard * TensorsOfShard);

    private static void WriteShard(string path, SafetensorsTensor[] tensors) =>
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, tensors, SafetensorsWriter.PyTorchMetadata));

    private IEnumerable<SafetensorsTensor> Matrices(Dtype dtype, long bytes, CancellationToken cancellationToken)
    {
        const long Rows = 16_384;
        int size = dtype.BitWidth() / 8;
        byte[] elements = dtype is Dtype.I8
            ? Elements.OfIntegers(Array.ConvertAll(_bell, static value => Math.Clamp((long)(value * 32 / Sigma), -127, 127)), dtype)
            : Elements.OfFloats(_bell, dtype);
        ulong first = NextShard();
        long rows = bytes / (Width * size);
        for (ulong layer = 0; rows > 0; layer++)
        {
            long fitting = Math.Min(rows, Rows);
            rows -= fitting;
            ulong number = first + layer;
            var info = new TensorInfo($"layers.{layer}.weight", dtype, [(ulong)fitting, Width]);
            yield return new SafetensorsTensor(info, stream =>
            {
                var random = new SplitMix64(number << 40);
                Fill(stream, fitting * Width * size, buffer => FillElements(buffer, elements, size, ref random), cancellationToken);
            });
        }
    }

    private void Fill(Stream stream, long length, FillBuffer fill, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> buffer = _buffer.AsSpan(0, (int)Math.Min(length, _buffer.Length));
            fill(buffer);
            stream.Write(buffer);
            length -= buffer.Length;
        }
    }

    private static void FillElements(Span<byte> buffer, byte[] table, int size, ref SplitMix64 random)
    {
        for (int i = 0; i < buffer.Length; i += size)
        {
            ulong draw = random.Next();
            table.AsSpan((int)(draw & (TableSize - 1)) * size, size).CopyTo(buffer[i..]);
            if (size == sizeof(float))
            {
                // A table has too few values for all bits of an F32.
                BinaryPrimitives.WriteUInt16LittleEndian(buffer[i..], (ushort)(draw >> 48));
            }
        }
    }

    private static void FillNoise(Span<byte> buffer, ref SplitMix64 random)
    {
        foreach (ref ulong value in MemoryMarshal.Cast<byte, ulong>(buffer))
        {
            value = BitConverter.IsLittleEndian ? random.Next() : BinaryPrimitives.ReverseEndianness(random.Next());
        }
    }

    /// <summary>A vocabulary: made-up words, numbered.</summary>
    private void WriteTokenizer(Stream stream, long bytes)
    {
        var random = new SplitMix64(NextShard() << 40);
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write("{\"vocab\": {");
        for (long number = 0, written = 0; written < bytes; number++)
        {
            char[] word = new char[2 + random.Below(10)];
            foreach (ref char letter in word.AsSpan())
            {
                letter = "etaoinshrdlucmfwygpbvkxqjz"[(int)Math.Min(random.Below(26), random.Below(26))];
            }

            string entry = string.Create(CultureInfo.InvariantCulture, $"{(number > 0 ? ", " : "")}\"{new string(word)}{number}\": {number}");
            writer.Write(entry);
            written += entry.Length;
        }

        writer.Write("}}");
    }

    private delegate void FillBuffer(Span<byte> buffer);
}
