using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ModelPack.TestModels.Safetensors;

namespace ModelPack.TestModels.Commands;

/// <summary><c>shard</c>: a safetensors file as a model folder with several of them, as model hubs lay it out.</summary>
internal static class ShardCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("IN.safetensors") { Description = "The safetensors file." };
        var output = new Argument<string>("FOLDER") { Description = "The folder to write to." };
        var shards = new Option<int>("--shards") { Description = "Files, of about the same size.", DefaultValueFactory = _ => 10 };
        var command = new Command("shard", "Spreads the tensors of a safetensors file over several, with the index that joins them.") { input, output, shards };
        command.SetAction(arguments =>
        {
            string folder = arguments.GetRequiredValue(output);
            int count = Shard(arguments.GetRequiredValue(input), folder, arguments.GetValue(shards));
            Console.WriteLine($"{folder}: {count} tensors in {arguments.GetValue(shards)} files");
        });
        return command;
    }

    /// <summary>Writes the shards, then the index.</summary>
    /// <param name="input">A safetensors file.</param>
    /// <param name="folder">The folder to write to.</param>
    /// <param name="shardCount">Files.</param>
    /// <returns>Tensors in all files.</returns>
    /// <exception cref="ModelPackException">The input is no safetensors file, or has fewer tensors than that.</exception>
    public static int Shard(string input, string folder, int shardCount)
    {
        using FileStream source = File.OpenRead(input);
        SafetensorsTensor[] tensors = Read(source, input);
        if (shardCount < 1 || shardCount > tensors.Length)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"{tensors.Length} tensors cannot be spread over {shardCount} files", input);
        }

        long total = tensors.Sum(static tensor => tensor.ByteLength);
        long done = 0;
        int next = 0;
        var shardOf = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (int shard = 0; shard < shardCount; shard++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"model-{shard + 1:D5}-of-{shardCount:D5}.safetensors");
            int first = next;

            // At least one each, and one is left for each that follows.
            do
            {
                done += tensors[next].ByteLength;
                shardOf.Add(tensors[next++].Info.Name, name);
            }
            while (tensors.Length - next > shardCount - shard - 1 && (shard == shardCount - 1 || done < total * (shard + 1) / shardCount));

            SafetensorsTensor[] part = tensors[first..next];
            AtomicFile.Write(Path.Combine(folder, name), stream => SafetensorsWriter.Write(stream, part, SafetensorsWriter.PyTorchMetadata));
        }

        AtomicFile.Write(Path.Combine(folder, "model.safetensors.index.json"), stream => WriteIndex(stream, total, shardOf));
        return tensors.Length;
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    private static SafetensorsTensor[] Read(FileStream source, string path)
    {
        try
        {
            using var reader = new BinaryReader(source, System.Text.Encoding.UTF8, leaveOpen: true);
            ulong headerLength = reader.ReadUInt64();
            if (headerLength > (ulong)(source.Length - source.Position))
            {
                throw new ModelPackException(ModelPackError.Corrupt, $"no safetensors file: a header of {headerLength} bytes", path);
            }

            using var header = JsonDocument.Parse(reader.ReadBytes((int)headerLength));
            long dataStart = source.Position;
            return
            [
                .. header.RootElement.EnumerateObject()
                    .Where(static entry => entry.Name != "__metadata__")
                    .OrderBy(static entry => entry.Value.GetProperty("data_offsets")[0].GetInt64())
                    .Select(entry => Tensor(source, dataStart, entry, path)),
            ];
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or EndOfStreamException)
        {
            throw new ModelPackException(ModelPackError.Corrupt, "no safetensors file: its header cannot be read", path, innerException: exception);
        }
    }

    private static SafetensorsTensor Tensor(FileStream source, long dataStart, JsonProperty entry, string path)
    {
        string dtypeName = entry.Value.GetProperty("dtype").GetString() ?? "";
        if (!DtypeFacts.TryParse(dtypeName, out Dtype dtype))
        {
            throw new ModelPackException(ModelPackError.Unsupported, $"tensor '{entry.Name}' has the dtype '{dtypeName}'", path);
        }

        long begin = dataStart + entry.Value.GetProperty("data_offsets")[0].GetInt64();
        var info = new TensorInfo(entry.Name, dtype, [.. entry.Value.GetProperty("shape").EnumerateArray().Select(static dimension => dimension.GetUInt64())]);
        long length = SafetensorsTensor.LengthOf(info);
        return new SafetensorsTensor(info, output => Copy(source, begin, length, output));
    }

    private static void Copy(FileStream source, long begin, long length, Stream output)
    {
        byte[] buffer = new byte[1 << 20];
        source.Position = begin;
        while (length > 0)
        {
            int part = (int)Math.Min(buffer.Length, length);
            source.ReadExactly(buffer.AsSpan(0, part));
            output.Write(buffer.AsSpan(0, part));
            length -= part;
        }
    }

    private static void WriteIndex(Stream output, long total, SortedDictionary<string, string> shardOf)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", total);
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        foreach ((string tensor, string shard) in shardOf)
        {
            json.WriteString(tensor, shard);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
