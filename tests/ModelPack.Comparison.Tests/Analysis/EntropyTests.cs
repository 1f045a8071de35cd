using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ModelPack.Comparison.Analysis;
using ModelPack.Comparison.Reporting;
using ModelPack.Comparison.Tests.Support;

namespace ModelPack.Comparison.Tests.Analysis;

public sealed class EntropyTests
{
    private static readonly CompareOptions Quick = new() { Levels = [], WithCoders = false, WithPeers = false };

    // H(1/2, 1/4, 1/8, 1/8) = 1.75 bits.
    [Fact]
    public void Entropy_is_what_one_works_out_by_hand()
    {
        Assert.Equal(14, Entropy.TotalBits([4, 2, 1, 1, 0]), 1e-12);
        Assert.Equal(0, Entropy.TotalBits([7]), 1e-12);

        // Two contexts: four bits for four fair symbols, nothing for three equal ones.
        Assert.Equal(4, Entropy.ConditionalBits([2, 2, 0, 3], 2), 1e-12);
    }

    // Exponents 127, 127, 128, 128 (1, 1.5, 2, 3): one bit each; the top mantissa bit is set in two of four, one in each exponent.
    [Fact]
    public void Exponent_and_mantissa_bit_count_jointly()
    {
        using var folder = new TemporaryFolder();
        byte[] data = Models.Bytes([.. Enumerable.Range(0, 4096).SelectMany(static _ => new ushort[] { 0x3F80, 0x3FC0, 0x4000, 0x4040 })]);
        ComparedTensor tensor = Measure(folder.Write("m.safetensors", Models.Safetensors(("w", "BF16", [16384], data))));

        Assert.Equal(1, tensor.Entropies!.Exponent!.Value, 1e-9);
        Assert.Equal(2, tensor.Entropies.ExponentAndTopMantissaBit!.Value, 1e-9);
        Assert.Equal(1, tensor.Entropies.TopMantissaBitGivenExponent!.Value, 1e-9);
        Assert.Equal(2, tensor.BoundBitsPerValue!.Value, 1e-9);

        // Of fewer than 64 Ki symbols, contexts tell nothing.
        Assert.Null(tensor.Entropies.SymbolGivenPrevious);
    }

    // Exponents alternate: each tells the next, though each is as frequent as the other.
    [Fact]
    public void Symbols_are_counted_in_their_contexts()
    {
        using var folder = new TemporaryFolder();
        byte[] data = Models.Bytes([.. Enumerable.Range(0, 1 << 17).Select(static i => (ushort)(i % 2 == 0 ? 0x3F80 : 0x4000))]);
        ComparedTensor tensor = Measure(folder.Write("m.safetensors", Models.Safetensors(("w", "BF16", [1 << 17], data))));

        Assert.Equal(1, tensor.Entropies!.Exponent!.Value, 1e-9);
        Assert.InRange(tensor.Entropies.SymbolGivenPrevious!.Value, 0, 0.001);
        Assert.Equal(1, tensor.Entropies.SymbolGivenClass!.Value, 1e-9);
    }

    // Rows have one of two scales with two exponents each: two bits without the row, one bit with it.
    [Fact]
    public void Rows_are_contexts_at_the_level_max()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(1);
        byte[] data = Models.Bytes([.. Enumerable.Range(0, 1 << 18).Select(i => (ushort)(((i >> 9) % 2 == 0 ? 120 : 125) + random.Next(2) << 7))]);
        string path = folder.Write("m.safetensors", Models.Safetensors(("w", "BF16", [512, 512], data)));
        ComparedTensor tensor = Assert.Single(Assert.Single(Comparer.Measure([path], Quick with { Levels = [PackLevel.Max] }, null, CancellationToken.None).Sources).Tensors);
        ComparedPlane plane = tensor.Planes[0];

        Assert.Equal(2, plane.EntropyBits, 1e-3);
        Assert.Equal(1, tensor.Entropies!.SymbolGivenContext!.Value, 1e-3);
        Assert.InRange(plane.ContextBoundBytes!.Value, 32_700, 32_800);
        Assert.Equal("context-ans", plane.Coders["max"]);
        Assert.InRange(plane.PackedBytes["max"]!.Value, plane.ContextBoundBytes!.Value, 1.03 * plane.ContextBoundBytes.Value);
        Assert.Equal(plane.PackedBytes["max"]!.Value / plane.ContextBoundBytes.Value, 1 + plane.ContextDistance!.Value, 1e-9);

        // Nothing has contexts where the level max was not asked for.
        Assert.Null(Measure(path).Entropies!.SymbolGivenContext);
    }

    /// <summary>A few lines of Python, which know the formats from their definitions alone, find the same numbers.</summary>
    [PythonTheory]
    [InlineData("transformer_bf16.safetensors")]
    [InlineData("floats.safetensors")]
    [InlineData("quantised.safetensors")]
    public void An_independent_program_finds_the_same(string name) => AssertSameAsIndependent(Models.Committed(name));

    private static void AssertSameAsIndependent(string path)
    {
        var start = new ProcessStartInfo("python3", [Path.Combine(AppContext.BaseDirectory, "Analysis", "entropy.py"), path]) { RedirectStandardOutput = true };
        using Process python = Process.Start(start)!;
        using var expected = JsonDocument.Parse(python.StandardOutput.ReadToEnd());
        python.WaitForExit();
        SourceReport source = Assert.Single(Comparer.Measure([path], Quick, null, CancellationToken.None).Sources);
        int compared = 0;
        foreach (ComparedTensor tensor in source.Tensors)
        {
            if (!expected.RootElement.TryGetProperty(tensor.Name, out JsonElement planes))
            {
                continue;
            }

            Assert.Equal(tensor.Planes.Count, planes.GetArrayLength());
            for (int plane = 0; plane < tensor.Planes.Count; plane++)
            {
                double bits = planes[plane].GetDouble();
                Assert.True(
                    Math.Abs(bits - (tensor.Planes[plane].EntropyBits * tensor.Planes[plane].Symbols)) <= 1e-6 * (1 + bits),
                    string.Create(CultureInfo.InvariantCulture, $"{tensor.Name}, plane {plane}: {bits} and {tensor.Planes[plane].EntropyBits * tensor.Planes[plane].Symbols} bits"));
                compared++;
            }
        }

        Assert.InRange(compared, 4, int.MaxValue);
    }

    private static ComparedTensor Measure(string path) =>
        Assert.Single(Assert.Single(Comparer.Measure([path], Quick, null, CancellationToken.None).Sources).Tensors);
}

/// <summary>A theory that needs the command python3.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonTheoryAttribute : TheoryAttribute
{
    public PythonTheoryAttribute()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!Array.Exists(folders, static folder => File.Exists(Path.Combine(folder, "python3"))))
        {
            Skip = "needs python3";
        }
    }
}
