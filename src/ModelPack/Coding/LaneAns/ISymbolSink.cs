using System.Runtime.Intrinsics;

namespace ModelPack.Coding.LaneAns;

/// <summary>
/// Takes the symbols that a vector kernel decodes, in plane order. Implementations are small structs of a few pointers, so
/// that the kernel compiled for one keeps them in registers.
/// </summary>
internal interface ISymbolSink
{
    /// <summary>Takes the next 64 symbols.</summary>
    void Put(Vector512<byte> symbols);
}
