using System.Buffers.Binary;
using System.IO.Hashing;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Compatibility;

/// <summary>
/// A decoder written from the specification alone restores what the library packs and refuses what the library refuses:
/// the texts say what the program does.
/// </summary>
public sealed class IndependentDecoderTests
{
    /// <summary>Offsets in the first worked example of FORMAT.md.</summary>
    private const int FileNameOffset = 0x3A, BlockOffset = 0x41, CoderOffset = 0x5B, IndexOffset = 0x87, IndexNameOffset = 0xA5, OwnerOffset = 0xC4;

    private static readonly string[] Models =
    [
        .. Directory.EnumerateFiles(Repository.PathOf("testmodels"), "*.safetensors"),
        .. Directory.EnumerateFiles(Repository.PathOf("testmodels"), "*.onnx"),
        Repository.PathOf("testmodels/sharded"),
        Repository.PathOf("testmodels/external"),
    ];

    [IndependentDecoderFact]
    public void It_restores_the_golden_files()
    {
        using var folder = new TemporaryFolder();
        AssertAccepted(["-o", folder["restored"], .. GoldenFiles.Version1]);
        Assert.All(GoldenFiles.Version1, container => GoldenFiles.AssertSame(
            GoldenFiles.OriginalOf(container), Path.Combine(folder["restored"], Path.GetFileNameWithoutExtension(container))));
    }

    [IndependentDecoderFact]
    public void It_restores_parts_and_refuses_others()
    {
        using var folder = new TemporaryFolder();
        AssertAccepted(["-o", folder["from-list"], GoldenFiles.Split]);
        AssertAccepted(["-o", folder["from-part"], GoldenFiles.Split + ".001"]);
        GoldenFiles.AssertSame(GoldenFiles.OriginalOf(GoldenFiles.Split), folder["from-list"]);
        GoldenFiles.AssertSame(GoldenFiles.OriginalOf(GoldenFiles.Split), folder["from-part"]);

        // Names that break lines, and more parts than three digits count.
        folder.Write("model", SeededPlanes.Make("uniform", 66_000_000));
        string container = folder[OperatingSystem.IsWindows() ? "m.mpk" : "a\\b\n.mpk"];
        Assert.Equal(1008, ModelPacker.Pack(folder["model"], container, new PackOptions { SplitLength = 65_536, FlushToDisk = false }).PartCount);
        ModelPacker.Unpack(container + ".0001", folder["back"]);
        GoldenFiles.AssertSame(folder["model"], folder["back"]);
        AssertAccepted(["--list", container]);

        File.Move(container + ".0001", container + ".x");
        Assert.Equal(1, IndependentDecoder.Run("--list", container).ExitCode);
        File.Move(container + ".0002", container + ".0001");
        File.Move(container + ".x", container + ".0002");
        Assert.Equal(1, IndependentDecoder.Run("--list", container).ExitCode);
    }

    [IndependentDecoderFact]
    public void It_restores_differences_with_their_base_and_no_other()
    {
        using var folder = new TemporaryFolder();
        (string container, string baseModel, string original) = GoldenFiles.Difference;
        AssertAccepted(["-o", folder["golden"], "--base", baseModel, container]);
        GoldenFiles.AssertSame(original, folder["golden"]);
        AssertAccepted(["--list", container]);
        Assert.All([["--base", original, container], new[] { container }], static arguments => Assert.Equal(1, IndependentDecoder.Run(arguments).ExitCode));

        // Each kind of difference, a shared block with zeros for what the base has not, and a repeat of a difference.
        byte[] before = SmallModels.BFloat16Weights(3000, 1);
        byte[] after = [.. before.Select(static (value, i) => (byte)(i % 14 == 0 ? value + 1 : value))];
        (string, string, int[], byte[])[] same = [("same", "F32", [3000], SmallModels.Float32Weights(3000, 2)), ("tiny", "U8", [40], new byte[40])];
        folder.Write("base", SmallModels.Safetensors([.. Widths(before), .. same]));
        folder.Write("tuned", SmallModels.Safetensors([.. Widths(after), .. same, ("again", "BF16", [3000], after), ("new", "U8", [30], before[..30])]));
        ModelPacker.Pack(folder["tuned"], folder["today.mpk"], new PackOptions { Base = folder["base"] });
        AssertAccepted(["-o", folder["today"], "--base", folder["base"], folder["today.mpk"]]);
        GoldenFiles.AssertSame(folder["tuned"], folder["today"]);

        static IEnumerable<(string, string, int[], byte[])> Widths(byte[] data) =>
        [
            ("i8", "I8", [6000], data), ("bf16", "BF16", [3000], data), ("f32", "F32", [1500], data), ("f64", "F64", [750], data),
        ];
    }

    [IndependentDecoderFact]
    public void It_restores_folders_with_links_execute_bits_and_times()
    {
        using var folder = new TemporaryFolder();
        AssertAccepted(["-o", folder["golden"], GoldenFiles.FolderWithAll]);
        AssertAccepted(["-o", folder["run.sh"], GoldenFiles.FileWithAll]);
        AssertAccepted(["--list", GoldenFiles.FolderWithAll, GoldenFiles.FileWithAll]);
        if (!OperatingSystem.IsWindows())
        {
            GoldenFiles.AssertFolderWithAll(folder["golden"]);
            Assert.True(Tree.IsExecutable(folder["run.sh"]));
            ModelPacker.Pack(folder["golden"], folder["today.mpk"], new PackOptions { Sha256 = true });
            AssertAccepted(["-o", folder["today"], folder["today.mpk"]]);
            GoldenFiles.AssertFolderWithAll(folder["today"]);
        }
    }

    [IndependentDecoderFact]
    public void It_judges_entries_as_the_library_does()
    {
        using var folder = new TemporaryFolder();
        List<(string Name, string Path, bool Sound)> cases = [];
        foreach ((FileStart[] entries, bool sound) in EntriesOfAllKinds())
        {
            using var stream = new MemoryStream();
            var writer = new ContainerWriter(stream, ContainerContent.Folder, ContainerFeatures.Tree);
            foreach (FileStart entry in entries)
            {
                writer.BeginFile(entry, [], []);
                writer.EndFile([]);
            }

            writer.Finish();
            string name = $"{cases.Count}.mpk";
            cases.Add((string.Join(" ", entries.Select(static entry => entry.ToString())), folder.Write(name, stream.ToArray()), sound));
        }

        (_, string[] errors) = IndependentDecoder.Run([.. cases.Select(static one => one.Path)]);
        Assert.All(cases, one =>
        {
            bool refused = Array.Exists(errors, line => line.StartsWith($"{one.Path}: at offset ", StringComparison.Ordinal));
            Assert.True(refused == !one.Sound, $"{one.Name}: the independent decoder {(refused ? "refuses" : "accepts")} it");
            Exception? exception = Record.Exception(() => ModelPacker.Verify(one.Path));
            Assert.True(exception is ModelPackException == !one.Sound, $"{one.Name}: the library says {exception?.Message ?? "that it is sound"}");
        });
    }

    private static IEnumerable<(FileStart[] Entries, bool Sound)> EntriesOfAllKinds()
    {
        static FileStart Link(string path, string target) => new() { Path = path, Kind = 2, LinkTarget = target };
        static FileStart Folder(string path) => new() { Path = path, Kind = 1 };
        static FileStart[] Chain(int length) => [.. Enumerable.Range(0, length).Select(static i => Link($"l{i}", $"l{i + 1}"))];
        static string Repeat(string part, int count) => string.Concat(Enumerable.Repeat(part, count));
        yield return ([Folder(""), Folder("a/b"), Link("a/l", "../a/b"), new() { Path = "x", IsExecutable = true, Modified = long.MinValue }], true);
        yield return ([Link("l", "d"), Link("m", "l/e/../.."), Folder("d/e")], true);
        yield return ([Link("m", "l/e/../../.."), Link("l", "d"), Folder("d/e")], false);
        yield return ([Link("a/up", ".."), Link("l", "a/up/../x")], false);
        yield return ([Link("l", "..")], false);
        yield return ([Link("l", "/x")], false);
        yield return ([Link("l", "l")], false);
        yield return ([Link("l", "")], false);
        yield return ([Link("l", "x\0")], false);
        yield return ([Link("l", "")], false);
        yield return (Chain(40), true);
        yield return (Chain(41), false);
        yield return ([Link("l", Repeat("d/", 255))], true);
        yield return ([Link("l", Repeat("d/", 256))], false);
        yield return ([Link("l", Repeat("./", 2000) + "x")], true);
        yield return ([Link("l", Repeat("x", 4095))], true);
        yield return ([Link("l", Repeat("x", 4096))], false);
        yield return ([Link("l", Repeat("é", 2048))], false);
        yield return ([Link("d/l", Repeat("x", 4094))], false); // reaches a path of 4,096 bytes
        yield return ([Link(Repeat("x", 4096), "a")], false);
        yield return ([new() { Path = "a" }, new() { Path = "a/b" }], false);
        yield return ([Link("a", "d"), Folder("a/b")], false);
        yield return ([Folder("a"), Folder("a/b"), new() { Path = "a-" }], true);
        yield return ([Folder("a"), new() { Path = "a" }], false);
        yield return ([new() { Path = "" }], false);
        yield return ([Link("", "x")], false);
        yield return ([Folder("../a")], false);
        yield return ([new() { Path = "a", Kind = 3 }], false);
        yield return ([new() { Path = "a", LinkTarget = "b" }], false);
        yield return ([new() { Path = "a", Kind = 1, LinkTarget = "b" }], false);
        yield return ([new() { Path = "a", Kind = 1, IsExecutable = true }], false);
        yield return ([new() { Path = "a", Kind = 1, Format = 1 }], false);
        yield return ([new() { Path = "a", Kind = 1, Length = 1 }], false);
        yield return ([new() { Path = "a", Kind = 2, LinkTarget = "b", Modified = 0 }], false);
    }

    [IndependentDecoderTheory]
    [InlineData(PackLevel.Fast, null)]
    [InlineData(PackLevel.Default, null)]
    [InlineData(PackLevel.Max, null)]
    [InlineData(PackLevel.Default, PlaneCoder.Stored)]
    [InlineData(PackLevel.Default, PlaneCoder.Constant)]
    [InlineData(PackLevel.Default, PlaneCoder.Huffman)]
    [InlineData(PackLevel.Default, PlaneCoder.Lzw)]
    [InlineData(PackLevel.Default, PlaneCoder.LaneAns)]
    [InlineData(PackLevel.Default, PlaneCoder.ContextAns)]
    [InlineData(PackLevel.Default, PlaneCoder.Lz)]
    public void It_restores_what_is_packed_today(PackLevel level, PlaneCoder? coder)
    {
        using var folder = new TemporaryFolder();
        var options = new PackOptions { Level = level, ForcedCoder = coder, Sha256 = level == PackLevel.Max };
        Assert.NotEmpty(Models);
        string[] containers = [.. Models.Select(model => folder[Path.GetFileName(model) + ".mpk"])];
        foreach ((string model, string container) in Models.Zip(containers))
        {
            ModelPacker.Pack(model, container, options);
        }

        AssertAccepted(["-o", folder["restored"], .. containers]);
        Assert.All(Models, model => GoldenFiles.AssertSame(model, Path.Combine(folder["restored"], Path.GetFileName(model))));
    }

    [IndependentDecoderFact]
    public void It_restores_what_no_small_model_has()
    {
        using var folder = new TemporaryFolder();
        (string Name, byte[] Original, PackOptions Options)[] cases =
        [
            ("empty", [], new PackOptions { Sha256 = true }),
            ("one-byte", [7], new PackOptions()),
            ("constant", SeededPlanes.Make("constant", 70_000), new PackOptions()),

            ("full-dictionary", SeededPlanes.Make("exponents", 700_000), new PackOptions { ForcedCoder = PlaneCoder.Lzw }),
            ("contexts", SmallModels.Layers(), new PackOptions { Level = PackLevel.Max }),
            ("contexts-of-text", SeededPlanes.Make("text", 5000), new PackOptions { ForcedCoder = PlaneCoder.ContextAns }),
            ("text", SeededPlanes.Make("text", 60_000), new PackOptions { Level = PackLevel.Max }),
            ("many-literals", SeededPlanes.Make("exponents", 60_000), new PackOptions { ForcedCoder = PlaneCoder.Lz }),
            ("sines", SmallModels.Safetensors(("sines", "F32", [66, 64], SineTable.OfFloat32(64))), new PackOptions { Level = PackLevel.Max }),
            ("two-blocks", SeededPlanes.Make("sparse", 1_300_000), new PackOptions { ForcedCoder = PlaneCoder.Huffman }),
        ];
        foreach ((string name, byte[] original, PackOptions options) in cases)
        {
            folder.Write($"{name}.mpk", Packing.Pack(original, name, options));
        }

        // The codes 0 to 65,279 that fill the dictionary take 122,656 bytes; LZW was kept and went on behind them.
        Assert.InRange(new FileInfo(folder["full-dictionary.mpk"]).Length, 123_500, 600_000);
        AssertAccepted(["-o", folder["restored"], .. cases.Select(one => folder[$"{one.Name}.mpk"])]);
        Assert.All(cases, one => Assert.Equal(one.Original, File.ReadAllBytes(Path.Combine(folder["restored"], one.Name))));
    }

    [IndependentDecoderFact]
    public void It_restores_the_worked_examples()
    {
        using var folder = new TemporaryFolder();
        string[] containers = [.. GoldenFiles.WorkedExamples().Select((example, i) => folder.Write($"{i}.mpk", example))];
        AssertAccepted(["-o", folder["restored"], .. containers]);
        Assert.All(containers, container => Assert.Equal(
            Packing.Unpack(File.ReadAllBytes(container)), File.ReadAllBytes(Path.Combine(folder["restored"], Path.GetFileNameWithoutExtension(container)))));
    }

    [IndependentDecoderFact]
    public void It_lists_the_tensors_of_an_index() => AssertAccepted(["--list", .. GoldenFiles.Version1]);

    [IndependentDecoderFact]
    public void It_refuses_the_damaged_containers_that_the_library_refuses()
    {
        using var folder = new TemporaryFolder();
        var cases = Damaged().Select(one => (one.Damage, Path: folder.Write($"{one.Damage}.mpk", one.Container), one.Sound)).ToList();
        (int exitCode, string[] errors) = IndependentDecoder.Run([.. cases.Select(static one => one.Path)]);
        Assert.Equal(1, exitCode);
        foreach ((string damage, string path, bool sound) in cases)
        {
            bool refused = Array.Exists(errors, line => line.StartsWith($"{path}: at offset ", StringComparison.Ordinal));
            Assert.True(refused == !sound, $"{damage}: the independent decoder {(refused ? "refuses" : "accepts")} it");
            Exception? exception = Record.Exception(() => ModelPacker.Verify(path, new VerifyOptions { Threads = 1 }));
            Assert.True(exception is ModelPackException == !sound, $"{damage}: the library says {exception?.Message ?? "that it is sound"}");
        }

        Assert.Equal(cases.Count(static one => !one.Sound), errors.Length);
    }

    /// <summary>Containers with accidental damage, and forged ones whose checksums match again.</summary>
    private static IEnumerable<(string Damage, byte[] Container, bool Sound)> Damaged()
    {
        byte[] sound = Packing.Pack(SmallModels.Mixed(), options: new PackOptions { Sha256 = true });
        yield return ("sound", sound, true);
        yield return ("appended", [.. sound, 0], false);
        yield return ("empty", [], false);
        var random = new Random(1);
        for (int i = 0; i < 12; i++)
        {
            int length = random.Next(sound.Length);
            yield return ($"cut-{length}", sound[..length], false);
        }

        for (int i = 0; i < 60; i++)
        {
            int bit = random.Next(sound.Length * 8);
            byte[] flipped = [.. sound];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return ($"flip-{bit}", flipped, false);
        }

        byte[] example = GoldenFiles.WorkedExamples()[0];
        yield return ("forge-nothing", Forge(example), true);
        yield return ("forge-optional-feature", Forge(example, (16, 0x80)), true);
        yield return ("forge-required-feature", Forge(example, (12, 8)), false);
        yield return ("forge-tree-feature-without-use", Forge(example, (12, 4)), true);
        yield return ("forge-feature-without-use", Forge(example, (12, 1)), true);
        yield return ("forge-kept-block", Forge(example, (12, 1), (BlockOffset + 2, 1)), true);
        yield return ("forge-kept-block-without-feature", Forge(example, (BlockOffset + 2, 1)), false);
        yield return ("forge-repeat-of-nothing", Forge(example, (12, 1), (BlockOffset + 1, 1)), false);
        yield return ("forge-version", Forge(example, (8, 2)), false);
        yield return ("forge-content", Forge(example, (10, 3)), false);
        yield return ("forge-header-reserved", Forge(example, (20, 1)), false);
        yield return ("forge-another-name", Forge(example, (FileNameOffset, (byte)'b'), (IndexNameOffset, (byte)'b')), true);
        yield return ("forge-name-in-frame-only", Forge(example, (FileNameOffset, (byte)'b')), false);
        yield return ("forge-path-of-two-parts", Forge(example, (FileNameOffset + 1, (byte)'/'), (IndexNameOffset + 1, (byte)'/')), false);
        yield return ("forge-name-not-utf8", Forge(example, (FileNameOffset, 0xFF), (IndexNameOffset, 0xFF)), false);
        yield return ("forge-file-length", Forge(example, (BlockOffset - 1, 8), (0xAB, 8)), false);
        yield return ("forge-block-form", Forge(example, (BlockOffset + 1, 1)), false);
        yield return ("forge-restored-length", Forge(example, (BlockOffset + 4, 8)), false);
        yield return ("forge-restored-length-zero", Forge(example, (BlockOffset + 4, 0)), false);
        yield return ("forge-coder", Forge(example, (CoderOffset, 6)), false);
        yield return ("forge-layout", Forge(example, (CoderOffset - 1, 8)), false);
        yield return ("forge-layout-of-other-size", Forge(example, (CoderOffset - 1, 5)), false);
        yield return ("forge-no-class", Forge(example, (CoderOffset - 2, 0)), false);
        yield return ("forge-file-checksum", Forge(example, (0x7F, 1), (0xAF, 1)), false);
        yield return ("forge-blocks-offset", Forge(example, (0xB8, 0x40)), false);
        yield return ("forge-block-packed-length", Forge(example, (0xBB, 36)), false);
        yield return ("forge-segment-length", Forge(example, (0xC1, 8)), false);
        yield return ("forge-segment-owner", Forge(example, (OwnerOffset, 1)), false);
        yield return ("forge-trailer-frames", Forge(example, (0xCD, 5)), false);
        yield return ("forge-trailer-offset", Forge(example, (0xC5, IndexOffset - 1)), false);
        yield return ("forge-trailer-length", Forge(example, (0xD5, 0xEE)), false);
        yield return ("forge-trailer-magic", Forge(example, (0xDD, 0)), false);
    }

    /// <summary>Sets bytes of the first worked example and makes the checksums of header, frames, messages and trailer match.</summary>
    private static byte[] Forge(byte[] example, params (int Offset, byte Value)[] changes)
    {
        byte[] forged = [.. example];
        foreach ((int offset, byte value) in changes)
        {
            forged[offset] = value;
        }

        WriteChecksum(forged, 24, forged.AsSpan(0, 24));
        int[] frames = [ContainerHeader.Length, BlockOffset, 0x66, IndexOffset];
        for (int ordinal = 0; ordinal < frames.Length; ordinal++)
        {
            Span<byte> frame = forged.AsSpan(frames[ordinal]);
            if (frame[0] != (byte)FrameKind.Block)
            {
                int length = BinaryPrimitives.ReadInt32LittleEndian(frame[8..]);
                WriteChecksum(forged, frames[ordinal] + 12, frame.Slice(FrameHeader.Length, length));
            }

            BinaryPrimitives.WriteUInt32LittleEndian(frame[20..], (uint)XxHash3.HashToUInt64(frame[..20], ordinal));
        }

        WriteChecksum(forged, forged.Length - 8, forged.AsSpan(forged.Length - ContainerTrailer.Length, 32));
        return forged;
    }

    private static void WriteChecksum(byte[] container, int offset, ReadOnlySpan<byte> of) =>
        BinaryPrimitives.WriteUInt64LittleEndian(container.AsSpan(offset), XxHash3.HashToUInt64(of));

    private static void AssertAccepted(string[] arguments)
    {
        (int exitCode, string[] errors) = IndependentDecoder.Run(arguments);
        Assert.Empty(errors);
        Assert.Equal(0, exitCode);
    }
}
