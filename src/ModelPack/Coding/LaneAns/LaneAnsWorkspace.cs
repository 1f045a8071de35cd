using System.Numerics;

namespace ModelPack.Coding.LaneAns;

/// <summary>What one thread's <see cref="LaneAnsCoder"/> reuses from plane to plane.</summary>
internal sealed class LaneAnsWorkspace
{
    private byte[] _streams = [];

    public LaneAnsHeader Header { get; } = new();

    public LaneAnsChoice Choice { get; } = new();

    public LaneAnsEncodeTable Encode { get; } = new();

    public LaneAnsDecodeTable Decode { get; } = new();

    /// <summary>At least <paramref name="length"/> bytes for the streams of the encoder, with anything in them.</summary>
    public Span<byte> Streams(int length)
    {
        if (_streams.Length < length)
        {
            _streams = new byte[BitOperations.RoundUpToPowerOf2((uint)length)];
        }

        return _streams;
    }
}
