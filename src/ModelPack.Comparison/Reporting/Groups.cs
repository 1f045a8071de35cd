namespace ModelPack.Comparison.Reporting;

/// <summary>Adds tensors up.</summary>
internal static class Groups
{
    /// <summary>Totals of the tensors that a key joins, the largest first. A level that did not reach all of them has no total.</summary>
    public static IEnumerable<ComparedGroup> Make(IEnumerable<ComparedTensor> tensors, Func<ComparedTensor, string> key) =>
        tensors.GroupBy(key, StringComparer.Ordinal)
            .Select(static group => Make(group.Key, [.. group]))
            .OrderByDescending(static group => group.OriginalBytes)
            .ThenBy(static group => group.Name, StringComparer.Ordinal);

    private static ComparedGroup Make(string name, ComparedTensor[] tensors)
    {
        long original = tensors.Sum(static tensor => tensor.OriginalBytes);
        Dictionary<string, long> packed = [];
        foreach (string level in Enum.GetValues<PackLevel>().Select(Naming.Of))
        {
            if (tensors.All(tensor => tensor.PackedBytes.GetValueOrDefault(level) is not null))
            {
                packed.Add(level, tensors.Sum(tensor => tensor.PackedBytes[level]!.Value));
            }
        }

        double? ratio = original > 0 && packed.TryGetValue(Naming.Of(PackLevel.Default), out long length) ? (double)length / original : null;
        double? bound = tensors.All(static tensor => tensor.BoundBytes is not null) ? tensors.Sum(static tensor => tensor.BoundBytes) : null;
        return new ComparedGroup(name, tensors.Length, original, packed, ratio, bound);
    }
}
