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
    /// Finds the tensor of a name. A file that only names another one for a tensor's data gives way to that other.
    /// </summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="file">Path of the file that holds it; null looks in all files.</param>
    /// <param name="count">How many there are; there is a result only for one.</param>
    public PackedTensor? Find(string name, string? file, out int count)
    {
        PackedTensor? found = null;
        PackedTensor? withData = null;
        int countWithData = 0;
        count = 0;
        for (int index = _first.GetValueOrDefault(name, -1); index >= 0; index = _next[index])
        {
            PackedTensor tensor = _tensors[index];
            if (file is not null && tensor.File != file)
            {
                continue;
            }

            count++;
            found = tensor;
            if (tensor.Length > 0)
            {
                countWithData++;
                withData = tensor;
            }
        }

        if (countWithData > 0)
        {
            (found, count) = (withData, countWithData);
        }

        return count == 1 ? found : null;
    }
}
