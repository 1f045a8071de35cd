namespace ModelPack.TestModels.Generation;

/// <summary>
/// The SplitMix64 generator (Steele, Lea and Flood 2014; constants of Vigna's public-domain version): integer arithmetic
/// alone, so that it gives the same numbers on every machine and every .NET.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="bound"/> - 1; bounds here are small, so the bias is far below 2^-32.</summary>
    public uint Below(uint bound) => (uint)(((Next() >> 32) * bound) >> 32);
}
