using System.IO.Hashing;
using ModelPack.Container;
using ModelPack.Fuzz.Targets;
using ModelPack.Pipeline;

namespace ModelPack.Fuzz;

/// <summary>The hash of all files that a container restores, one after the other.</summary>
internal static class RestoredFiles
{
    /// <summary>Restored front to back.</summary>
    /// <exception cref="ModelPackException">The container is refused.</exception>
    public static ulong Stream(byte[] container)
    {
        return Hash(ContainerInput.From(container.AsMemory()), "fuzz");
    }

    /// <inheritdoc cref="Stream(byte[])"/>
    /// <param name="path">A container, or the list of its parts.</param>
    public static ulong Stream(string path)
    {
        using Stream stream = ContainerFile.OpenSequential(path);
        return Hash(ContainerInput.From(stream), path);
    }

    /// <summary>Opened at the index; every file and every tensor read.</summary>
    /// <exception cref="ModelPackException">The container is refused.</exception>
    public static ulong Open(byte[] container)
    {
        using PackedModel model = PackedModel.Open(container, new OpenOptions { Base = SeedModels.Base });
        return Hash(model);
    }

    /// <inheritdoc cref="Open(byte[])"/>
    /// <param name="path">A container, or the list of its parts.</param>
    public static ulong Open(string path)
    {
        using PackedModel model = PackedModel.Open(path, new OpenOptions { Base = SeedModels.Base });
        return Hash(model);
    }

    private static ulong Hash(ContainerInput input, string name)
    {
        using var sink = new HashingSink();
        UnpackPipeline.Run(input, name, sink, new UnpackOptions { Base = SeedModels.Base, Threads = 1 }, progress: null, CancellationToken.None);
        return sink.Hash;
    }

    private static ulong Hash(PackedModel model)
    {
        var hash = new XxHash3();
        foreach (PackedFile file in model.Files)
        {
            using ModelPackStream stream = model.OpenFileStream(file);
            hash.Append(stream);
            foreach (PackedTensor tensor in file.Tensors.Where(static tensor => tensor.Length <= FuzzTarget.MostInputBytes))
            {
                model.ReadTensor(tensor, new byte[tensor.Length]);
            }
        }

        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Keeps the hash of what is restored, and nothing else.</summary>
    private sealed class HashingSink : IUnpackSink
    {
        private readonly XxHash3 _hash = new();

        public ulong Hash => _hash.GetCurrentHashAsUInt64();

        public void Begin(ContainerContent content)
        {
        }

        public void BeginFile(Container.Wire.FileStart start)
        {
        }

        public void Write(ReadOnlySpan<byte> bytes) => _hash.Append(bytes);

        public void EndFile(Container.Wire.FileEnd end)
        {
        }

        public void Commit(CancellationToken cancellationToken)
        {
        }

        public void Dispose()
        {
        }
    }
}
