using System.Buffers.Binary;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Corruption;

/// <summary>A reference that names anything but an equal, marked, earlier block is refused, whichever way the container is read.</summary>
public sealed class RepeatCorruptionTests
{
    private const byte BlockKind = 2, RepeatForm = 1;

    /// <summary>Frames: 0 file, 1 header of the file, 2 "a", 3 "b", 4 "x", 5 repeats 2, 6 repeats 3, 7 file end, 8 index.</summary>
    private const int FirstRepeat = 5, SecondRepeat = 6;

    private static readonly byte[] Packed = Pack();

    [Fact]
    public void The_frames_are_as_these_tests_need_them()
    {
        Assert.Equal(9, ContainerFrames.Offsets(Packed).Count);
        Assert.Equal([FirstRepeat, SecondRepeat], ContainerFrames.Find(Packed, BlockKind, RepeatForm));
        Assert.All(Ways([.. Packed]), static way => way());
    }

    [Theory]
    [InlineData(FirstRepeat, 0, "frame 5 repeats the frame 0 before it")] // itself
    [InlineData(FirstRepeat, 6, "frame 5 repeats the frame 6 before it")] // before the first frame
    [InlineData(FirstRepeat, 5, "frame 5 repeats frame 0, which is no block marked for that")] // a file frame
    [InlineData(FirstRepeat, 1, "frame 5 repeats frame 4, which is no block marked for that")] // a block without the mark
    [InlineData(FirstRepeat, 0x80, "variable-length integer is cut off")]
    [InlineData(SecondRepeat, 1, "frame 6 repeats frame 5, which is no block marked for that")] // a repeat
    [InlineData(SecondRepeat, 4, "frame 6 restores 16384 bytes, but frame 2, which it repeats, 8192 or others")]
    public void A_reference_to_what_cannot_be_repeated_is_refused(int frame, byte distance, string reason)
    {
        byte[] forged = [.. Packed];
        forged[ContainerFrames.Offsets(forged)[frame] + ContainerFrames.HeaderLength] = distance;
        AssertRefused(forged, ModelPackError.Corrupt, reason);
    }

    [Fact]
    public void A_block_of_another_checksum_is_not_taken()
    {
        byte[] forged = [.. Packed];
        forged[ContainerFrames.Offsets(forged)[FirstRepeat] + 12] ^= 1;
        AssertRefused(ContainerFrames.WithChecks(forged), ModelPackError.Corrupt, "frame 5 restores 8192 bytes, but frame 2, which it repeats, 8192 or others");
    }

    [Fact]
    public void Damage_in_the_block_that_is_repeated_is_noticed_in_the_repeat()
    {
        byte[] damaged = [.. Packed];
        damaged[ContainerFrames.Offsets(damaged)[2] + 2000] ^= 1;
        using var folder = new TemporaryFolder();
        using PackedModel model = PackedModel.Open(folder.Write("m.mpk", damaged));
        ModelPackException exception = Assert.Throws<ModelPackException>(() => model.ReadTensor(model.FindTensor("a2"), new byte[8192]));
        Assert.InRange(exception.Offset ?? 0, ContainerFrames.Offsets(damaged)[2], ContainerFrames.Offsets(damaged)[3]);
    }

    [Theory]
    [InlineData(1, 2)] // a form of a later version
    [InlineData(2, 1)] // a repeat that is marked
    [InlineData(2, 2)] // a flag of a later version
    [InlineData(3, 1)]
    public void Other_forms_and_flags_are_refused(int offset, byte value)
    {
        byte[] forged = [.. Packed];
        forged[ContainerFrames.Offsets(forged)[FirstRepeat] + offset] = value;
        AssertRefused(ContainerFrames.WithChecks(forged), ModelPackError.Unsupported, "frame 5 of kind 2 has form");
    }

    [Fact]
    public void Repeats_need_their_feature()
    {
        byte[] forged = [.. Packed];
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32LittleEndian(forged.AsSpan(12)));
        forged[12] = 0;
        AssertRefused(ContainerFrames.WithChecks(forged), ModelPackError.Unsupported, "the container needs features 0x00000000");
    }

    [Fact]
    public void Bytes_behind_a_reference_are_refused()
    {
        // One byte of the container more, taken for the payload: the lengths in the index are wrong then, too.
        int end = ContainerFrames.Offsets(Packed)[FirstRepeat] + ContainerFrames.HeaderLength + 1;
        byte[] forged = [.. Packed[..end], 0, .. Packed[end..]];
        forged[ContainerFrames.Offsets(Packed)[FirstRepeat] + 8] = 2;
        using var target = new MemoryStream();
        ModelPackException exception = Assert.Throws<ModelPackException>(
            () => ModelPacker.Unpack(new ForwardStream(ContainerFrames.WithChecks(forged)), "pipe", target));
        Assert.Contains("in a payload of 2 bytes", exception.Reason, StringComparison.Ordinal);
    }

    private static byte[] Pack()
    {
        byte[] a = SmallModels.Float32Weights(2048, 1);
        byte[] b = SmallModels.Float32Weights(4096, 2);
        return Packing.Pack(SmallModels.Safetensors(
            ("a1", "F32", [2048], a), ("b1", "F32", [4096], b), ("x", "F32", [2048], SmallModels.Float32Weights(2048, 3)), ("a2", "F32", [2048], a), ("b2", "F32", [4096], b)));
    }

    private static void AssertRefused(byte[] packed, ModelPackError error, string reason)
    {
        foreach (Action way in Ways(packed))
        {
            ModelPackException exception = Assert.Throws<ModelPackException>(way);
            Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
            Assert.Equal(error, exception.Error);
            Assert.NotNull(exception.Offset);
        }
    }

    /// <summary>A container read from a stream, a pipe, memory, and at its index.</summary>
    private static List<Action> Ways(byte[] packed) =>
    [
        () => Packing.Unpack(packed),
        () => ModelPacker.Unpack(new ForwardStream(packed), "pipe", Stream.Null),
        () => ModelPacker.Unpack(packed, new byte[RestoredLength]),
        () =>
        {
            using var folder = new TemporaryFolder();
            using PackedModel model = PackedModel.Open(folder.Write("m.mpk", packed));
            foreach (PackedTensor tensor in model.Files[0].Tensors)
            {
                model.ReadTensor(tensor, new byte[tensor.Length]);
            }
        },
    ];

    private static int RestoredLength { get; } = Packing.Unpack(Packed).Length;
}
