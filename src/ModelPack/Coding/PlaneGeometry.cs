namespace ModelPack.Coding;

/// <summary>What the values of a plane are, as far as a coder can use it.</summary>
internal enum PlaneValues
{
    Unknown,
    Unsigned,
    Signed,

    /// <summary>Plane 0 of BFloat16 or Float32, in group order.</summary>
    RotatedExponents,

    /// <summary>Plane 0 of Float16, in group order.</summary>
    HalfExponents,
}

/// <summary>Where in a tensor a plane's elements lie: a hint to encoders, which no coded form depends on.</summary>
/// <param name="Values">What the bytes are; unknown when nothing of this is known.</param>
/// <param name="RowLength">Elements that one output channel takes.</param>
/// <param name="TileLength">Neighbouring elements that belong together, such as the taps of a kernel; divides the row's length.</param>
/// <param name="Start">The plane's first element, counted from the start of a row.</param>
internal readonly record struct PlaneGeometry(PlaneValues Values, int RowLength, int TileLength, int Start)
{
    public bool IsKnown => Values != PlaneValues.Unknown;

    public bool IsOfIntegers => Values is PlaneValues.Unsigned or PlaneValues.Signed;
}
