namespace ModelPack.Reading;

/// <summary>The tensors of a model by name. Safe to use from several threads at once.</summary>
internal sealed class TensorTable
{
    private readonly IReadOnlyList<PackedTensor> _tensors;
    private readonly Dictionary<string, int> _first;

    /// <summary>For each tensor the next one of the same name; negative for the last.</summary>
    private readonly int[] _next;

    public TensorTable(IReadOnlyList<PackedTensor> tensors)
    {
        _tensors = tensors;
        _first = new Dictionary<string, int>(tensors.Count, StringComparer.Ordinal);
        _next = new int[tensors.Count];
        for (int index = tensors.Count - 1; index >= 0; index--)
        {
            string name = tensors[index].Info.Name;
            _next[index] = _first.GetValueOrDefault(name, -1);
            _first[name] = index;
        }
    }

    /// <summary>
    /// Finds the tensor of a name. A tensor without bytes gives way to one that has them, and one that a data file has by the word
    /// of a model to that of the model. Models that share a data file may use a name for the same bytes; these are one.
    /// </summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="file">Path of the file that lists it; null looks in all files.</param>
    /// <param name="count">How many there are; there is a result only for one.</param>
    public PackedTensor? Find(string name, string? file, out int count)
    {
        PackedTensor? found = null;
        count = 0;
        for (int index = _first.GetValueOrDefault(name, -1); index >= 0; index = _next[index])
        {
            PackedTensor tensor = _tensors[index];
            if ((file is not null && tensor.File != file) || (found is not null && (Rank(tensor) < Rank(found) || IsSame(tensor, found))))
            {
                continue;
            }

            count = found is not null && Rank(tensor) == Rank(found) ? count + 1 : 1;
            found = tensor;
        }

        return count == 1 ? found : null;
    }

    private static int Rank(PackedTensor tensor) => tensor.Length == 0 ? 0 : tensor.IsOfDataFile ? 1 : 2;

    private static bool IsSame(PackedTensor left, PackedTensor right) =>
        left.External is not null && left.External == right.External && left.Info.Dtype == right.Info.Dtype && left.Info.Shape.SequenceEqual(right.Info.Shape);
}
