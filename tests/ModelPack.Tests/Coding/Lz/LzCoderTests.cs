using ModelPack.Coding;
using ModelPack.Coding.Lz;
using ModelPack.Tests.Contracts;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Coding.Lz;

public sealed class LzCoderTests : PlaneCoderContract
{
    protected override string AcceptedKind => "text";

    private protected override IPlaneCoder Coder => LzCoder.Instance;

    [Fact]
    public void Reads_the_example_of_the_specification()
    {
        byte[] plane = new byte[7];
        Coder.Decode(Convert.FromHexString("960F90DF0001010011222A616263"), plane, new CodingWorkspace());
        Assert.Equal("abababc"u8.ToArray(), plane);
    }

    [Theory]
    [MemberData(nameof(Planes))]
    public void Looking_harder_restores_every_byte_as_well(string kind, int length)
    {
        byte[] plane = SeededPlanes.Make(kind, length);
        Assert.True(TryEncode(plane, Thorough(), out byte[] coded));
        AssertDecodes(coded, plane);
    }

    [Theory]
    [InlineData("text", 200_000)]
    [InlineData("runs", 100_000)]
    [InlineData("sparse", 100_000)]
    public void Looking_harder_takes_fewer_bytes(string kind, int length)
    {
        byte[] plane = SeededPlanes.Make(kind, length);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] quick));
        Assert.True(TryEncode(plane, Thorough(), out byte[] thorough));
        Assert.InRange(thorough.Length, 1, quick.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Units_of_several_bytes_come_back(int unitShift)
    {
        foreach (bool isOfFloats in new[] { false, true })
        {
            foreach (CodingWorkspace workspace in new[] { new CodingWorkspace(), Thorough() })
            {
                foreach (int units in new[] { 1, 2, 3, 5, 9, 100, 1001, 30_000 })
                {
                    // Units of 300 values, so that many come back alone, and a part that comes back as a whole.
                    byte[] values = SeededPlanes.Make("uniform", 300 << unitShift);
                    var random = new Random(units);
                    byte[] plane = [.. Enumerable.Range(0, units).SelectMany(_ => values.AsSpan(random.Next(300) << unitShift, 1 << unitShift).ToArray())];
                    plane.AsSpan(0, plane.Length / 3 >> unitShift << unitShift).CopyTo(plane.AsSpan(plane.Length / 2 >> unitShift << unitShift));

                    // What a number of two bytes costs is not more than a distance.
                    bool isWorthIt = TryEncodeUnits(plane, unitShift, isOfFloats, workspace, out byte[] coded);
                    Assert.True(isWorthIt || (unitShift == 1 && units > 8192));
                    if (isWorthIt)
                    {
                        AssertDecodes(coded, plane);
                    }
                }
            }
        }
    }

    [Fact]
    public void Repetitions_are_found_at_any_distance()
    {
        byte[] noise = SeededPlanes.Make("uniform", 3_000_000);
        byte[] plane = [.. noise, .. noise, 1, .. noise[^100_000..]];
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.InRange(coded.Length, noise.Length, noise.Length + 1000);
        AssertDecodes(coded, plane);
    }

    [Fact]
    public void A_run_of_the_longest_plane_takes_a_few_bytes()
    {
        byte[] plane = new byte[PlaneLimits.MaxPlaneLength];
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.InRange(coded.Length, 1, 100);
        AssertDecodes(coded, plane);
    }

    [Theory]
    [InlineData("text", 0.12)]
    [InlineData("runs", 0.12)]
    public void What_repeats_gets_small(string kind, double ratio)
    {
        byte[] plane = SeededPlanes.Make(kind, 300_000);
        Assert.True(TryEncode(plane, new CodingWorkspace(), out byte[] coded));
        Assert.InRange(coded.Length, 1, (int)(plane.Length * ratio));
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("bell-int8")]
    public void What_does_not_repeat_is_given_up(string kind)
    {
        byte[] plane = SeededPlanes.Make(kind, 300_000);
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        Assert.False(LzCoder.TryEncodeIfPromising(plane, histogram, 0, false, new byte[plane.Length], new CodingWorkspace(), out int written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void Nothing_of_one_plane_is_left_for_the_next()
    {
        foreach (CodingWorkspace workspace in new[] { new CodingWorkspace(), Thorough() })
        {
            foreach (int length in new[] { 50_000, 100, 3000, 100, 50_000, 1 })
            {
                byte[] plane = SeededPlanes.Make("text", length);
                Assert.True(TryEncode(plane, new CodingWorkspace { LzEffort = workspace.LzEffort }, out byte[] fresh));
                Assert.True(TryEncode(plane, workspace, out byte[] used));
                Assert.Equal(fresh, used);
            }
        }
    }

    [Theory]
    [InlineData(0.26, 0)]
    [InlineData(0.50, 2)]
    public void A_table_of_sines_gets_small(double ratio, int unitShift)
    {
        byte[] table = SineTable.OfFloat32(128);
        Assert.True(TryEncodeUnits(table, unitShift, isOfFloats: true, new CodingWorkspace(), out byte[] coded));
        Assert.InRange(coded.Length, 1, (int)(table.Length * ratio));
        AssertDecodes(coded, table);
    }

    private static CodingWorkspace Thorough() => new() { LzEffort = LzEffort.Thorough };

    private static bool TryEncodeUnits(byte[] plane, int unitShift, bool isOfFloats, CodingWorkspace workspace, out byte[] coded)
    {
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] room = new byte[(2 * plane.Length) + 4096];
        bool isWorthIt = LzCoder.TryEncodeIfPromising(plane, histogram, unitShift, isOfFloats, room, workspace, out int written);
        coded = room[..written];
        return isWorthIt;
    }

    private void AssertDecodes(byte[] coded, byte[] plane)
    {
        byte[] restored = new byte[plane.Length];
        Coder.Decode(coded, restored, new CodingWorkspace());
        Assert.Equal(plane, restored);
    }
}
