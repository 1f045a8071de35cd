using ModelPack.Coding;
using ModelPack.Coding.ContextAns;
using ModelPack.Tests.Contracts;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding;

public sealed class ContextAnsCoderTests : PlaneCoderContract
{
    public static TheoryData<string, int, int> Geometries
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (string values in Enum.GetNames<PlaneValues>().Where(static name => name != nameof(PlaneValues.Unknown)))
            {
                foreach ((int inputs, int taps) in new[] { (64, 9), (32, 1), (256, 1), (48, 9), (33, 9), (7, 25), (1, 9), (3, 49), (40, 2), (5, 64), (700, 1) })
                {
                    data.Add(values, inputs, taps);
                }
            }

            return data;
        }
    }

    protected override string AcceptedKind => "exponents";

    private protected override IPlaneCoder Coder => ContextAnsCoder.Instance;

    // The bytes of SPEC.md, "Example", where each is derived.
    private static byte[] WorkedPlane => [.. Enumerable.Repeat((byte)0x10, 32), .. Enumerable.Repeat((byte)0x20, 32)];

    private static byte[] WorkedCoded =>
    [
        .. Convert.FromHexString("00100121100100" + "00010000" + "00000000" + "00000000" + "E0FF" + "0000" + "0020FF06"),
        .. Convert.FromHexString("7B00038001FCFF000600" + "0003C9D4"),
        .. Enumerable.Repeat<byte[]>([0x00, 0x04, 0x04, 0x00], 32).SelectMany(static state => state),
    ];

    [Fact]
    public void Two_values_give_the_bytes_worked_out_by_hand()
    {
        Assert.True(TryEncode(WorkedPlane, new CodingWorkspace(), out byte[] coded));
        Assert.Equal(WorkedCoded, coded);
        byte[] plane = new byte[64];
        Coder.Decode(WorkedCoded, plane, new CodingWorkspace());
        Assert.Equal(WorkedPlane, plane);
    }

    // SPEC.md, "Contexts".
    [Fact]
    public void Levels_are_those_worked_out_by_hand()
    {
        var grid = new ContextAnsGrid(1300, 1900, 4_000_000);
        Assert.Equal(1536, ContextAnsModel.Prior(28));
        Assert.Equal(2688, ContextAnsModel.Logarithm(1536));
        Assert.Equal(41, ContextAnsModel.Cell(28, 1536, 0, grid));
        Assert.Equal(45, ContextAnsModel.Cell(28, 3600, 1, grid));
    }

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Every_geometry_restores_at_every_place(string values, int inputs, int taps)
    {
        PlaneValues kind = Enum.Parse<PlaneValues>(values);
        int row = inputs * taps;
        byte[] tensor = Make(kind, Math.Max(8, 20_000 / row), inputs, taps);
        var random = new Random(row);
        var workspace = new CodingWorkspace();
        foreach (int length in new[] { 1, 63, 64, 65, row, (3 * row) + 1, tensor.Length })
        {
            foreach (int start in new[] { 0, 1, taps, row - 1, random.Next(row) })
            {
                int take = Math.Min(length, tensor.Length - start);
                AssertRestores(tensor.AsSpan(start, take).ToArray(), new PlaneGeometry(kind, row, taps, start), workspace);
            }
        }
    }

    [Fact]
    public void A_geometry_that_makes_no_sense_restores()
    {
        byte[] plane = SeededPlanes.Make("bell-int8", 3000);
        foreach ((int row, int tile) in new[] { (0, 0), (10, 3), (1 << 24, 1), (1 << 24, 1 << 24), (5, 5), (65, 65), (-1, 1) })
        {
            AssertRestores(plane, new PlaneGeometry(PlaneValues.Signed, row, tile, 0), new CodingWorkspace());
        }
    }

    [Fact]
    public void Contexts_save_what_rows_columns_and_tiles_tell()
    {
        byte[] plane = Make(PlaneValues.Signed, 128, 64, 9);
        byte[] blind = Encode(plane, default, new CodingWorkspace());
        byte[] seeing = Encode(plane, new PlaneGeometry(PlaneValues.Signed, 64 * 9, 9, 0), new CodingWorkspace());
        Assert.InRange((double)seeing.Length / blind.Length, 0.5, 0.96);
    }

    [Theory]
    [InlineData(PlaneValues.Unsigned)]
    [InlineData(PlaneValues.RotatedExponents)]
    public void No_flipped_bit_goes_unnoticed_with_tiles_and_literals(object values)
    {
        byte[] plane = Make((PlaneValues)values, 30, 8, 9);
        for (int i = 100; i < plane.Length; i += 300)
        {
            plane[i] = (byte)i;
        }

        var workspace = new CodingWorkspace();
        byte[] coded = Encode(plane, new PlaneGeometry((PlaneValues)values, 72, 9, 5), workspace);
        byte[] restored = new byte[plane.Length];
        for (int bit = 0; bit < coded.Length * 8; bit++)
        {
            coded[bit / 8] ^= (byte)(1 << (bit % 8));
            Exception? exception = Record.Exception(() => Coder.Decode(coded, restored, workspace));
            Assert.True(exception is ModelPackException { Error: ModelPackError.Corrupt } || (exception is null && !restored.SequenceEqual(plane)));
            coded[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void All_byte_values_restore_with_the_rarest_as_marker()
    {
        byte[] plane = [.. SeededPlanes.Make("bell-int8", 20_000), .. Enumerable.Range(0, 256).Select(static value => (byte)value)];
        AssertRestores(plane, new PlaneGeometry(PlaneValues.Signed, 500, 1, 0), new CodingWorkspace());
    }

    private static byte[] Make(PlaneValues values, int outputs, int inputs, int taps)
    {
        double[] weights = ScaledWeights.Make(outputs, inputs, taps);
        return values switch
        {
            PlaneValues.RotatedExponents => ScaledWeights.AsRotatedExponents(weights),
            PlaneValues.HalfExponents => ScaledWeights.AsHalfExponents(weights),
            PlaneValues.Unsigned => ScaledWeights.AsIntegers(weights, 127),
            _ => ScaledWeights.AsIntegers(weights, 0),
        };
    }

    private static byte[] Encode(byte[] plane, PlaneGeometry geometry, CodingWorkspace workspace)
    {
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] room = new byte[(2 * plane.Length) + 8192];
        Assert.True(ContextAnsCoder.TryEncode(plane, histogram, geometry, room, workspace, out int written));
        return room[..written];
    }

    private void AssertRestores(byte[] plane, PlaneGeometry geometry, CodingWorkspace workspace)
    {
        byte[] coded = Encode(plane, geometry, workspace);
        byte[] restored = new byte[plane.Length];
        Coder.Decode(coded, restored, workspace);
        Assert.Equal(plane, restored);
    }
}
