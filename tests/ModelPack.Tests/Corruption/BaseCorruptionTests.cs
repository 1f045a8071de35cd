using ModelPack.Tests.Support;

namespace ModelPack.Tests.Corruption;

/// <summary>A container cannot make a reader leave the files of the base, or take one that it does not describe.</summary>
public sealed class BaseCorruptionTests : IDisposable
{
    private const byte BlockKind = 2, DifferenceForm = 2, BaseKind = 5;

    /// <summary>Offsets in the payload of the one difference: operation, piece count, length of 8192 in two bytes, file, offset in eight.</summary>
    private const int Operation = 0, Count = 1, PieceLength = 2, PieceFile = 4, PieceOffset = 5;

    private static readonly byte[] Model = SmallModels.Safetensors(("w", "F32", [2048], SmallModels.Float32Weights(2048, 1)));

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _packed;

    public BaseCorruptionTests()
    {
        _folder.Write("base", Model);
        _folder.Write("model", Model);
        ModelPacker.Pack(_folder["model"], _folder["m.mpk"], new PackOptions { Base = _folder["base"] });
        _packed = File.ReadAllBytes(_folder["m.mpk"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_payload_is_as_these_tests_need_it()
    {
        int offset = PayloadOffset();
        Assert.Equal([0, 1, 0x80, 0x40, 1, (byte)(Model.Length - 8192), 0, 0, 0, 0, 0, 0, 0], _packed[offset..(offset + 13)]);
        Assert.Equal(Model, Restore(_packed));
    }

    [Theory]
    [InlineData(Operation, 6, ModelPackError.Unsupported)]
    [InlineData(Operation, 1, ModelPackError.Corrupt)] // nothing follows that could be a difference
    [InlineData(Count, 0, ModelPackError.Corrupt)]
    [InlineData(Count, 2, ModelPackError.Corrupt)]
    [InlineData(Count, 0x80, ModelPackError.Corrupt)]
    [InlineData(PieceLength, 0x81, ModelPackError.Corrupt)] // a byte more than the block
    [InlineData(PieceLength + 1, 0x3F, ModelPackError.Corrupt)] // less than the block
    [InlineData(PieceFile, 0, ModelPackError.Corrupt)]
    [InlineData(PieceFile, 2, ModelPackError.Corrupt)]
    [InlineData(PieceFile, 0x7F, ModelPackError.Corrupt)]
    [InlineData(PieceOffset + 1, 1, ModelPackError.Corrupt)] // beyond the end of the file
    [InlineData(PieceOffset + 7, 0x80, ModelPackError.Corrupt)] // beyond 2^63
    [InlineData(PieceOffset + 7, 0x7F, ModelPackError.Corrupt)]
    [InlineData(PieceOffset, 0, ModelPackError.Corrupt)] // other bytes than those of the block's checksum
    public void A_reference_that_breaks_a_rule_is_refused(int position, byte value, ModelPackError error)
    {
        byte[] forged = [.. _packed];
        forged[PayloadOffset() + position] = value;
        ModelPackException exception = Assert.Throws<ModelPackException>(() => Restore(forged));
        Assert.Equal(error, exception.Error);
        Assert.InRange(exception.Offset ?? 0, PayloadOffset(), PayloadOffset() + 13);
        _folder.Write("forged", forged);
        using PackedModel model = PackedModel.Open(_folder["forged"], _folder["base"]);
        Assert.Equal(error, Assert.Throws<ModelPackException>(() => model.ReadTensor(model.FindTensor("w"), new byte[8192])).Error);
    }

    [Theory]
    [InlineData(0)] // none announced
    [InlineData(1)] // announced is something else
    public void A_base_that_the_header_does_not_announce_is_refused(byte features)
    {
        byte[] forged = [.. _packed];
        Assert.Equal(2, forged[12]);
        forged[12] = features;
        ContainerFrames.WithChecks(forged);
        Assert.Throws<ModelPackException>(() => Restore(forged));
        _folder.Write("forged", forged);
        Assert.Throws<ModelPackException>(() => PackedModel.Open(_folder["forged"]));
    }

    [Fact]
    public void A_base_that_is_announced_must_be_there()
    {
        byte[] forged = Packing.Pack(Model);
        forged[12] = 2;
        ContainerFrames.WithChecks(forged);
        Assert.Contains("the first frame", Assert.Throws<ModelPackException>(() => Restore(forged)).Reason, StringComparison.Ordinal);
        _folder.Write("forged", forged);
        Assert.Throws<ModelPackException>(() => PackedModel.Open(_folder["forged"]));
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        Assert.Equal([0], ContainerFrames.Find(_packed, BaseKind, 0));
        for (int length = 0; length < _packed.Length; length++)
        {
            Assert.Throws<ModelPackException>(() => Restore(_packed[..length]));
        }
    }

    [Fact]
    public void Every_flipped_bit_is_refused()
    {
        byte[] damaged = [.. _packed];
        for (int bit = 0; bit < 8 * _packed.Length; bit++)
        {
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<ModelPackException>(() => Restore(damaged));
            damaged[bit / 8] = _packed[bit / 8];
        }
    }

    private int PayloadOffset()
    {
        int ordinal = ContainerFrames.Find(_packed, BlockKind, DifferenceForm)[^1];
        return ContainerFrames.Offsets(_packed)[ordinal] + ContainerFrames.HeaderLength;
    }

    private byte[] Restore(byte[] packed)
    {
        byte[] restored = new byte[Model.Length];
        ModelPacker.Unpack(packed, restored, new UnpackOptions { Base = _folder["base"], Threads = 1 });
        return restored;
    }
}
