using ModelPack.Formats;
using ModelPack.Pipeline.External;

namespace ModelPack.Tests.Pipeline.External;

/// <summary>What becomes of the bytes of a data file when models name its regions, or fight over them.</summary>
public sealed class DataFileMapTests
{
    [Fact]
    public void Regions_are_tensors_and_the_rest_is_structure()
    {
        SegmentMap map = Make(100, Region(13, "b", Dtype.F16, 3), Region(40, "a", Dtype.F32, 2, 5));
        Assert.Equal(ModelFormat.OnnxExternalData, map.Format);
        Assert.Equal([(0, 13, ""), (13, 6, "b"), (19, 21, ""), (40, 40, "a"), (80, 20, "")], Segments(map));
        Assert.Equal([2ul, 5ul], map.Tensors[1].Shape.AsEnumerable());
        Assert.Equal(Dtype.F32, map.Tensors[1].Dtype);
    }

    [Fact]
    public void Equal_regions_are_the_tensor_that_is_named_first()
    {
        SegmentMap map = Make(8, Region(0, "first", Dtype.F16, 4), Region(0, "second", Dtype.F32, 2), Region(0, "third", Dtype.F16, 2, 2));
        Assert.Equal([(0, 8, "first")], Segments(map));
        Assert.Single(map.Tensors);
    }

    [Fact]
    public void The_longest_of_those_that_start_together_wins_and_what_it_holds_is_no_tensor()
    {
        SegmentMap map = Make(32, Region(0, "short", Dtype.F32, 2), Region(0, "long", Dtype.F32, 8), Region(4, "inside", Dtype.U8, 20));
        Assert.Equal([(0, 32, "long")], Segments(map));
    }

    [Fact]
    public void What_is_left_of_a_region_that_is_cut_keeps_whole_elements()
    {
        // 'b' holds F32 at 6, 10, 14, 18, 22; the first that starts behind 'a' is that at 14.
        SegmentMap map = Make(30, Region(0, "a", Dtype.U8, 12), Region(6, "b", Dtype.F32, 5));
        Assert.Equal([(0, 12, "a"), (12, 2, ""), (14, 12, "b[2:]"), (26, 4, "")], Segments(map));
        Assert.Equal([3ul], map.Tensors[1].Shape.AsEnumerable());
    }

    [Fact]
    public void Elements_below_a_byte_are_counted()
    {
        // 21 nibbles in 11 bytes; three bytes are cut.
        SegmentMap map = Make(14, Region(0, "a", Dtype.U8, 6), Region(3, "b", Dtype.I4, 3, 7));
        Assert.Equal([(0, 6, "a"), (6, 8, "b[6:]")], Segments(map));
        Assert.Equal([15ul], map.Tensors[1].Shape.AsEnumerable());
    }

    [Fact]
    public void A_rest_below_an_element_is_structure()
    {
        SegmentMap map = Make(20, Region(0, "a", Dtype.U8, 10), Region(8, "b", Dtype.F64, 1), Region(8, "c", Dtype.U8, 12));
        Assert.Equal([(0, 10, "a"), (10, 10, "c[2:]")], Segments(map));
        map = Make(20, Region(0, "a", Dtype.U8, 10), Region(8, "b", Dtype.F64, 1));
        Assert.Equal([(0, 10, "a"), (10, 10, "")], Segments(map));
    }

    [Fact]
    public void Names_stay_apart()
    {
        SegmentMap map = Make(12, Region(0, "w", Dtype.F16, 2), Region(4, "w", Dtype.F16, 2), Region(8, "w#2", Dtype.F16, 2));
        Assert.Equal(["w", "w#2", "w#2#2"], map.Tensors.Select(tensor => tensor.Name));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_regions_give_a_map_that_covers_the_file_whatever_their_order(int seed)
    {
        var random = new Random(seed);
        Dtype[] dtypes = [Dtype.U8, Dtype.F16, Dtype.F32, Dtype.F64, Dtype.I4, Dtype.U2, Dtype.C128];
        for (int round = 0; round < 300; round++)
        {
            int length = random.Next(1, 400);
            DataRegion[] regions =
            [
                .. Enumerable.Range(0, random.Next(30)).Select(i => Region(random.Next(length), $"t{random.Next(6)}", dtypes[random.Next(dtypes.Length)], (ulong)random.Next(1, 40)))
                    .Where(region => region.Offset + region.Length <= length),
            ];
            SegmentMap map = Make(length, regions);
            AssertCovers(map, length);

            // Every byte that a region names belongs to a tensor, but for less than an element behind a cut.
            for (int at = 0; at < length; at++)
            {
                DataRegion[] naming = [.. regions.Where(region => at >= region.Offset && at < region.Offset + region.Length)];
                bool isTensor = map.Segments.Any(segment => !segment.IsStructure && at >= segment.Offset && at < segment.End);
                Assert.True(naming.Length > 0 || !isTensor);
            }

            Assert.Equal(Segments(map), Segments(Make(length, [.. regions.Select((region, i) => (region, i)).OrderBy(entry => entry.region.Offset).ThenBy(entry => entry.i).Select(entry => entry.region)])));
        }
    }

    [Fact]
    public void A_million_regions_that_all_overlap_are_no_trouble()
    {
        const int Count = 1_000_000;
        TensorInfo tensor = new("w", Dtype.F32, [1000]);
        var regions = new List<DataRegion>(Count);
        for (int i = Count; i-- > 0;)
        {
            regions.Add(new DataRegion(i, 4000, tensor));
        }

        SegmentMap map = DataFileMap.Make(Count + 4000, regions, CancellationToken.None);
        AssertCovers(map, Count + 4000);
        Assert.InRange(map.Segments.Length, 1, 2 * Count);
    }

    private static SegmentMap Make(long length, params DataRegion[] regions) => DataFileMap.Make(length, [.. regions], CancellationToken.None);

    private static DataRegion Region(long offset, string name, Dtype dtype, params ulong[] shape)
    {
        long bits = shape.Aggregate((long)dtype.BitWidth(), (product, size) => product * (long)size);
        return new DataRegion(offset, (bits + 7) / 8, new TensorInfo(name, dtype, [.. shape]));
    }

    private static (int Offset, int Length, string Tensor)[] Segments(SegmentMap map) =>
        [.. map.Segments.Select(segment => ((int)segment.Offset, (int)segment.Length, segment.IsStructure ? "" : map.Tensors[segment.TensorIndex].Name))];

    private static void AssertCovers(SegmentMap map, long length)
    {
        long position = 0;
        foreach (Segment segment in map.Segments)
        {
            Assert.Equal(position, segment.Offset);
            Assert.True(segment.Length > 0);
            position = segment.End;
        }

        Assert.Equal(length, position);
        Assert.Equal(map.Tensors.Length, map.Tensors.Select(tensor => tensor.Name).Distinct().Count());
        foreach (IGrouping<int, Segment> tensor in map.Segments.Where(segment => !segment.IsStructure).GroupBy(segment => segment.TensorIndex))
        {
            TensorInfo info = map.Tensors[tensor.Key];
            ulong bits = info.Shape.Aggregate((ulong)info.Dtype.BitWidth(), (product, size) => product * size);
            Assert.Equal((long)((bits + 7) / 8), Assert.Single(tensor).Length);
        }
    }
}
