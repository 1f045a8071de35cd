using ModelPack.Container;

namespace ModelPack.Tests.Container;

public sealed class BlockDirectoryTests
{
    [Fact]
    public void One_class_has_no_runs()
    {
        var directory = new BlockDirectory();
        directory.AddClass(2);
        directory.AddRun(0, 600);
        directory.AddPlane(4, 200);
        directory.AddPlane(0, 300);
        byte[] bytes = new byte[directory.MaxWrittenLength];
        int length = directory.Write(bytes);

        // One class of layout 2; coder 4 with 200 = 0xC8 0x01 bytes, coder 0 with 300 = 0xAC 0x02 bytes.
        Assert.Equal([1, 2, 4, 0xC8, 0x01, 0, 0xAC, 0x02], bytes[..length]);

        var read = new BlockDirectory();
        Assert.Equal(length, read.Read([.. bytes[..length], .. new byte[500]], 600, static _ => 2));
        Assert.Equal([new BlockRun(0, 600)], read.Runs.ToArray());
        Assert.Equal([new CodedPlane(4, 200), new CodedPlane(0, 300)], read.Planes.ToArray());
    }

    [Fact]
    public void Several_classes_have_runs_and_neighbours_of_one_class_are_joined()
    {
        var directory = new BlockDirectory();
        directory.AddClass(0);
        directory.AddClass(5);
        directory.AddRun(0, 3);
        directory.AddRun(0, 4);
        directory.AddRun(1, 8);
        directory.AddRun(0, 1);
        directory.AddPlane(0, 8);
        directory.AddPlane(1, 1);
        byte[] bytes = new byte[directory.MaxWrittenLength];
        int length = directory.Write(bytes);
        Assert.Equal([2, 0, 5, 3, 0, 7, 1, 8, 0, 1, 0, 8, 1, 1], bytes[..length]);

        var read = new BlockDirectory();
        read.Read([.. bytes[..length], .. new byte[9]], 16, static _ => 1);
        Assert.Equal(8, read.ClassLength(0));
        Assert.Equal(8, read.ClassLength(1));
        Assert.Equal([new BlockRun(0, 7), new BlockRun(1, 8), new BlockRun(0, 1)], read.Runs.ToArray());
    }

    public static TheoryData<string, byte[]> Faults => new()
    {
        { "empty", [] },
        { "no class", [0] },
        { "17 classes", [17, .. new byte[40]] },
        { "class list cut", [2, 0] },
        { "unknown layout", [1, 99, 0, 0] },
        { "planes cut", [1, 0] },
        { "coded bytes missing", [1, 0, 0, 5, 1, 2, 3, 4] },
        { "coded bytes left over", [1, 0, 0, 3, 1, 2, 3, 4] },
        { "fewer runs than classes", [2, 0, 0, 1, 0, 10, 0, 0, 0, 0] },
        { "more runs than bytes", [2, 0, 0, 0xFF, 0x01, 0, 10, 0, 0] },
        { "a class before its turn", [2, 0, 0, 2, 1, 5, 0, 5, 0, 0, 0, 0] },
        { "a class that does not exist", [2, 0, 0, 3, 0, 5, 1, 4, 2, 1, 0, 0, 0, 0] },
        { "a class never used", [3, 0, 0, 0, 3, 0, 5, 1, 4, 0, 1, 0, 0, 0, 0, 0, 0] },
        { "neighbours of one class", [2, 0, 0, 3, 0, 5, 0, 4, 1, 1, 0, 0, 0, 0] },
        { "an empty run", [2, 0, 0, 2, 0, 0, 1, 10, 0, 0, 0, 0] },
        { "runs too long", [2, 0, 0, 2, 0, 5, 1, 6, 0, 0, 0, 0] },
        { "runs too short", [2, 0, 0, 2, 0, 5, 1, 4, 0, 0, 0, 0] },
        { "runs cut", [2, 0, 0, 2, 0, 5, 1] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Refuses_what_breaks_a_rule(string fault, byte[] payload)
    {
        var directory = new BlockDirectory();
        ModelPackException exception = Assert.Throws<ModelPackException>(
            () => directory.Read(payload, 10, static layout => layout == 99 ? 0 : 1));
        Assert.InRange(exception.Offset ?? -1, 0, payload.Length);
        Assert.Equal(fault == "unknown layout" ? ModelPackError.Unsupported : ModelPackError.Corrupt, exception.Error);
    }

    [Fact]
    public void Restored_length_is_the_sum_of_the_runs()
    {
        var directory = new BlockDirectory();
        byte[] payload = [2, 0, 0, 2, 0, 5, 1, 5, 0, 0, 0, 0];
        directory.Read(payload, 10, static _ => 1);
        Assert.Throws<ModelPackException>(() => directory.Read(payload, 11, static _ => 1));
    }
}
