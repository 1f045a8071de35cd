using ModelPack.Benchmarks.Models;
using ModelPack.Benchmarks.Peers;
using ModelPack.Comparison.Measuring;
using ModelPack.Comparison.Peers;

namespace ModelPack.Benchmarks.Tests.Peers;

public sealed class PeerCatalogTests
{
    private const string Model = "transformer_bf16.safetensors";

    [Fact]
    public void Every_peer_restores_a_model_and_saves_something_where_it_can()
    {
        byte[] file = File.ReadAllBytes(ModelFiles.PathOf(Model));
        IReadOnlyList<IPeer> peers = [.. PeerCatalog.Fast(Model), .. PeerCatalog.Slow().Select(slow => slow.Peer)];
        Assert.All(peers, peer =>
        {
            long packed = PackedLength(peer, file);
            // LZ4 and Snappy find next to nothing in such weights and may end up a little above.
            Assert.InRange(packed, file.Length / 2, file.Length + (file.Length / 200));
        });
    }

    [Fact]
    public void Random_bytes_fit_into_the_room_that_each_peer_asks_for()
    {
        byte[] noise = new byte[300_000];
        new Random(7).NextBytes(noise);
        Assert.All(PeerCatalog.Fast("noise.bin"), peer => Assert.InRange(PackedLength(peer, noise), noise.Length, peer.MaxPackedLength(noise.Length)));
    }

    [Fact]
    public void ModelPack_is_given_the_file_as_a_model()
    {
        byte[] file = File.ReadAllBytes(ModelFiles.PathOf(Model));
        long asModel = PackedLength(new ModelPackPeer(PackLevel.Default, Model), file);
        // A third of BF16 goes away when exponents are seen; as mere bytes hardly a fifth does.
        Assert.InRange(asModel, file.Length * 6 / 10, file.Length * 7 / 10);
    }

    [Fact]
    public void A_program_that_is_not_installed_has_no_length_and_no_version()
    {
        var missing = new CommandLinePeer("modelpack-no-such-program", [], "none");
        Assert.Null(missing.PackedLength("any"));
        Assert.Null(missing.Version());
    }

    [Fact]
    public void Names_are_different()
    {
        string[] names =
        [
            .. PeerCatalog.Fast("a").Select(peer => peer.Name), .. PeerCatalog.Slow().Select(slow => slow.Peer.Name),
            .. PeerCatalog.FastPrograms.Concat(PeerCatalog.SlowPrograms).Select(program => program.Name), PeerCatalog.MemoryCopy,
        ];
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    private static long PackedLength(IPeer peer, byte[] file)
    {
        var workload = new Workload([file], leastLength: 0, [peer]);
        workload.Pack(peer);
        workload.Forget();
        workload.Unpack(peer);
        Assert.True(workload.IsRestored, peer.Name);
        return workload.PackedLength;
    }
}
