using System.Runtime.Intrinsics;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// Gives the symbols that a vector kernel encodes, from the last to the first: the mirror of <see cref="ISymbolSink"/>.
/// </summary>
internal interface ISymbolSource
{
    /// <summary>The 64 symbols before those it gave last, in plane order.</summary>
    Vector512<byte> TakeBefore();
}
