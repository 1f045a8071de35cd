using ModelPack.Coding;
using ModelPack.Comparison.Peers;

namespace ModelPack.Benchmarks.Peers;

/// <summary>One plane coder without the rooms around it. Packing includes counting the plane, which every plane needs.</summary>
internal sealed class PlaneCoderPeer(CoderId id) : IPeer
{
    private readonly IPlaneCoder _coder = PlaneCoders.Get(id);
    private readonly PlaneHistogram _histogram = new();
    private readonly CodingWorkspace _workspace = new();

    public string Name => _coder.Name;

    // A coder may be given a plane it does not suit; none needs more than twice its bytes and a table.
    public int MaxPackedLength(int originalLength) => checked((2 * originalLength) + 4096);

    public int Pack(ArraySegment<byte> original, ArraySegment<byte> packed)
    {
        _histogram.Count(original);
        if (!_coder.TryEncode(original, _histogram, packed, _workspace, out int written))
        {
            PeerThrow.NoRoom(this, packed.Count);
        }

        return written;
    }

    public void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored) => _coder.Decode(packed, restored, _workspace);
}
