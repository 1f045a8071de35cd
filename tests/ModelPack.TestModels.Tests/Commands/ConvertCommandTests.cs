using System.Globalization;
using ModelPack.TestModels.Commands;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Commands;

public sealed class ConvertCommandTests
{
    /// <summary>Little-endian bytes of what <c>OnnxModels.TypedFields</c> puts into each field, worked out by hand.</summary>
    public static TheoryData<string, string, string> TypedFields => new()
    {
        { "f32", "F32", "00000000 00000080 0000C03F 000010C0 FFFF7F7F 01000000" },
        { "f64", "F64", "9A9999999999B93F 9C7500883CE437FE 0100000000000000" },
        { "i64", "I64", "0000000000000000 0100000000000000 FFFFFFFFFFFFFFFF FFFFFFFFFFFFFF7F 0000000000000080" },
        { "u64", "U64", "0000000000000000 2C01000000000000 FFFFFFFFFFFFFFFF" },
        { "u32", "U32", "01000000 80000000 FFFFFFFF" },
        { "i32", "I32", "00000000 FFFFFFFF 7F000000 80000000 FFFFFF7F 00000080" },
        { "i16", "I16", "0080 FF7F FFFF" },
        { "u16", "U16", "0000 FFFF 2C01" },
        { "i8", "I8", "80 7F FF" },
        { "u8", "U8", "00 FF 80" },
        { "bool", "BOOL", "01 00 01" },
        { "f16", "F16", "003C 00C0 FF7B" },
        { "bf16", "BF16", "803F 00C0 7F7F" },
    };

    [Theory]
    [MemberData(nameof(TypedFields))]
    public void Typed_fields_become_raw_data(string name, string dtype, string hexadecimal)
    {
        (string foundDtype, _, byte[] data) = Convert("typed_fields.onnx")[name];
        Assert.Equal(dtype, foundDtype);
        Assert.Equal(System.Convert.FromHexString(hexadecimal.Replace(" ", "", StringComparison.Ordinal)), data);
    }

    [Fact]
    public void Shapes_and_metadata_are_kept()
    {
        SafetensorsFile file = Convert("typed_fields.onnx");
        Assert.Equal([2, 3], file["f32"].Shape);
        Assert.Equal("""{"format":"pt"}""", file.Metadata);
    }

    [Fact]
    public void Text_is_left_out_with_a_reason()
    {
        using var folder = new TemporaryFolder();
        ConvertResult result = ConvertCommand.Convert(Model("typed_fields.onnx"), folder.PathOf("out"), "keep", 0, CancellationToken.None);
        Assert.Equal(13, result.Tensors);
        Assert.Equal(["'text': safetensors has no String"], result.Skipped);
    }

    [Theory]
    [InlineData("f32", "bf16", "F32:BF16", "0000 0080 C03F 10C0 807F 0000")] // the largest F32 overflows, the smallest vanishes
    [InlineData("f32", "f16", "F32:F16", "0000 0080 003E 80C0 007C 0000")]
    [InlineData("bf16", "f32", "BF16:F32", "0000803F 000000C0 00007F7F")]
    [InlineData("f16", "bf16", "F16:BF16", "803F 00C0 8047")] // 65504 rounds to 65536
    [InlineData("i32", "bf16", "I32:I32", "00000000 FFFFFFFF 7F000000 80000000 FFFFFF7F 00000080")]
    [InlineData("f64", "f16", "F64:F64", "9A9999999999B93F 9C7500883CE437FE 0100000000000000")]
    public void Floats_are_converted_and_nothing_else(string name, string target, string dtypes, string hexadecimal)
    {
        (string dtype, _, byte[] data) = Convert("typed_fields.onnx", target)[name];
        Assert.Equal(dtypes.Split(':')[1], dtype);
        Assert.Equal(System.Convert.FromHexString(hexadecimal.Replace(" ", "", StringComparison.Ordinal)), data);
    }

    [Fact]
    public void Weights_of_all_chunks_agree_with_a_conversion_one_by_one()
    {
        // 12,288 + 1,920 + 202 weights; the matrices are longer than any vector and not whole chunks.
        SafetensorsFile kept = Convert("mlp_f32.onnx"), converted = Convert("mlp_f32.onnx", "bf16");
        Assert.Equal(kept.Names.Order(StringComparer.Ordinal), converted.Names.Order(StringComparer.Ordinal));
        Assert.Equal(kept.DataLength, converted.DataLength * 2);
        foreach (string name in kept.Names)
        {
            byte[] wide = kept[name].Data, narrow = converted[name].Data;
            for (int i = 0; i < narrow.Length / 2; i++)
            {
                // The nearest of the neighbours is at most half a unit, 2^-8 of the value, away.
                float value = BitConverter.ToSingle(wide, i * 4);
                float rounded = BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(narrow, i * 2) << 16);
                Assert.InRange(Math.Abs(rounded - value), 0, Math.Abs(value) / 256);
            }
        }
    }

    [Fact]
    public void Subgraphs_and_constants_are_found()
    {
        SafetensorsFile file = Convert("if_constants.onnx");
        Assert.Equal(["else_w", "then_w"], file.Names);
        Assert.All(file.Names, name => Assert.Equal(32 * 32 * 4, file[name].Data.Length));
    }

    [Fact]
    public void Small_tensors_can_be_left_out()
    {
        using var folder = new TemporaryFolder();
        ConvertCommand.Convert(Model("mlp_f32.onnx"), folder.PathOf("out"), "keep", 768, CancellationToken.None);
        Assert.Equal(["b1", "w1", "w2"], new SafetensorsFile(File.ReadAllBytes(folder.PathOf("out"))).Names);
    }

    [Fact]
    public void Every_truncation_is_refused_or_whole()
    {
        using var folder = new TemporaryFolder();
        byte[] model = File.ReadAllBytes(Model("typed_fields.onnx"));
        string path = folder.PathOf("cut.onnx"), output = folder.PathOf("out");
        for (int length = 0; length < model.Length; length++)
        {
            File.WriteAllBytes(path, model[..length]);
            Exception? error = Record.Exception(() => ConvertCommand.Convert(path, output, "keep", 0, CancellationToken.None));

            // The last field is the list of operator sets: without it the graph is still whole.
            if (error is null)
            {
                Assert.True(length >= model.Length - 8, string.Create(CultureInfo.InvariantCulture, $"{length} bytes were taken for a model"));
            }
            else
            {
                Assert.Equal(ModelPackError.Corrupt, Assert.IsType<ModelPackException>(error).Error);
            }
        }
    }

    private static string Model(string name) => Path.Combine(Repository.TestModels, name);

    private static SafetensorsFile Convert(string model, string target = "keep")
    {
        using var folder = new TemporaryFolder();
        ConvertCommand.Convert(Model(model), folder.PathOf("out.safetensors"), target, 0, CancellationToken.None);
        return new SafetensorsFile(File.ReadAllBytes(folder.PathOf("out.safetensors")));
    }
}
