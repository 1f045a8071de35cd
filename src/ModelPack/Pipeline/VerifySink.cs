using System.Security.Cryptography;
using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Pipeline.Folders;
using ModelPack.Primitives;

namespace ModelPack.Pipeline;

/// <summary>Compares restored bytes with an original and with hashes, and keeps none of them.</summary>
internal sealed class VerifySink(VerifyOptions options) : IUnpackSink
{
    private readonly List<Difference> _differences = [];
    private readonly Dictionary<string, string> _computed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private OriginalTree? _tree;
    private ContainerContent _content;
    private FileStart _file = new();
    private IncrementalHash? _sha256;
    private ByteSource? _original;
    private byte[] _buffer = [];
    private long _position;
    private bool _differs;
    private string? _against;
    private string? _leading;

    /// <summary>What was found, at most one entry a file and check.</summary>
    public IReadOnlyList<Difference> Differences => _differences;

    /// <summary>The SHA-256 of the restored file in lower-case hexadecimal, if one was computed.</summary>
    public string? ComputedSha256(string path) => _computed.GetValueOrDefault(path);

    public void Begin(ContainerContent content)
    {
        _content = content;
        if (options.ExpectedSha256 is not null && content != ContainerContent.File)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "the container holds a folder; an expected SHA-256 is for a container of one file");
        }

        if (options.Against is { } against && content == ContainerContent.File && Directory.Exists(against))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a folder, the container holds one file", against);
        }

        _against = options.Against;
        if (_against is null || content != ContainerContent.Folder)
        {
            return;
        }

        if (File.Exists(_against))
        {
            // A model whose data files came along: those lie beside it.
            _leading = Path.GetFileName(_against);
            _against = Path.GetDirectoryName(Path.GetFullPath(_against));
        }
        else
        {
            _tree = Directory.Exists(_against) ? new OriginalTree(_against, options.Filter) : throw new DirectoryNotFoundException($"{_against}: no such folder");
        }
    }

    public void BeginFile(FileStart start)
    {
        _file = start;
        _position = 0;
        _differs = false;
        _paths.Add(start.Path);
        if (start.HasSha256 || ExpectedSha256 is not null)
        {
            _sha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }

        if (_against is { } against)
        {
            OpenOriginal(against);
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _sha256?.AppendData(bytes);
        if (_original is not null && !_differs)
        {
            Compare(bytes[..(int)Math.Min(bytes.Length, Math.Max(0, _original.Length - _position))]);
        }

        _position += bytes.Length;
    }

    public void EndFile(FileEnd end)
    {
        if (_original is not null && !_differs && _original.Length != _position)
        {
            _differences.Add(new Difference(_original.Name, Math.Min(_original.Length, _position), $"the original has {_original.Length} bytes, the packed file {_position}"));
        }

        _original?.Dispose();
        _original = null;
        if (_sha256 is null)
        {
            return;
        }

        string computed = Convert.ToHexStringLower(_sha256.GetHashAndReset());
        _computed[_file.Path] = computed;
        if (ExpectedSha256 is { } expected && !computed.Equals(expected, StringComparison.OrdinalIgnoreCase))
        {
            _differences.Add(new Difference(_file.Path, null, $"SHA-256 is {computed}, expected was {expected}"));
        }

        if (_file.HasSha256 && computed != Convert.ToHexStringLower(end.Sha256.Span))
        {
            // Every block matched its checksum, so the record itself must be wrong.
            throw new ModelPackException(ModelPackError.Corrupt, $"file '{_file.Path}' has SHA-256 {computed}, the container records {Convert.ToHexStringLower(end.Sha256.Span)}");
        }
    }

    public void AddEntry(FileStart entry, bool isSelected)
    {
        if (_tree?.FindDifference(entry) is { } difference && (isSelected || (EntryKind)entry.Kind != EntryKind.Folder))
        {
            _differences.Add(new Difference(entry.Path, null, difference));
        }
    }

    public void Commit(CancellationToken cancellationToken)
    {
        if (_leading is not null && !_paths.Contains(_leading))
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a file, the container holds a folder without a file of this name", options.Against);
        }

        foreach (string path in _tree?.Left ?? [])
        {
            _differences.Add(new Difference(path, null, "is in the original folder, but not in the container"));
        }

        foreach (string path in options.ExpectedSha256OfFiles?.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>())
        {
            if (!_paths.Contains(path) && options.Filter?.Selects(path) != false)
            {
                _differences.Add(new Difference(path, null, "has an expected SHA-256, but is not in the container"));
            }
        }
    }

    public void Dispose()
    {
        _original?.Dispose();
        _sha256?.Dispose();
    }

    private string? ExpectedSha256 => options.ExpectedSha256 ?? options.ExpectedSha256OfFiles?.GetValueOrDefault(_file.Path);

    private void OpenOriginal(string path)
    {
        if (_content == ContainerContent.File)
        {
            _original = File.Exists(path) ? ByteSource.OpenFile(path) : throw new FileNotFoundException($"{path}: no such file", path);
            return;
        }

        string beside = Path.Combine(path, _file.Path);
        _original = _tree is not null ? _tree.Open(_file.Path) : File.Exists(beside) ? ByteSource.OpenFile(beside) : null;
        if (_original is null)
        {
            _differences.Add(new Difference(_file.Path, null, "is in the container, but not in the original folder"));
        }
    }

    private void Compare(ReadOnlySpan<byte> bytes)
    {
        Buffers.Reserve(ref _buffer, bytes.Length);
        Span<byte> original = _buffer.AsSpan(0, bytes.Length);
        _original!.ReadExactly(_position, original);
        int same = bytes.CommonPrefixLength(original);
        if (same < bytes.Length)
        {
            _differs = true;
            _differences.Add(new Difference(_original.Name, _position + same, $"the original has byte 0x{original[same]:X2}, the packed file 0x{bytes[same]:X2}"));
        }
    }
}
