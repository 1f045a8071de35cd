using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace ModelPack.Comparison.Tests.Support;

/// <summary>Small safetensors files, laid out by hand and filled from a seed.</summary>
internal static class Models
{
    public static byte[] Safetensors(params (string Name, string Dtype, int[] Shape, byte[] Data)[] tensors)
    {
        long offset = 0;
        IEnumerable<string> entries = tensors.Select(tensor =>
        {
            string entry = $"{JsonSerializer.Serialize(tensor.Name)}:{{\"dtype\":\"{tensor.Dtype}\",\"shape\":[{string.Join(',', tensor.Shape)}],\"data_offsets\":[{offset},{offset + tensor.Data.Length}]}}";
            offset += tensor.Data.Length;
            return entry;
        });
        byte[] header = Encoding.UTF8.GetBytes($"{{{string.Join(',', entries)}}}");
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. header, .. tensors.SelectMany(static tensor => tensor.Data)];
    }

    /// <summary>BF16 values with the bell shape of trained weights.</summary>
    public static byte[] BFloat16(int count, int seed, double deviation = 0.02)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[2 * count];
        for (int i = 0; i < count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)(BitConverter.SingleToUInt32Bits((float)(normal * deviation)) >> 16));
        }

        return bytes;
    }

    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>Path of a model that tools/fetch-models.sh fetches.</summary>
    public static string Fetched(string name) => Path.Combine(Root, "testmodels", "fetched", name);

    /// <summary>Path of a committed model.</summary>
    public static string Committed(string name) => Path.Combine(Root, "testmodels", name);

    private static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "ModelPack.sln")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"no ModelPack.sln above {AppContext.BaseDirectory}");
    }
}

/// <summary>A theory over a fetched model; skipped where that is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FetchedTheoryAttribute : TheoryAttribute
{
    public FetchedTheoryAttribute()
    {
        if (!File.Exists(Models.Fetched("isnet_medium_bf16.safetensors")))
        {
            Skip = "real models are not fetched; run tools/fetch-models.sh";
        }
    }
}

/// <summary>A new empty folder that is removed at the end of a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("modelpack-comparison-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
