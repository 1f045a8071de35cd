using System.Runtime.InteropServices;
using ModelPack.TestModels.Onnx;
using static ModelPack.TestModels.Generation.OnnxBuilder;
using static ModelPack.TestModels.Onnx.TensorProto.Types;

namespace ModelPack.TestModels.Generation;

/// <summary>
/// An ONNX model of any size that runs: a chain of square matrix products, each followed by Tanh so that values keep their
/// range, with the matrices in data files. One row of input takes two operations for each weight.
/// </summary>
/// <param name="dtype">F32 or F16.</param>
/// <param name="width">Rows and columns of each matrix.</param>
internal sealed class LargeOnnxModel(Dtype dtype, int width)
{
    // As exporters align tensors, so that a reader can map them into memory.
    private const long Alignment = 4096;
    private const int TableSize = 1 << 16;
    private const int MostMatrices = 1 << 16;

    // 2^24 matrices have weights of their own, so 256 seeds share none.
    private const ulong MatricesOfSeed = MostMatrices;
    private const int LeastScale = -2 * Bell.StepsPerOctave;

    private readonly int _elementSize = dtype.BitWidth() / 8;
    private readonly byte[] _row = new byte[width * dtype.BitWidth() / 8];
    private readonly byte[][] _tables = MakeTables(dtype, 1 / Math.Sqrt(width));

    private long MatrixBytes => (long)width * width * _elementSize;

    /// <summary>Writes the data files, then the model.</summary>
    /// <param name="path">The model; the data files lie beside it, named after it.</param>
    /// <param name="bytes">Bytes of all weights together, at least; whole matrices are written.</param>
    /// <param name="fileCount">Data files.</param>
    /// <param name="seed">Where the weights come from.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>Bytes of all weights.</returns>
    public long Write(string path, long bytes, int fileCount, ulong seed, CancellationToken cancellationToken)
    {
        long layers = Math.Max(1, (bytes + MatrixBytes - 1) / MatrixBytes);
        if (layers > MostMatrices || fileCount < 1 || fileCount > layers)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"{layers} matrices of {MatrixBytes} bytes cannot be spread over {fileCount} files");
        }

        var weights = new List<TensorProto>();
        for (int file = 0; file < fileCount; file++)
        {
            string location = LocationOf(path, file);
            int first = (int)(layers * file / fileCount);
            int end = (int)(layers * (file + 1) / fileCount);
            AtomicFile.Write(Path.Combine(Path.GetDirectoryName(path) ?? "", location), stream =>
            {
                for (int layer = first; layer < end; layer++)
                {
                    stream.Position = (stream.Position + Alignment - 1) / Alignment * Alignment;
                    TensorProto tensor = Typed($"w{layer}", dtype == Dtype.F16 ? DataType.Float16 : DataType.Float, width, width);
                    ExternalData.Refer(tensor, location, stream.Position, MatrixBytes);
                    weights.Add(tensor);
                    WriteMatrix(stream, (seed * MatricesOfSeed) + (ulong)layer, cancellationToken);
                }
            });
        }

        byte[] model = Describe(weights);
        AtomicFile.Write(path, stream => stream.Write(model));
        return layers * MatrixBytes;
    }

    /// <summary><c>m.onnx</c> → <c>m.onnx_data</c>, <c>m.onnx_data_1</c> …, as exporters name them.</summary>
    public static string LocationOf(string path, int file) => $"{Path.GetFileName(path)}_data{(file == 0 ? "" : $"_{file}")}";

    private byte[] Describe(List<TensorProto> weights)
    {
        var nodes = new List<NodeProto>();
        string value = "x";
        for (int layer = 0; layer < weights.Count; layer++)
        {
            nodes.Add(Node("MatMul", [value, weights[layer].Name], $"m{layer}"));
            value = layer == weights.Count - 1 ? "y" : $"h{layer}";
            nodes.Add(Node("Tanh", [$"m{layer}"], value));
        }

        DataType type = (DataType)weights[0].DataType;
        return Model("", "", Graph("chain", [.. nodes], [.. weights], [Value("x", type, 1, width)], [Value("y", type, 1, width)])).Contents;
    }

    private void WriteMatrix(Stream output, ulong seed, CancellationToken cancellationToken)
    {
        // As in LargeModel: no two matrices share a run of values.
        var random = new SplitMix64(seed << 40);
        for (int row = 0; row < width; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] table = _tables[Bell.NextScale(ref random) - LeastScale];
            if (_elementSize == sizeof(uint))
            {
                Fill(MemoryMarshal.Cast<byte, uint>(table.AsSpan()), MemoryMarshal.Cast<byte, uint>(_row.AsSpan()), ref random);
            }
            else
            {
                Fill(MemoryMarshal.Cast<byte, ushort>(table.AsSpan()), MemoryMarshal.Cast<byte, ushort>(_row.AsSpan()), ref random);
            }

            output.Write(_row);
        }
    }

    // Elements are moved as they are, so the byte order of the machine does not matter.
    private static void Fill<T>(ReadOnlySpan<T> table, Span<T> row, ref SplitMix64 random)
        where T : unmanaged
    {
        ulong draw = 0;
        for (int i = 0; i < row.Length; i++, draw >>= 16)
        {
            draw = i % 4 == 0 ? random.Next() : draw;
            row[i] = table[(ushort)draw];
        }
    }

    // One table for each scale that a row may have.
    private static byte[][] MakeTables(Dtype dtype, double sigma)
    {
        var random = new SplitMix64(22);
        double[] bell = new double[TableSize];
        foreach (ref double value in bell.AsSpan())
        {
            value = Bell.Next(ref random);
        }

        return
        [
            .. Enumerable.Range(LeastScale, (-2 * LeastScale) + 1)
                .Select(scale => Elements.OfFloats(Array.ConvertAll(bell, value => value * sigma * Bell.Scale(scale)), dtype)),
        ];
    }
}
