using System.IO.Hashing;
using ModelPack.Container;

namespace ModelPack.Fuzz.Targets;

/// <summary>Whole containers, read front to back and opened at the index.</summary>
internal static class ContainerTargets
{
    private static readonly ContainerRemaker Remaker = new();

    public static IEnumerable<FuzzTarget> All() =>
    [
        new("container", "the bytes of a container as they are, streamed and opened", static input => Both(input.ToArray()), SeedModels.Containers),
        new(
            "remade",
            "a byte that says what to repair, then a container whose checksums are made anew before it is streamed and opened",
            static input => input.IsEmpty ? 0 : Both(Remaker.Remake(input[1..], (Repairs)input[0] & Repairs.All)),
            static () => SeedModels.Containers().SelectMany(static container => new byte[][] { [(byte)Repairs.All, .. container], [(byte)Repairs.Blocks, .. container] })),
        new("index", "a byte of content and features, then the message of an index", static input => ParseIndex(input), IndexSeeds),
    ];

    /// <summary>What can be streamed must open, with the same bytes.</summary>
    private static ulong Both(byte[] container)
    {
        ulong? streamed = null;
        ModelPackException? refusal = null;
        try
        {
            streamed = RestoredFiles.Stream(container);
        }
        catch (ModelPackException exception)
        {
            refusal = exception;
        }

        ulong opened;
        try
        {
            opened = RestoredFiles.Open(container);
        }
        catch (ModelPackException exception)
        {
            throw refusal ?? (Exception)new BrokenPromiseException($"streams, but does not open: {exception.Message}");
        }

        // What opens may be refused as a stream: the index alone does not show all of a container.
        return refusal is not null ? throw refusal
            : streamed == opened ? opened
            : throw new BrokenPromiseException("opened, the container gives other bytes than streamed");
    }

    /// <summary>An index in a container whose trailer says what the index needs it to say.</summary>
    private static ulong ParseIndex(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return 0;
        }

        var content = (input[0] & 1) == 0 ? ContainerContent.File : ContainerContent.Folder;
        var features = (ContainerFeatures)(input[0] >> 1) & (ContainerFeatures.Repeats | ContainerFeatures.Base | ContainerFeatures.Tree);
        ReadOnlySpan<byte> message = input[1..];
        long frames = 1 + CountFrames(message);
        var trailer = new ContainerTrailer(1L << 40, frames, (1L << 40) + Frame.HeaderLength + message.Length + Frame.TrailerLength);
        var index = ContainerIndex.Parse(message, content, trailer, features);
        var hash = new XxHash3();
        foreach (IndexedFile file in index.Files)
        {
            for (int tensor = 0; tensor < file.Tensors.Length; tensor++)
            {
                foreach ((long offset, long length, long _) in file.TensorRanges(tensor).Span)
                {
                    if (offset < 0 || length < 1 || offset > file.Length - length)
                    {
                        throw new BrokenPromiseException($"tensor {tensor} has {length} bytes at {offset} of a file of {file.Length}");
                    }

                    hash.Append(BitConverter.GetBytes(offset));
                }
            }

            for (int block = 0; block < file.BlockCount; block++)
            {
                if (file.FindBlock(file.BlockStart(block)) != block)
                {
                    throw new BrokenPromiseException($"block {block} is not found where it starts");
                }
            }
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static long CountFrames(ReadOnlySpan<byte> message)
    {
        try
        {
            var index = Container.Wire.Index.Parser.ParseFrom(message);
            return index.Files.Sum(static file => 2L + file.BlockLengths.Count) + (index.Base is null ? 0 : 1);
        }
        catch (Google.Protobuf.InvalidProtocolBufferException)
        {
            return 0;
        }
    }

    private static IEnumerable<byte[]> IndexSeeds() => SeedModels.Containers().Select(static container =>
    {
        Frame index = Frame.Walk(container)[^1];
        byte first = (byte)((container[10] - 1) | (container[12] << 1));
        return (byte[])[first, .. container.AsSpan(index.PayloadOffset, index.PayloadLength)];
    });
}
