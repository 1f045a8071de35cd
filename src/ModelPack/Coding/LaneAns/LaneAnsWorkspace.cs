using System.Numerics;

namespace ModelPack.Coding.LaneAns;

/// <summary>What one thread's <see cref="LaneAnsCoder"/> reuses from plane to plane.</summary>
internal sealed class LaneAnsWorkspace
{
    private byte[] _streams = [];

    public LaneAnsHeader Header { get; } = new();

    public LaneAnsChoice Choice { get; } = new();

    public LaneAnsClasses Classes { get; } = new();

    public LaneAnsSchedule<LaneAnsEncodeTable> Encode { get; } = new();

    public LaneAnsSchedule<LaneAnsDecodeTable> Decode { get; } = new();

    /// <summary>Builds what encoding with the header's tables needs.</summary>
    public void BuildEncode()
    {
        for (int table = 0; table < Header.Tables.Count; table++)
        {
            Header.Tables[table].Build(Encode[table]);
        }

        Encode.Follow(Header.Tables, Header.Lanes.Lanes);
    }

    /// <summary>Builds what decoding with the header's tables needs.</summary>
    public void BuildDecode()
    {
        for (int table = 0; table < Header.Tables.Count; table++)
        {
            Header.Tables[table].Build(Decode[table]);
        }

        Decode.Follow(Header.Tables, Header.Lanes.Lanes);
    }

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
