using ModelPack.Primitives;

namespace ModelPack.OnnxRuntime.Weights;

/// <summary>A run of bytes of a restored file.</summary>
internal readonly record struct ByteRun(long Offset, long Length);

/// <summary>A tensor that goes to memory: where its bytes are in the packed model, and where they are to be.</summary>
/// <param name="Source">The file that holds them.</param>
/// <param name="Runs">Its bytes in that file, in order.</param>
/// <param name="Target">Offset in memory.</param>
/// <param name="Length">Bytes in memory.</param>
/// <param name="VarintElementSize">Bytes of an element when the file holds varints; 0 when the bytes are what memory is to hold.</param>
internal sealed record Weight(ByteSource Source, IReadOnlyList<ByteRun> Runs, long Target, long Length, int VarintElementSize);
