using System.Globalization;
using Google.Protobuf;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Tests.Formats.Onnx.Wire;
using ModelPack.Tests.Support;
using static ModelPack.Tests.Formats.Onnx.OnnxTensorTests;

namespace ModelPack.Tests.Pipeline.External;

/// <summary>ONNX models and their data files, from the files to the tensors of the container and back.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private const int Float = 1, UInt8 = 2, Float16 = 10, Int4 = 22;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_takes_its_data_files_along_and_comes_back_beside_its_container()
    {
        byte[] model = WriteModel("m/model.onnx", At("a", Float, [40], "w.bin", 8, 160), At("b", Float, [10], "sub/v.bin"));
        byte[] w = Write("m/w.bin", 200);
        byte[] v = Write("m/sub/v.bin", 40);
        Write("m/other.bin", 10);
        PackResult packed = ModelPacker.Pack(_folder["m/model.onnx"], _folder["model.onnx.mpk"]);
        Assert.Empty(packed.Warnings);
        Assert.Equal(["model.onnx", "sub/v.bin", "w.bin"], packed.Files.Select(file => file.Path));
        Assert.Equal([ModelFormat.Onnx, ModelFormat.OnnxExternalData, ModelFormat.OnnxExternalData], packed.Files.Select(file => file.Format));

        using (PackedModel opened = PackedModel.Open(_folder["model.onnx.mpk"]))
        {
            Assert.Equal("model.onnx", opened.LeadingFile);
            Assert.True(opened.IsFolder);
            AssertTensor(opened, "a", new ExternalTensorData("w.bin", 8, 160), w[8..168]);
            AssertTensor(opened, "b", new ExternalTensorData("sub/v.bin", 0, 40), v);
            Assert.True(opened.FindTensor("a").PackedLength > 0);
            Assert.NotEmpty(opened.FindTensor("a").Planes);
        }

        ModelPacker.UnpackInto(_folder["model.onnx.mpk"], _folder.Path);
        Assert.Equal(model, File.ReadAllBytes(_folder["model.onnx"]));
        Assert.Equal(w, File.ReadAllBytes(_folder["w.bin"]));
        Assert.Equal(v, File.ReadAllBytes(_folder["sub/v.bin"]));
        Assert.Equal(["m", "m/model.onnx", "m/other.bin", "m/sub", "m/sub/v.bin", "m/w.bin", "model.onnx", "model.onnx.mpk", "sub", "sub/v.bin", "w.bin"], _folder.Names());
        Assert.Empty(ModelPacker.Verify(_folder["model.onnx.mpk"], new VerifyOptions { Against = _folder["m/model.onnx"] }).Differences);
        File.AppendAllText(_folder["m/w.bin"], "x");
        Assert.Single(ModelPacker.Verify(_folder["model.onnx.mpk"], new VerifyOptions { Against = _folder["m/model.onnx"] }).Differences);
    }

    [Fact]
    public void Nothing_is_replaced_or_left_half_when_restoring_beside()
    {
        WriteModel("model.onnx", At("a", Float, [40], "w.bin"), At("b", Float, [10], "sub/v.bin"));
        Write("w.bin", 160);
        Write("sub/v.bin", 40);
        ModelPacker.Pack(_folder["model.onnx"], _folder["model.onnx.mpk"]);
        Directory.CreateDirectory(_folder["to"]);
        string target = _folder["to"];
        foreach (string taken in new[] { "model.onnx", "w.bin", "sub/v.bin" })
        {
            _folder.Write("to/" + taken, [7]);
            string[] before = _folder.Names();
            Assert.Equal(ModelPackError.InvalidRequest, Assert.Throws<ModelPackException>(() => ModelPacker.UnpackInto(_folder["model.onnx.mpk"], target)).Error);
            Assert.Equal([7], File.ReadAllBytes(_folder["to/" + taken]));
            Assert.Equal(before, _folder.Names());
            File.Delete(_folder["to/" + taken]);
        }

        // A folder in the way of the model itself, which is moved last: what was moved before is moved back.
        _folder.Write("to/w.bin", [8]);
        Directory.CreateDirectory(_folder["to/model.onnx"]);
        Assert.Throws<ModelPackException>(() => ModelPacker.UnpackInto(_folder["model.onnx.mpk"], target, new UnpackOptions { Overwrite = true }));
        Assert.Equal([8], File.ReadAllBytes(_folder["to/w.bin"]));
        Directory.Delete(_folder["to/model.onnx"]);
        ModelPacker.UnpackInto(_folder["model.onnx.mpk"], target, new UnpackOptions { Overwrite = true });
        Assert.Equal(160, new FileInfo(_folder["to/w.bin"]).Length);
        Assert.Equal(3, Directory.GetFiles(target, "*", SearchOption.AllDirectories).Length);
        Assert.Throws<DirectoryNotFoundException>(() => ModelPacker.UnpackInto(_folder["model.onnx.mpk"], _folder["none"]));
    }

    [UnixFact]
    public void Restoring_beside_does_not_follow_links_out_of_the_folder()
    {
        WriteModel("model.onnx", At("b", Float, [10], "sub/v.bin"));
        Write("sub/v.bin", 40);
        ModelPacker.Pack(_folder["model.onnx"], _folder["model.onnx.mpk"]);
        Directory.CreateDirectory(_folder["to"]);
        Directory.CreateDirectory(_folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["to/sub"], _folder["elsewhere"]);
        Assert.Contains("link out", Assert.Throws<ModelPackException>(() => ModelPacker.UnpackInto(_folder["model.onnx.mpk"], _folder["to"])).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["elsewhere"]));
        Assert.Single(Directory.GetFileSystemEntries(_folder["to"]));
    }

    [Fact]
    public void Shared_overlapping_unaligned_and_unnamed_bytes_all_come_back()
    {
        WriteModel(
            "m/model.onnx",
            At("first", Float, [50], "w.bin", 3, 200),
            At("again", Float, [10, 5], "w.bin", 3, 200),
            At("inside", UInt8, [20], "w.bin", 100, 20),
            At("across", Float16, [100], "w.bin", 190, 200),
            At("nibbles", Int4, [15], "w.bin", 395, 8),
            At("none", Float, [0, 7], "w.bin", 400, 0));
        byte[] w = Write("m/w.bin", 500);
        PackResult packed = ModelPacker.Pack(_folder["m"], _folder["m.mpk"], new PackOptions { Strict = true });
        Assert.Empty(packed.Warnings);
        using PackedModel model = PackedModel.Open(_folder["m.mpk"]);
        Assert.Null(model.LeadingFile);
        AssertTensor(model, "first", new ExternalTensorData("w.bin", 3, 200), w[3..203]);
        AssertTensor(model, "again", new ExternalTensorData("w.bin", 3, 200), w[3..203]);
        AssertTensor(model, "inside", new ExternalTensorData("w.bin", 100, 20), w[100..120]);
        AssertTensor(model, "across", new ExternalTensorData("w.bin", 190, 200), w[190..390]);
        AssertTensor(model, "nibbles", new ExternalTensorData("w.bin", 395, 8), w[395..403]);
        AssertTensor(model, "none", new ExternalTensorData("w.bin", 400, 0), []);
        Assert.Equal(["first", "across[7:]", "nibbles"], model.Files.Single(file => file.Path == "w.bin").Tensors.Select(tensor => tensor.Info.Name));
        Assert.InRange(model.FindTensor("inside").PackedLength, 1, 40);
        ModelPacker.Unpack(_folder["m.mpk"], _folder["back"]);
        Assert.Equal(w, File.ReadAllBytes(_folder["back/w.bin"]));

        using var written = new MemoryStream();
        model.ExtractTensor(model.FindTensor("across"), written);
        Assert.Equal(w[190..390], written.ToArray());
    }

    [Fact]
    public void Data_files_are_coded_as_the_floats_that_they_are()
    {
        byte[] weights = SmallModels.Float32Weights(100_000, 1);
        WriteModel("m/model.onnx", At("w", Float, [1000, 100], "w.bin", 5, 400_000));
        _folder.Write("m/w.bin", [1, 2, 3, 4, 5, .. weights]);
        long with = ModelPacker.Pack(_folder["m"], _folder["with.mpk"]).PackedLength;
        long without = ModelPacker.Pack(_folder["m"], _folder["without.mpk"], new PackOptions { ExternalData = false }).PackedLength;
        Assert.True(with < without * 0.95, $"{with} bytes as floats, {without} as bytes");
        using PackedModel model = PackedModel.Open(_folder["with.mpk"]);
        Assert.Contains(model.FindTensor("w").Planes, plane => plane.Name == "exponent");
    }

    [Fact]
    public void Models_share_data_files_wherever_they_lie_in_the_folder()
    {
        WriteModel("m/a/one.onnx", At("w", Float, [10], "w.bin", 0), At("own", Float, [5], "w.bin", 40));
        WriteModel("m/a/two.onnx", At("w", Float, [10], "./w.bin", 0), At("x", Float, [10], "w.bin", 60));
        WriteModel("m/b/three.onnx", At("w", Float, [10], "w.bin", 0));
        byte[] shared = Write("m/a/w.bin", 100);
        byte[] other = Write("m/b/w.bin", 40, seed: 2);
        ModelPacker.Pack(_folder["m"], _folder["m.mpk"], new PackOptions { Strict = true });
        using PackedModel model = PackedModel.Open(_folder["m.mpk"]);
        Assert.Equal(["w", "own", "x"], model.Files.Single(file => file.Path == "a/w.bin").Tensors.Select(tensor => tensor.Info.Name));
        Assert.Equal(shared[..40], Read(model, model.FindTensor("w", "a/two.onnx")));
        Assert.Equal(other, Read(model, model.FindTensor("w", "b/three.onnx")));
        Assert.Contains("name the file", Assert.Throws<ModelPackException>(() => model.FindTensor("w")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_means_the_same_bytes_in_several_models_is_found()
    {
        WriteModel("m/one.onnx", At("w", Float, [10], "w.bin"));
        WriteModel("m/two.onnx", At("w", Float, [10], "w.bin"));
        byte[] shared = Write("m/w.bin", 40);
        ModelPacker.Pack(_folder["m"], _folder["m.mpk"]);
        using PackedModel model = PackedModel.Open(_folder["m.mpk"]);
        Assert.Equal(shared, Read(model, model.FindTensor("w")));
    }

    [Theory]
    [InlineData(0, 44, "has 44 bytes there, its dtype and shape ask for 40")]
    [InlineData(0, 4, "has 4 bytes there")]
    [InlineData(61, -1, "needs 40 bytes from offset 61")]
    [InlineData(101, -1, "starts at offset 101")]
    [InlineData(long.MaxValue, 40, "starts at offset 9223372036854775807")]
    public void A_region_that_cannot_be_is_warned_of_or_refused_and_all_bytes_are_kept(long offset, long length, string reason)
    {
        WriteModel("m/model.onnx", At("w", Float, [10], "w.bin", offset, length < 0 ? null : length), At("good", UInt8, [8], "w.bin", 0, 8));
        byte[] w = Write("m/w.bin", 100);
        Assert.Contains(reason, Assert.Throws<ModelPackException>(() => ModelPacker.Pack(_folder["m/model.onnx"], _folder["m.mpk"], new PackOptions { Strict = true })).Reason, StringComparison.Ordinal);
        ModelPackWarning warning = Assert.Single(ModelPacker.Pack(_folder["m/model.onnx"], _folder["m.mpk"]).Warnings);
        Assert.Contains($"tensor 'w' has its data in 'w.bin' but {reason}", warning.Reason, StringComparison.Ordinal);
        using PackedModel model = PackedModel.Open(_folder["m.mpk"]);
        Assert.Null(model.FindTensor("w").External);
        Assert.Equal(w[..8], Read(model, model.FindTensor("good")));
        ModelPacker.Unpack(_folder["m.mpk"], _folder["back"]);
        Assert.Equal(w, File.ReadAllBytes(_folder["back/w.bin"]));
        Assert.Contains("was not packed", Assert.Throws<ModelPackException>(() => model.ExtractTensor(model.FindTensor("w"), Stream.Null)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_beyond_any_file_are_only_warned_of()
    {
        WriteModel("m/model.onnx", At("w", Float, [long.MaxValue, long.MaxValue, 3], "w.bin"), At("v", Float, [1L << 62, 4], "w.bin"));
        Write("m/w.bin", 100);
        Assert.Contains("(1 more tensors likewise)", Assert.Single(ModelPacker.Pack(_folder["m"], _folder["m.mpk"]).Warnings).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_data_file_is_a_warning_or_refused()
    {
        WriteModel("m/model.onnx", At("w", Float, [10], "w.bin"), At("v", Float, [10], "gone.bin"), At("u", Float, [10], "gone.bin"));
        Write("m/w.bin", 40);
        foreach (string source in new[] { "m", "m/model.onnx" })
        {
            Assert.Contains("'gone.bin', which is not there", Assert.Throws<ModelPackException>(() => ModelPacker.Pack(_folder[source], _folder["m.mpk"], new PackOptions { Strict = true, Overwrite = true })).Reason, StringComparison.Ordinal);
            PackResult packed = ModelPacker.Pack(_folder[source], _folder["m.mpk"], new PackOptions { Overwrite = true });
            Assert.Contains("'gone.bin', which is not there (1 more tensors likewise)", Assert.Single(packed.Warnings).Reason, StringComparison.Ordinal);
            Assert.Equal(2, packed.Files.Count);
        }
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../secret.bin")]
    [InlineData("a/../../secret.bin")]
    [InlineData("C:\\secret.bin")]
    [InlineData("C:/secret.bin")]
    [InlineData("sub/")]
    public void A_location_outside_the_folder_is_refused_however_lenient(string location)
    {
        WriteModel("m/model.onnx", At("w", UInt8, [1], location));
        _folder.Write("secret.bin", [1]);
        foreach (string source in new[] { "m", "m/model.onnx" })
        {
            ModelPackException refused = Assert.Throws<ModelPackException>(() => ModelPacker.Pack(_folder[source], _folder["m.mpk"]));
            Assert.Equal(ModelPackError.Unsupported, refused.Error);
            Assert.Contains($"'{location}'", refused.Reason, StringComparison.Ordinal);
            Assert.False(File.Exists(_folder["m.mpk"]));
            Assert.Single(ModelPacker.Pack(_folder[source], _folder["alone.mpk"], new PackOptions { ExternalData = false, Overwrite = true }).Warnings);
        }
    }

    [UnixFact]
    public void Links_out_of_the_folder_pipes_and_devices_are_refused_and_never_opened()
    {
        _folder.Write("secret.bin", [1]);
        Directory.CreateDirectory(_folder["m"]);
        Directory.CreateDirectory(_folder["outside"]);
        _folder.Write("outside/w.bin", [1]);
        File.CreateSymbolicLink(_folder["m/link.bin"], "../secret.bin");
        File.CreateSymbolicLink(_folder["m/dir"], _folder["outside"]);
        File.CreateSymbolicLink(_folder["m/twice.bin"], "link.bin");
        File.CreateSymbolicLink(_folder["m/device.bin"], "/dev/zero");
        File.CreateSymbolicLink(_folder["m/circle.bin"], "circle.bin");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [_folder["m/pipe.bin"]]))
        {
            make.WaitForExit();
            Assert.Equal(0, make.ExitCode);
        }

        foreach (string location in new[] { "link.bin", "dir/w.bin", "twice.bin", "device.bin", "pipe.bin" })
        {
            WriteModel("m/model.onnx", At("w", UInt8, [1], location));
            ModelPackException refused = Assert.Throws<ModelPackException>(() => ModelPacker.Pack(_folder["m/model.onnx"], _folder["m.mpk"]));
            Assert.Equal(ModelPackError.Unsupported, refused.Error);
            Assert.Contains($"'{location}'", refused.Reason, StringComparison.Ordinal);
        }

        WriteModel("m/model.onnx", At("w", UInt8, [1], "circle.bin"));
        Assert.Contains("too many links", Assert.Throws<IOException>(() => ModelPacker.Pack(_folder["m/model.onnx"], _folder["m.mpk"])).Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public void Links_inside_the_folder_and_into_the_blobs_of_the_same_cache_are_followed()
    {
        byte[] model = WriteModel("models--a/blobs/11", At("w", UInt8, [40], "w.bin"), At("v", UInt8, [40], "onnx/v.bin"));
        byte[] w = Write("models--a/blobs/22", 40);
        Directory.CreateDirectory(_folder["models--a/snapshots/r1/onnx"]);
        File.CreateSymbolicLink(_folder["models--a/snapshots/r1/model.onnx"], "../../blobs/11");
        File.CreateSymbolicLink(_folder["models--a/snapshots/r1/w.bin"], "../../blobs/22");
        File.CreateSymbolicLink(_folder["models--a/snapshots/r1/onnx/v.bin"], "../w.bin");
        PackResult packed = ModelPacker.Pack(_folder["models--a/snapshots/r1/model.onnx"], _folder["m.mpk"], new PackOptions { Strict = true });
        Assert.Equal(["model.onnx", "onnx/v.bin", "w.bin"], packed.Files.Select(file => file.Path));
        ModelPacker.Unpack(_folder["m.mpk"], _folder["back"]);
        Assert.Equal(model, File.ReadAllBytes(_folder["back/model.onnx"]));
        Assert.Equal(w, File.ReadAllBytes(_folder["back/onnx/v.bin"]));
    }

    [Fact]
    public void Alone_a_model_is_packed_with_a_warning()
    {
        byte[] original = WriteModel("m/model.onnx", At("w", Float, [10], "w.bin"), At("v", Float, [10], "/etc/passwd"));
        Write("m/w.bin", 40);
        PackResult packed = ModelPacker.Pack(_folder["m/model.onnx"], _folder["m.mpk"], new PackOptions { ExternalData = false });
        Assert.Contains("2 tensors have their data in other files, such as 'w.bin'", Assert.Single(packed.Warnings).Reason, StringComparison.Ordinal);
        Assert.Single(packed.Files);
        using var through = new MemoryStream();
        using var source = new MemoryStream(original);
        packed = ModelPacker.Pack(source, "model.onnx", through);
        Assert.Contains("cannot be found from here", Assert.Single(packed.Warnings).Reason, StringComparison.Ordinal);
        Assert.Equal(original, Packing.Unpack(through.ToArray()));
        Assert.Throws<ModelPackException>(() => ModelPacker.Pack(original, "model.onnx", Stream.Null, new PackOptions { Strict = true }));
    }

    [Fact]
    public void A_data_file_is_no_failed_model_whatever_it_looks_like_and_one_with_a_format_keeps_it()
    {
        // A plausible start of an ONNX file, then nothing of the kind.
        byte[] disguised = [8, 8, 0x3A, 5, 1, 2, 3, 4, 5, .. Pattern(91, 3)];
        byte[] safetensors = SmallModels.Safetensors(("inner", "F32", [100], SmallModels.Float32Weights(100, 1)));
        _folder.Write("m/w.bin", disguised);
        _folder.Write("m/weights.safetensors", safetensors);
        int at = safetensors.Length - 400;
        WriteModel("m/model.onnx", At("w", UInt8, [100], "w.bin"), At("s", Float, [100], "weights.safetensors", at, 400), At("self", UInt8, [5], "model.onnx", 0, 5));
        PackResult packed = ModelPacker.Pack(_folder["m/model.onnx"], _folder["m.mpk"], new PackOptions { Strict = true });
        Assert.Equal([ModelFormat.Onnx, ModelFormat.OnnxExternalData, ModelFormat.Safetensors], new[] { "model.onnx", "w.bin", "weights.safetensors" }.Select(path => packed.Files.Single(file => file.Path == path).Format));
        using PackedModel model = PackedModel.Open(_folder["m.mpk"]);
        AssertTensor(model, "s", new ExternalTensorData("weights.safetensors", at, 400), safetensors[at..]);
        Assert.Equal(File.ReadAllBytes(_folder["m/model.onnx"])[..5], Read(model, model.FindTensor("self")));
        Assert.Equal(Read(model, model.FindTensor("inner")), Read(model, model.FindTensor("s")));
    }

    [Fact]
    public void The_container_must_not_take_the_place_of_a_data_file()
    {
        WriteModel("m/model.onnx", At("w", UInt8, [40], "w.bin"));
        byte[] w = Write("m/w.bin", 40);
        Assert.Contains("data file", Assert.Throws<ModelPackException>(() => ModelPacker.Pack(_folder["m/model.onnx"], _folder["m/w.bin"], new PackOptions { Overwrite = true })).Reason, StringComparison.Ordinal);
        Assert.Equal(w, File.ReadAllBytes(_folder["m/w.bin"]));
    }

    [Theory]
    [InlineData("m", "tuned")]
    [InlineData("m/model.onnx", "tuned/model.onnx")]
    [InlineData("m.mpk", "tuned")]
    public void Data_files_are_packed_as_differences_to_those_of_a_base(string baseModel, string tunedModel)
    {
        byte[] weights = SmallModels.Float32Weights(50_000, 1);
        byte[] tuned = [.. weights];
        for (int i = 0; i < tuned.Length; i += 400)
        {
            tuned[i] ^= 1;
        }

        WriteModel("m/model.onnx", At("w", Float, [50_000], "w.bin", 0));
        _folder.Write("m/w.bin", weights);
        WriteModel("tuned/model.onnx", At("w", Float, [50_000], "other.bin", 3));
        _folder.Write("tuned/other.bin", [1, 2, 3, .. tuned]);
        ModelPacker.Pack(_folder["m"], _folder["m.mpk"]);
        PackResult packed = ModelPacker.Pack(_folder[tunedModel], _folder["tuned.mpk"], new PackOptions { Base = _folder[baseModel] });
        Assert.NotNull(packed.Base);
        Assert.True(packed.PackedLength < tuned.Length / 20, $"{packed.PackedLength} bytes");
        ModelPacker.Unpack(_folder["tuned.mpk"], _folder["back"], new UnpackOptions { Base = _folder[baseModel] });
        Assert.Equal(File.ReadAllBytes(_folder["tuned/other.bin"]), File.ReadAllBytes(_folder["back/other.bin"]));
        using PackedModel model = PackedModel.Open(_folder["tuned.mpk"], _folder[baseModel]);
        Assert.Equal(tuned, Read(model, model.FindTensor("w")));
        Assert.Equal(tuned.Length, model.FindTensor("w").BaseLength);
    }

    [Theory]
    [InlineData(1, 0, 20, null)]
    [InlineData(1, 20, 0, null)]
    [InlineData(2, 0, 1, "not there")]
    [InlineData(1, 0, 21, "not there")]
    [InlineData(1, 20, 1, "not there")]
    [InlineData(1, ulong.MaxValue, 2, "not there")]
    [InlineData(1, 1, ulong.MaxValue, "not there")]
    [InlineData(uint.MaxValue, 0, 0, "not there")]
    public void An_index_that_places_tensors_where_nothing_is_is_refused(uint file, ulong offset, ulong length, string? reason)
    {
        var tensor = new TensorEntry { Name = "w", Dtype = (uint)Dtype.U8, ExternalFile = file, ExternalOffset = offset, ExternalLength = length };
        AssertIndex([tensor], [(20, -1)], leading: 1, reason);
    }

    [Fact]
    public void An_index_that_places_a_tensor_twice_or_names_a_leader_where_none_can_be_is_refused()
    {
        AssertIndex([new TensorEntry { Name = "w", Dtype = (uint)Dtype.U8, ExternalFile = 1, ExternalLength = 20 }], [(20, 0)], leading: 1, "outside it");
        AssertIndex([], [(20, -1)], leading: 1, null);
        AssertIndex([], [(20, -1)], leading: 2, "leading");
    }

    private void AssertIndex(TensorEntry[] tensors, (long Length, int Tensor)[] segments, int leading, string? reason)
    {
        using var stream = new MemoryStream();
        var writer = new ContainerWriter(stream, ContainerContent.Folder);
        for (int file = 0; file < leading; file++)
        {
            byte[] original = Pattern(20, 1);
            byte[] frame = [.. new byte[24], 1, 0, 0, 20, .. original];
            writer.BeginFile(new FileStart { Path = $"f{file}", Length = 20 }, tensors, segments);
            writer.WriteBlock(frame, 20, System.IO.Hashing.XxHash3.HashToUInt64(original));
            writer.EndFile([]).IsLeading = true;
        }

        writer.Finish();
        _folder.Write("forged.mpk", stream.ToArray());
        if (reason is null)
        {
            PackedModel.Open(_folder["forged.mpk"]).Dispose();
            ModelPacker.Verify(_folder["forged.mpk"]);
            return;
        }

        ModelPackException refused = Assert.Throws<ModelPackException>(() => PackedModel.Open(_folder["forged.mpk"]));
        Assert.Equal(ModelPackError.Corrupt, refused.Error);
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
        Assert.Equal(ModelPackError.Corrupt, Assert.Throws<ModelPackException>(() => ModelPacker.Verify(_folder["forged.mpk"])).Error);
    }

    private static TensorProto At(string name, int type, long[] dims, string location, long? offset = null, long? length = null)
    {
        var tensor = new TensorProto { Name = name, DataType = type, Dims = { dims }, DataLocation = 1 };
        Add("location", location);
        Add("offset", offset?.ToString(CultureInfo.InvariantCulture));
        Add("length", length?.ToString(CultureInfo.InvariantCulture));
        return tensor;

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
            }
        }
    }

    private byte[] WriteModel(string path, params TensorProto[] tensors)
    {
        byte[] model = Model(tensors).ToByteArray();
        _folder.Write(path, model);
        return model;
    }

    private byte[] Write(string path, int length, int seed = 1)
    {
        byte[] bytes = Pattern(length, seed);
        _folder.Write(path, bytes);
        return bytes;
    }

    private static void AssertTensor(PackedModel model, string name, ExternalTensorData place, byte[] bytes)
    {
        PackedTensor tensor = model.FindTensor(name);
        Assert.Equal(place, tensor.External);
        Assert.Equal(bytes.Length, tensor.Length);
        Assert.Equal(bytes, Read(model, tensor));
    }

    private static byte[] Read(PackedModel model, PackedTensor tensor)
    {
        byte[] bytes = new byte[tensor.Length];
        model.ReadTensor(tensor, bytes);
        return bytes;
    }
}
