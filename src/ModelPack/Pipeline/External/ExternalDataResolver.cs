using ModelPack.Formats;

namespace ModelPack.Pipeline.External;

/// <summary>
/// Brings together the ONNX models of a pack and the data files that they name: each data file gets a map of the tensors in
/// it, and each tensor of a model the place of its bytes. Only what the maps say is looked at; no file is opened here.
/// </summary>
internal sealed class ExternalDataResolver
{
    private readonly IReadOnlyList<string> _paths;
    private readonly SegmentMap[] _maps;
    private readonly ExternalPlace[]?[] _places;
    private readonly ExternalComplaints?[] _complaints;
    private readonly bool[] _isNamed;
    private readonly List<DataRegion>?[] _regions;
    private readonly Dictionary<string, int> _fileByPath = new(StringComparer.Ordinal);

    private ExternalDataResolver(IReadOnlyList<string> paths, SegmentMap[] maps)
    {
        _paths = paths;
        _maps = maps;
        _places = new ExternalPlace[maps.Length][];
        _complaints = new ExternalComplaints[maps.Length];
        _isNamed = new bool[maps.Length];
        _regions = new List<DataRegion>[maps.Length];
    }

    /// <summary>For each tensor of a file where its bytes lie, if elsewhere; null for a file without such tensors.</summary>
    public ExternalPlace[]? PlacesOf(int file) => _places[file];

    /// <summary>What a file says of external data that cannot be used; null when there is nothing to complain of.</summary>
    public ExternalComplaints? ComplaintsOf(int file) => _complaints[file];

    /// <summary>True for a file that a model names as its data.</summary>
    public bool IsNamed(int file) => _isNamed[file];

    /// <summary>Resolves all references.</summary>
    /// <param name="paths">The files' paths in the container.</param>
    /// <param name="maps">Their maps; those of opaque data files are replaced.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static ExternalDataResolver Resolve(IReadOnlyList<string> paths, SegmentMap[] maps, CancellationToken cancellationToken)
    {
        var resolver = new ExternalDataResolver(paths, maps);
        if (Array.TrueForAll(maps, static map => map.ExternalReferences.IsEmpty))
        {
            return resolver;
        }

        for (int file = 0; file < maps.Length; file++)
        {
            resolver._fileByPath.TryAdd(paths[file], file);
        }

        for (int file = 0; file < maps.Length; file++)
        {
            if (!maps[file].ExternalReferences.IsEmpty)
            {
                resolver.ResolveModel(file, cancellationToken);
            }
        }

        for (int file = 0; file < maps.Length; file++)
        {
            // A data file with a format of its own, such as safetensors, keeps the map that its own header gives.
            if (resolver._regions[file] is { } regions && maps[file].Format == ModelFormat.Opaque)
            {
                maps[file] = DataFileMap.Make(maps[file].FileLength, regions, cancellationToken);
            }
        }

        return resolver;
    }

    private void ResolveModel(int model, CancellationToken cancellationToken)
    {
        SegmentMap map = _maps[model];
        var complaints = new ExternalComplaints();
        var files = new Dictionary<string, int>(StringComparer.Ordinal);
        var places = new ExternalPlace[map.Tensors.Length];
        foreach (ExternalReference reference in map.ExternalReferences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TensorInfo? tensor = reference.TensorIndex < 0 ? null : map.Tensors[reference.TensorIndex];
            if (reference.Fault is { } fault)
            {
                complaints.Add(ExternalComplaint.Unusable, reference.Location, tensor, fault);
                continue;
            }

            if (!files.TryGetValue(reference.Location, out int file))
            {
                file = Find(_paths[model], reference.Location);
                files.Add(reference.Location, file);
            }

            if (file < 0)
            {
                complaints.AddLocation(reference.Location, tensor);
                continue;
            }

            _isNamed[file] = true;
            if (tensor is not null)
            {
                Place(reference, tensor, file, places, complaints);
            }
        }

        _places[model] = places;
        _complaints[model] = complaints.IsEmpty ? null : complaints;
    }

    private int Find(string model, string location) =>
        ExternalLocation.FindFault(location) is null ? _fileByPath.GetValueOrDefault(ExternalLocation.Resolve(model, location), -1) : -1;

    private void Place(ExternalReference reference, TensorInfo tensor, int file, ExternalPlace[] places, ExternalComplaints complaints)
    {
        long available = _maps[file].FileLength - reference.Offset;
        Int128 needed = BytesOf(tensor);
        string? fault = reference.Length is { } given && given != needed ? $"has {given} bytes there, its dtype and shape ask for {needed}"
            : available < 0 ? $"starts at offset {reference.Offset} there, the file has {_maps[file].FileLength} bytes"
            : needed > available ? $"needs {needed} bytes from offset {reference.Offset} there, the file has {_maps[file].FileLength} bytes"
            : null;
        if (fault is not null)
        {
            complaints.Add(ExternalComplaint.Misplaced, reference.Location, tensor, fault);
            return;
        }

        long length = (long)needed;
        places[reference.TensorIndex] = new ExternalPlace(file + 1, reference.Offset, length);
        if (length > 0)
        {
            (_regions[file] ??= []).Add(new DataRegion(reference.Offset, length, tensor));
        }
    }

    /// <summary>Bytes of the elements; as many as an <see cref="Int128"/> can tell apart from what a file may hold.</summary>
    private static Int128 BytesOf(TensorInfo tensor)
    {
        if (tensor.Shape.Contains(0UL))
        {
            return 0;
        }

        Int128 bits = tensor.Dtype.BitWidth();
        foreach (ulong dimension in tensor.Shape)
        {
            // Below 2^63 each, so the product stays below 2^127 as long as it is checked each time.
            bits = bits > long.MaxValue || dimension > long.MaxValue ? (Int128)long.MaxValue * 16 : bits * dimension;
        }

        return (bits + 7) / 8;
    }
}
