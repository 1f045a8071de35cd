using System.Globalization;

namespace ModelPack.Pipeline.External;

/// <summary>What may be wrong with a reference to external data.</summary>
internal enum ExternalComplaint
{
    /// <summary>The reference itself makes no sense.</summary>
    Unusable,

    /// <summary>The location must not be followed.</summary>
    Forbidden,

    /// <summary>The data file is not among the files.</summary>
    Missing,

    /// <summary>The data file does not have the bytes that the reference asks for.</summary>
    Misplaced,
}

/// <summary>
/// What is wrong with the external data of one model. A model may have a million tensors, so they are counted by kind and data
/// file, and the first of each is an example.
/// </summary>
internal sealed class ExternalComplaints
{
    private const int MostReasons = 16;

    private readonly Dictionary<(ExternalComplaint Kind, string Location), Entry> _entries = [];

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The first location that must not be followed, with the reason; null when there is none.</summary>
    public string? Forbidden => First(ExternalComplaint.Forbidden);

    /// <summary>The first complaint of any kind.</summary>
    public string Any => _entries.Values.First().Reason(_entries.Keys.First());

    public void Add(ExternalComplaint kind, string location, TensorInfo? tensor, string fault)
    {
        if (_entries.TryGetValue((kind, location), out Entry? entry))
        {
            entry.Count++;
        }
        else
        {
            _entries.Add((kind, location), new Entry(tensor is null ? "a tensor" : $"tensor '{tensor.Name}'", fault));
        }
    }

    /// <summary>Complains of a location that leads to none of the files.</summary>
    public void AddLocation(string location, TensorInfo? tensor)
    {
        string? fault = ExternalLocation.FindFault(location);
        Add(fault is null ? ExternalComplaint.Missing : ExternalComplaint.Forbidden, location, tensor, fault ?? "");
    }

    /// <summary>All complaints, one for each kind and data file as long as they are not too many.</summary>
    public IEnumerable<string> Reasons()
    {
        foreach (((ExternalComplaint Kind, string Location) key, Entry entry) in _entries.Take(MostReasons))
        {
            yield return entry.Reason(key);
        }

        if (_entries.Count > MostReasons)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"so it is with external data in {_entries.Count - MostReasons} more places");
        }
    }

    /// <summary>How many tensors have their data in files that are not here, and one of these.</summary>
    public (long Count, string Location) Absent()
    {
        long count = _entries.Sum(static entry => entry.Value.Count);
        return (count, _entries.Keys.Select(static key => key.Location).FirstOrDefault(static location => location.Length > 0, ""));
    }

    private string? First(ExternalComplaint kind) =>
        _entries.Where(entry => entry.Key.Kind == kind).Select(static entry => entry.Value.Reason(entry.Key)).FirstOrDefault();

    private sealed class Entry(string tensor, string fault)
    {
        public long Count { get; set; } = 1;

        public string Reason((ExternalComplaint Kind, string Location) key)
        {
            string others = Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({Count - 1} more tensors likewise)");
            return key.Kind switch
            {
                ExternalComplaint.Unusable => $"{tensor} {fault}{others}",
                ExternalComplaint.Forbidden => $"{tensor} has its data in '{key.Location}', which {fault}{others}",
                ExternalComplaint.Missing => $"{tensor} has its data in '{key.Location}', which is not there{others}",
                _ => $"{tensor} has its data in '{key.Location}' but {fault}{others}",
            };
        }
    }
}
