using ModelPack.Coding.Constant;
using ModelPack.Coding.ContextAns;
using ModelPack.Coding.Huffman;
using ModelPack.Coding.LaneAns;
using ModelPack.Coding.Lz;
using ModelPack.Coding.Lzw;
using ModelPack.Coding.Stored;

namespace ModelPack.Coding;

/// <summary>All coders by wire id.</summary>
internal static class PlaneCoders
{
    private static readonly IPlaneCoder[] ById =
    [
        StoredCoder.Instance, ConstantCoder.Instance, HuffmanCoder.Instance, LzwCoder.Instance, LaneAnsCoder.Instance, ContextAnsCoder.Instance,
        LzCoder.Instance,
    ];

    /// <summary>Number of ids in use; every id below it has a coder.</summary>
    public static int Count => ById.Length;

    /// <exception cref="ModelPackException">There is no coder of that id.</exception>
    public static IPlaneCoder Get(byte id) => id < ById.Length
        ? ById[id]
        : throw new ModelPackException(ModelPackError.Unsupported, $"a plane is coded with coder {id}, which this program does not know");

    public static IPlaneCoder Get(CoderId id) => ById[(int)id];
}
