using ModelPack.Comparison.Reporting;

namespace ModelPack.Cli.Reporting;

/// <summary>An order that <c>compare --sort</c> names.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sort">Puts the tensors in that order.</param>
internal sealed record TensorOrder(string Name, Func<IEnumerable<ComparedTensor>, IEnumerable<ComparedTensor>> Sort)
{
    /// <summary>All orders; the first is used when none is named.</summary>
    public static IReadOnlyList<TensorOrder> All { get; } =
    [
        Descending("saving", static tensor => tensor.OriginalBytes - (Packed(tensor) ?? tensor.OriginalBytes)),
        Descending("bytes", static tensor => tensor.OriginalBytes),
        Descending("packed", Packed),
        new("ratio", static tensors => tensors.OrderBy(static tensor => tensor.Ratio ?? double.MaxValue)),
        Descending("over", static tensor => tensor.BoundDistance),
        new("name", static tensors => tensors.OrderBy(static tensor => tensor.Name, StringComparer.Ordinal)),
        new("file", static tensors => tensors),
    ];

    /// <summary>Bytes at the default level, if that is known.</summary>
    public static long? Packed(ComparedTensor tensor) => tensor.PackedBytes.GetValueOrDefault(Naming.Of(PackLevel.Default));

    private static TensorOrder Descending<T>(string name, Func<ComparedTensor, T> key) => new(name, tensors => tensors.OrderByDescending(key));
}
