using ModelPack.Coding;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Contracts;

/// <summary>What every <see cref="IPlaneCoder"/> promises. A coder's test class derives from this and adds its own tests.</summary>
public abstract class PlaneCoderContract
{
    private const byte Guard = 0xA5;

    public static TheoryData<string, int> Planes
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string kind in SeededPlanes.Kinds)
            {
                foreach (int length in SeededPlanes.Lengths)
                {
                    data.Add(kind, length);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Kinds => [.. SeededPlanes.Kinds];

    private protected abstract IPlaneCoder Coder { get; }

    /// <summary>At least one kind of plane that this coder takes, so that no test of the contract is empty.</summary>
    protected abstract string AcceptedKind { get; }

    [Theory]
    [MemberData(nameof(Planes))]
    public void Restores_every_byte_whatever_the_buffer_held_before(string kind, int length)
    {
        byte[] plane = SeededPlanes.Make(kind, length);
        var workspace = new CodingWorkspace();
        if (!TryEncode(plane, workspace, out byte[] coded))
        {
            Assert.NotEqual(AcceptedKind, kind);
            return;
        }

        foreach (byte before in new byte[] { 0x00, 0xFF })
        {
            byte[] buffer = new byte[length + 128];
            buffer.AsSpan().Fill(Guard);
            Span<byte> restored = buffer.AsSpan(64, length);
            restored.Fill(before);
            Coder.Decode(coded, restored, workspace);
            Assert.True(restored.SequenceEqual(plane));
            Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept(Guard) < 0, "wrote before the plane");
            Assert.True(buffer.AsSpan(64 + length).IndexOfAnyExcept(Guard) < 0, "wrote behind the plane");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Writes_the_same_bytes_again_and_only_when_they_fit(string kind)
    {
        byte[] plane = SeededPlanes.Make(kind, 5000);
        var workspace = new CodingWorkspace();
        if (!TryEncode(plane, workspace, out byte[] coded))
        {
            Assert.NotEqual(AcceptedKind, kind);
            return;
        }

        // Other work in between must leave no trace.
        _ = TryEncode(SeededPlanes.Make("text", 777), workspace, out _);
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] exact = new byte[coded.Length];
        Assert.True(Coder.TryEncode(plane, histogram, exact, workspace, out int written));
        Assert.Equal(coded.Length, written);
        Assert.Equal(coded, exact);

        byte[] guarded = new byte[coded.Length + 63];
        guarded.AsSpan().Fill(Guard);
        Assert.False(Coder.TryEncode(plane, histogram, guarded.AsSpan(0, coded.Length - 1), workspace, out written));
        Assert.Equal(0, written);
        Assert.True(guarded.AsSpan(coded.Length - 1).IndexOfAnyExcept(Guard) < 0, "wrote behind its room");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Estimate_is_close_to_the_coded_length(string kind)
    {
        byte[] plane = SeededPlanes.Make(kind, 60_000);
        // A histogram does not show what several tables save.
        var workspace = new CodingWorkspace { MostLaneTables = 1 };
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        long? estimate = Coder.EstimateEncodedLength(histogram, workspace);
        bool accepted = TryEncode(plane, workspace, out byte[] coded);
        if (estimate is { } length && length != long.MaxValue)
        {
            Assert.True(accepted, "an estimate was given for a plane that is not taken");
            Assert.InRange(coded.Length, (length * 0.99) - 64, (length * 1.01) + 64);
        }
        else if (estimate == long.MaxValue)
        {
            Assert.False(accepted, "a plane was taken that the estimate excludes");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Refuses_every_cut_and_any_byte_too_many(string kind)
    {
        byte[] plane = SeededPlanes.Make(kind, 700);
        var workspace = new CodingWorkspace();
        if (!TryEncode(plane, workspace, out byte[] coded))
        {
            return;
        }

        for (int length = 0; length < coded.Length; length++)
        {
            AssertRefusedOrDifferent(coded.AsSpan(0, length), plane, workspace, mustRefuse: false);
        }

        AssertRefusedOrDifferent([.. coded, 0], plane, workspace, mustRefuse: true);
        AssertRefusedOrDifferent([.. coded, .. new byte[8]], plane, workspace, mustRefuse: true);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_flipped_bit_goes_unnoticed(string kind)
    {
        foreach (int length in new[] { 1, 65, 700 })
        {
            byte[] plane = SeededPlanes.Make(kind, length);
            var workspace = new CodingWorkspace();
            if (!TryEncode(plane, workspace, out byte[] coded))
            {
                continue;
            }

            for (int bit = 0; bit < coded.Length * 8; bit++)
            {
                coded[bit / 8] ^= (byte)(1 << (bit % 8));
                AssertRefusedOrDifferent(coded, plane, workspace, mustRefuse: false);
                coded[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Random_damage_touches_nothing_outside_the_plane(string kind)
    {
        byte[] plane = SeededPlanes.Make(kind, 3000);
        var workspace = new CodingWorkspace();
        if (!TryEncode(plane, workspace, out byte[] coded))
        {
            return;
        }

        var random = new Random(4242);
        for (int round = 0; round < 300; round++)
        {
            byte[] damaged = [.. coded];
            for (int n = random.Next(1, 9); n > 0; n--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            AssertRefusedOrDifferent(damaged, plane, workspace, mustRefuse: false, mayEqual: damaged.AsSpan().SequenceEqual(coded));
        }

        for (int round = 0; round < 300; round++)
        {
            byte[] noise = new byte[random.Next(0, 600)];
            random.NextBytes(noise);
            AssertRefusedOrDifferent(noise, plane, workspace, mustRefuse: false, mayEqual: true);
        }
    }

    [Fact]
    public void Allocates_nothing_in_steady_state()
    {
        byte[] plane = SeededPlanes.Make(AcceptedKind, 131_072);
        var workspace = new CodingWorkspace();
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] coded = new byte[(plane.Length * 2) + 4096];
        byte[] restored = new byte[plane.Length];

        void Work()
        {
            _ = Coder.EstimateEncodedLength(histogram, workspace);
            _ = Coder.TryEncode(plane, histogram, coded, workspace, out int written);
            Coder.Decode(coded.AsSpan(0, written), restored, workspace);
        }

        Assert.Equal(0, Allocations.InSteadyState(Work));
        Assert.Equal(plane, restored);
    }

    private protected bool TryEncode(byte[] plane, CodingWorkspace workspace, out byte[] coded)
    {
        var histogram = new PlaneHistogram();
        histogram.Count(plane);
        byte[] room = new byte[(plane.Length * 2) + 4096];
        bool fits = Coder.TryEncode(plane, histogram, room, workspace, out int written);
        coded = room[..written];
        return fits;
    }

    private void AssertRefusedOrDifferent(
        ReadOnlySpan<byte> coded, byte[] plane, CodingWorkspace workspace, bool mustRefuse, bool mayEqual = false)
    {
        byte[] buffer = new byte[plane.Length + 128];
        buffer.AsSpan().Fill(Guard);
        Span<byte> restored = buffer.AsSpan(64, plane.Length);
        // A decoder that leaves bytes unwritten must not look right by accident.
        for (int i = 0; i < restored.Length; i++)
        {
            restored[i] = (byte)~plane[i];
        }

        bool refused = false;
        try
        {
            Coder.Decode(coded, restored, workspace);
        }
        catch (ModelPackException exception)
        {
            Assert.Equal(ModelPackError.Corrupt, exception.Error);
            refused = true;
        }

        Assert.True(buffer.AsSpan(0, 64).IndexOfAnyExcept(Guard) < 0, "wrote before the plane");
        Assert.True(buffer.AsSpan(64 + plane.Length).IndexOfAnyExcept(Guard) < 0, "wrote behind the plane");
        Assert.True(refused || (!mustRefuse && (mayEqual || !restored.SequenceEqual(plane))), "damage went unnoticed");
    }
}
