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
        using var sink = new HashingSink();
        UnpackPipeline.Run(ContainerInput.From(container.AsMemory()), "fuzz", sink, new UnpackOptions { Base = SeedModels.Base, Threads = 1 }, progress: null, CancellationToken.None);
        return sink.Hash;
    }

    /// <summary>Opened at the index; every file and every tensor read.</summary>
    /// <exception cref="ModelPackException">The container is refused.</exception>
    public static ulong Open(byte[] container)
    {
        using PackedModel model = PackedModel.Open(container, new OpenOptions { Base = SeedModels.Base });
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
