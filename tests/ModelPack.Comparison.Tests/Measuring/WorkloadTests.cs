using ModelPack.Comparison.Measuring;
using ModelPack.Comparison.Peers;

namespace ModelPack.Comparison.Tests.Measuring;

public sealed class WorkloadTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 1)]
    [InlineData(6, 2)]
    [InlineData(11, 3)]
    public void Pieces_are_there_as_often_as_it_takes(int leastLength, int copies)
    {
        var workload = new Workload([[1, 2, 3], [4, 5]], leastLength, [new Flipping(0)]);
        Assert.Equal(copies, workload.Copies);
        Assert.Equal(5 * copies, workload.Length);
    }

    [Fact]
    public void Every_copy_is_packed_and_restored_and_the_length_is_that_of_one()
    {
        var workload = new Workload([[1, 2, 3], [4, 5]], 10, [new Flipping(0)]);
        workload.Pack(new Flipping(0));
        workload.Forget();
        Assert.False(workload.IsRestored);
        workload.Unpack(new Flipping(0));
        Assert.True(workload.IsRestored);
        // One byte more for each piece.
        Assert.Equal(7, workload.PackedLength);
    }

    [Fact]
    public void A_byte_that_is_not_restored_shows()
    {
        var workload = new Workload([[1, 2, 3]], 0, [new Flipping(1)]);
        workload.CopyMemory();
        Assert.True(workload.IsRestored);
        workload.Pack(new Flipping(1));
        workload.Forget();
        workload.Unpack(new Flipping(1));
        Assert.False(workload.IsRestored);
    }

    /// <summary>Packs to one byte more; leaves some of the last bytes out when it unpacks.</summary>
    private sealed class Flipping(int leftOut) : IPeer
    {
        public string Name => "flipping";

        public int MaxPackedLength(int originalLength) => originalLength + 1;

        public int Pack(ArraySegment<byte> original, ArraySegment<byte> packed)
        {
            for (int i = 0; i < original.Count; i++)
            {
                packed[i] = (byte)~original[i];
            }

            return original.Count + 1;
        }

        public void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored)
        {
            for (int i = 0; i < restored.Count - leftOut; i++)
            {
                restored[i] = (byte)~packed[i];
            }
        }
    }
}
