namespace ModelPack.Comparison.Peers;

/// <summary>A compressor, used from memory to memory on one thread.</summary>
internal interface IPeer
{
    /// <summary>Name and level, as tables show it.</summary>
    string Name { get; }

    /// <summary>Room that <see cref="Pack"/> needs for this many bytes.</summary>
    int MaxPackedLength(int originalLength);

    /// <summary>Compresses and returns the packed length.</summary>
    int Pack(ArraySegment<byte> original, ArraySegment<byte> packed);

    /// <summary>Fills all of <paramref name="restored"/>.</summary>
    void Unpack(ArraySegment<byte> packed, ArraySegment<byte> restored);
}
