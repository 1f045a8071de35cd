using ModelPack.Primitives;

namespace ModelPack.OnnxRuntime.Packed;

/// <summary>An ONNX file of a container and the data files that it names.</summary>
internal sealed class PackedOnnxFiles
{
    private readonly PackedModel _model;
    private readonly string _folder;
    private readonly string _path;
    private readonly Dictionary<string, ByteSource> _data = new(StringComparer.Ordinal);

    /// <param name="model">The container.</param>
    /// <param name="file">An ONNX file of it.</param>
    public PackedOnnxFiles(PackedModel model, PackedFile file)
    {
        _model = model;
        _path = file.Path;
        _folder = file.Path[..(file.Path.LastIndexOf('/') + 1)];
        Model = new PackedBytes(model, file);
    }

    /// <summary>The ONNX file.</summary>
    public ByteSource Model { get; }

    /// <summary>The data files asked for so far, by the locations that the model states.</summary>
    public IReadOnlyDictionary<string, ByteSource> Data => _data;

    /// <summary>A data file of the container.</summary>
    /// <param name="location">Its path as the model states it, relative to the model's folder.</param>
    /// <exception cref="ModelPackException">The container has no such file.</exception>
    public ByteSource OpenData(string location)
    {
        if (!_data.TryGetValue(location, out ByteSource? data))
        {
            string path = _folder + string.Join('/', location.Split('/').Where(static part => part is not ("" or ".")));
            PackedFile file = _model.Files.FirstOrDefault(file => file.Path == path && !location.StartsWith('/')) ?? throw new ModelPackException(
                ModelPackError.InvalidRequest, $"{_path} has tensors in '{location}', which is not in the container", _model.Path);
            data = new PackedBytes(_model, file);
            _data.Add(location, data);
        }

        return data;
    }

    /// <summary>All ONNX files of a container.</summary>
    public static IReadOnlyList<PackedFile> All(PackedModel model) => [.. model.Files.Where(static file => file.Format == ModelFormat.Onnx)];

    /// <summary>The ONNX file of that path, or the only one.</summary>
    /// <exception cref="ModelPackException">There is none, or it is not clear which is meant.</exception>
    public static PackedFile Find(PackedModel model, string? path)
    {
        IReadOnlyList<PackedFile> files = All(model);
        if (path is not null)
        {
            return files.FirstOrDefault(file => file.Path == path)
                ?? throw Refuse(model.Files.Any(file => file.Path == path) ? $"'{path}' was not packed as an ONNX file" : $"there is no file '{path}'");
        }

        return files switch
        {
            [PackedFile only] => only,
            [] => throw Refuse("there is no ONNX file"),
            _ => throw Refuse($"there are {files.Count} ONNX files; name one: {string.Join(", ", files.Take(MostNamed).Select(static file => file.Path))}{(files.Count > MostNamed ? ", …" : "")}"),
        };

        ModelPackException Refuse(string reason) => new(ModelPackError.InvalidRequest, reason, model.Path);
    }

    private const int MostNamed = 8;
}
