using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ModelPack.TestModels.Numbers;
using ModelPack.TestModels.Safetensors;

namespace ModelPack.TestModels.Generation;

/// <summary>
/// A BF16 language model of any size. Each value is drawn from a bell-shaped table by a counter-based generator, so that
/// nothing repeats, and each row has its own scale; all that is held in memory is the tables and one buffer.
/// </summary>
/// <param name="firstTensor">Number of the first tensor: models whose tensors have other numbers share no weights.</param>
internal sealed class LargeModel(ulong firstTensor = 1)
{
    private const int Hidden = 4096;
    private const int TableSize = 1 << 16;
    private const int BufferBytes = 4 << 20;
    private const double Sigma = 0.02;

    // BF16 exponents start at bit 7.
    private const int ExponentShift = 7;

    private static readonly (string Name, ulong Rows)[] LayerMatrices =
    [
        ("self_attn.q_proj", 4096), ("self_attn.k_proj", 1024), ("self_attn.v_proj", 1024), ("self_attn.o_proj", 4096),
        ("mlp.gate_proj", 14336), ("mlp.up_proj", 14336), ("mlp.down_proj", 14336),
    ];

    // One table for each eighth of an octave; whole octaves are added to the exponent.
    private readonly ushort[][] _tables = MakeTables();
    private readonly byte[] _buffer = new byte[BufferBytes];

    /// <summary>Lays out and describes a model.</summary>
    /// <param name="bytes">Bytes of all tensors together; even.</param>
    /// <param name="cancellationToken">Stops between buffers.</param>
    public IEnumerable<SafetensorsTensor> Tensors(long bytes, CancellationToken cancellationToken)
    {
        if (bytes < 0 || bytes % sizeof(ushort) != 0)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"{bytes} bytes are not a whole number of BF16 values");
        }

        ulong rest = (ulong)bytes / sizeof(ushort);
        ulong seed = firstTensor;
        for (int layer = 0; rest >= Hidden; layer++)
        {
            foreach ((string name, ulong rows) in LayerMatrices)
            {
                ulong fitting = Math.Min(rows, rest / Hidden);
                if (fitting > 0)
                {
                    rest -= fitting * Hidden;
                    yield return Tensor($"model.layers.{layer}.{name}.weight", [fitting, Hidden], seed++, cancellationToken);
                }
            }
        }

        if (rest > 0)
        {
            yield return Tensor("model.norm.weight", [rest], seed++, cancellationToken);
        }
    }

    private static ushort[][] MakeTables()
    {
        double[] bell = Bell.Table(seed: 21, TableSize);
        return
        [
            .. Enumerable.Range(0, Bell.StepsPerOctave).Select(step =>
                Array.ConvertAll(bell, value => FloatConversion.ToBF16(BitConverter.SingleToUInt32Bits((float)(value * Sigma * Bell.Scale(step)))))),
        ];
    }

    private SafetensorsTensor Tensor(string name, ulong[] shape, ulong seed, CancellationToken cancellationToken)
    {
        var info = new TensorInfo(name, Dtype.BF16, [.. shape]);
        long length = SafetensorsTensor.LengthOf(info);
        return new SafetensorsTensor(info, output => WriteWeights(output, length, seed, cancellationToken));
    }

    private void WriteWeights(Stream output, long length, ulong seed, CancellationToken cancellationToken)
    {
        const int RowBytes = Hidden * sizeof(ushort);

        // SplitMix64 adds an odd constant to its state at each draw, so states that differ by a multiple of 2^40 are at least
        // 2^40 draws apart: no two tensors share a run of values.
        var random = new SplitMix64(seed << 40);
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> buffer = _buffer.AsSpan(0, (int)Math.Min(length, BufferBytes));
            for (int row = 0; row < buffer.Length; row += RowBytes)
            {
                FillRow(buffer.Slice(row, Math.Min(RowBytes, buffer.Length - row)), ref random);
            }

            output.Write(buffer);
            length -= buffer.Length;
        }
    }

    private void FillRow(Span<byte> row, ref SplitMix64 random)
    {
        int steps = Bell.NextScale(ref random);
        ReadOnlySpan<ushort> table = _tables[steps & (Bell.StepsPerOctave - 1)];
        int octaves = (steps >> 3) << ExponentShift;
        Span<ulong> fours = MemoryMarshal.Cast<byte, ulong>(row);
        foreach (ref ulong four in fours)
        {
            ulong draw = random.Next();
            ulong values = (ushort)(table[(ushort)draw] + octaves);
            values |= (ulong)(ushort)(table[(ushort)(draw >> 16)] + octaves) << 16;
            values |= (ulong)(ushort)(table[(ushort)(draw >> 32)] + octaves) << 32;
            values |= (ulong)(ushort)(table[(int)(draw >> 48)] + octaves) << 48;
            four = BitConverter.IsLittleEndian ? values : BinaryPrimitives.ReverseEndianness(values);
        }

        for (int i = fours.Length * sizeof(ulong); i < row.Length; i += sizeof(ushort))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(row[i..], (ushort)(table[(ushort)random.Next()] + octaves));
        }
    }
}
