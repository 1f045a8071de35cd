using System.Buffers.Binary;
using System.IO.Hashing;
using ModelPack.Coding;
using ModelPack.Pipeline;

namespace ModelPack.Fuzz.Targets;

/// <summary>Each plane decoder, and the payload of a block.</summary>
internal static class CoderTargets
{
    private const int LengthBytes = 3;

    /// <summary>Enough for every path of the kernels; the limit of the format is 16 MiB and only makes fuzzing slower.</summary>
    private const int MostRestoredBytes = 1 << 18;

    private static readonly GuardedMemory Coded = new(FuzzTarget.MostInputBytes);
    private static readonly GuardedMemory Restored = new(MostRestoredBytes);
    private static readonly CodingWorkspace Workspace = new();
    private static readonly BlockDecoder Blocks = new();

    public static IEnumerable<FuzzTarget> All()
    {
        for (int id = 0; id < PlaneCoders.Count; id++)
        {
            IPlaneCoder coder = PlaneCoders.Get((byte)id);
            yield return new FuzzTarget(
                "coder-" + coder.Name,
                "three bytes of plane length, then a plane coded with " + coder.Name,
                input => Decode(input, (coded, plane) => coder.Decode(coded, plane, Workspace)),
                () => PlaneSeeds(coder));
        }

        yield return new FuzzTarget(
            "block", "three bytes of restored length, then the payload of a block, whose checksum is taken to be right", input => Decode(input, DecodeBlock), BlockSeeds);
    }

    private delegate void Decoding(ReadOnlySpan<byte> coded, Span<byte> restored);

    /// <summary>Decodes twice over different old contents, and demands the same verdict and bytes.</summary>
    private static ulong Decode(Span<byte> input, Decoding decode)
    {
        if (input.Length < LengthBytes)
        {
            throw new ModelPackException(ModelPackError.Corrupt, "too short for a length");
        }

        int length = 1 + ((input[0] | (input[1] << 8) | (input[2] << 16)) % MostRestoredBytes);
        Span<byte> coded = Coded.Last(input.Length - LengthBytes);
        input[LengthBytes..].CopyTo(coded);
        Span<byte> restored = Restored.Last(length);
        restored.Clear();
        decode(coded, restored);
        ulong first = XxHash3.HashToUInt64(restored);
        restored.Fill(0xA5);
        try
        {
            decode(coded, restored);
        }
        catch (ModelPackException exception)
        {
            throw new BrokenPromiseException($"accepted once and refused the second time: {exception.Message}");
        }

        return XxHash3.HashToUInt64(restored) == first ? first : throw new BrokenPromiseException("the result depends on what was in the buffer before");
    }

    private static void DecodeBlock(ReadOnlySpan<byte> payload, Span<byte> restored)
    {
        try
        {
            // No other bytes hash to this but with a chance of 2^-64: every sound payload ends in this refusal, after all of it was decoded.
            Blocks.Decode(payload, Container.BlockForm.Coded, restored, checksum: 0x5EED);
        }
        catch (ModelPackException exception) when (exception.Reason.Contains("do not match its checksum", StringComparison.Ordinal))
        {
        }
    }

    private static IEnumerable<byte[]> PlaneSeeds(IPlaneCoder coder)
    {
        byte[] coded = new byte[1 << 20];
        foreach (byte[] plane in SeedPlanes.All())
        {
            var histogram = new PlaneHistogram();
            histogram.Count(plane);
            if (coder.TryEncode(plane, histogram, coded, Workspace, out int written))
            {
                yield return WithLength(plane.Length, coded.AsSpan(0, written));
            }
        }
    }

    private static IEnumerable<byte[]> BlockSeeds()
    {
        foreach (byte[] container in SeedModels.Containers())
        {
            foreach (Frame frame in Frame.Walk(container))
            {
                if (frame is { Kind: Frame.Block, Form: 0, RestoredLength: <= MostRestoredBytes and > 0 })
                {
                    yield return WithLength(frame.RestoredLength, container.AsSpan(frame.PayloadOffset, frame.PayloadLength));
                }
            }
        }
    }

    private static byte[] WithLength(int length, ReadOnlySpan<byte> coded)
    {
        byte[] seed = new byte[LengthBytes + coded.Length + 1];
        BinaryPrimitives.WriteInt32LittleEndian(seed, length - 1);
        coded.CopyTo(seed.AsSpan(LengthBytes));
        return seed[..^1];
    }
}
