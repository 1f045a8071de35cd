using System.Security.Cryptography;
using ModelPack.Container;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Bases;

/// <summary>The files of a base that blocks refer to, opened and known to be the right ones. Safe to use from several threads at once.</summary>
internal sealed class BaseFiles : IDisposable
{
    private readonly BaseLocation _location;
    private readonly string[] _paths;
    private readonly DateTime[] _stamps;
    private readonly ByteSource[] _sources;
    private readonly long[] _lengths;

    private BaseFiles(BaseLocation location, string[] paths, DateTime[] stamps, ByteSource[] sources)
    {
        _paths = paths;
        _stamps = stamps;
        _location = location;
        _sources = sources;
        _lengths = [.. sources.Select(static source => source.Length)];
    }

    /// <summary>Bytes of each file.</summary>
    public ReadOnlySpan<long> Lengths => _lengths;

    /// <summary>Opens files of a base and describes them; owns the location from then on.</summary>
    /// <param name="location">Where the base lies.</param>
    /// <param name="files">The files that blocks will refer to, in this order.</param>
    /// <param name="threads">Threads to hash them with.</param>
    /// <param name="record">Describes them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static BaseFiles Describe(
        BaseLocation location, IReadOnlyList<LocatedFile> files, int threads, out Container.Wire.BaseModel record, CancellationToken cancellationToken)
    {
        BaseFiles opened = OpenAll(location, files);
        try
        {
            byte[][] hashes = opened.Hash(threads, cancellationToken);
            record = new Container.Wire.BaseModel { Name = location.Name };
            record.Files.AddRange(files.Select((file, index) => new Container.Wire.BaseFile
            {
                Path = file.Path,
                Length = (ulong)opened._lengths[index],
                Sha256 = Google.Protobuf.ByteString.CopyFrom(hashes[index]),
            }));
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Opens the base that a container needs and checks that it is the one.</summary>
    /// <param name="record">What the container says of it.</param>
    /// <param name="path">Where it lies; null when nobody said so.</param>
    /// <param name="threads">Threads to hash it with.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ModelPackException">No base was named, a file is missing, or it is another one.</exception>
    public static BaseFiles Open(Container.Wire.BaseModel record, string? path, int threads, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            throw Missing(record);
        }

        var location = new BaseLocation(path);
        LocatedFile[] files;
        try
        {
            files = [.. record.Files.Select(file => Find(location, record, file))];
        }
        catch
        {
            location.Dispose();
            throw;
        }

        BaseFiles opened = OpenAll(location, files);
        try
        {
            opened.Check(record, threads, cancellationToken);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>What to tell somebody who did not name the base.</summary>
    public static ModelPackException Missing(Container.Wire.BaseModel record) =>
        new(ModelPackError.InvalidRequest, $"was packed as a difference to a base, which is needed (--base): {Describe(record)}");

    /// <summary>Bytes of all files.</summary>
    public Int128 TotalLength => _lengths.Aggregate((Int128)0, static (sum, length) => sum + length);

    /// <exception cref="IOException">A file was changed since it was opened.</exception>
    public void CheckUnchanged()
    {
        for (int i = 0; i < _sources.Length; i++)
        {
            if (_sources[i].CurrentLength != _lengths[i] || _location.Stamp(_paths[i]) != _stamps[i])
            {
                throw SurveyedFile.Changed(_sources[i].Name);
            }
        }
    }

    /// <summary>Collects the counterpart of a block; zeros where there is none.</summary>
    public void Read(BaseReference reference, Span<byte> destination)
    {
        foreach (BasePiece piece in reference.Pieces)
        {
            Span<byte> part = destination[..piece.Length];
            if (piece.File == 0)
            {
                part.Clear();
            }
            else
            {
                Read(piece.File, piece.Offset, part);
            }

            destination = destination[piece.Length..];
        }
    }

    /// <param name="file">1 + the index of the file.</param>
    /// <param name="offset">Where the bytes start in it.</param>
    /// <param name="destination">Receives them.</param>
    public void Read(int file, long offset, Span<byte> destination) => _sources[file - 1].ReadExactly(offset, destination);

    public void Dispose()
    {
        foreach (ByteSource source in _sources)
        {
            source.Dispose();
        }

        _location.Dispose();
    }

    private static string Describe(Container.Wire.BaseModel record)
    {
        Container.Wire.BaseFile first = record.Files[0];
        string more = record.Files.Count == 1 ? "" : $" and {record.Files.Count - 1} more";
        return $"'{record.Name}', file '{first.Path}' of {first.Length} bytes with SHA-256 {Convert.ToHexStringLower(first.Sha256.Span)}{more}";
    }

    private static LocatedFile Find(BaseLocation location, Container.Wire.BaseModel record, Container.Wire.BaseFile file)
    {
        // A single file may have got another name since.
        LocatedFile? found = location.Find(file.Path) ?? (location.IsFolder || record.Files.Count > 1 ? null : location.List()[0]);
        return found ?? throw new ModelPackException(ModelPackError.InvalidRequest, $"is not the base: it has no file '{file.Path}'; needed is {Describe(record)}", location.Path);
    }

    private static BaseFiles OpenAll(BaseLocation location, IReadOnlyList<LocatedFile> files)
    {
        var sources = new List<ByteSource>(files.Count);
        try
        {
            foreach (LocatedFile file in files)
            {
                sources.Add(file.Open());
            }

            string[] paths = [.. files.Select(static file => file.Path)];
            return new BaseFiles(location, paths, [.. paths.Select(location.Stamp)], [.. sources]);
        }
        catch
        {
            sources.ForEach(static source => source.Dispose());
            location.Dispose();
            throw;
        }
    }

    private void Check(Container.Wire.BaseModel record, int threads, CancellationToken cancellationToken)
    {
        for (int i = 0; i < _lengths.Length; i++)
        {
            if ((ulong)_lengths[i] != record.Files[i].Length)
            {
                throw new ModelPackException(ModelPackError.InvalidRequest, $"is not the base: it has {_lengths[i]} bytes; needed is {Describe(record)}", _sources[i].Name);
            }
        }

        byte[][] hashes = Hash(threads, cancellationToken);
        for (int i = 0; i < hashes.Length; i++)
        {
            if (!record.Files[i].Sha256.Span.SequenceEqual(hashes[i]))
            {
                throw new ModelPackException(
                    ModelPackError.InvalidRequest, $"is not the base: its SHA-256 is {Convert.ToHexStringLower(hashes[i])}; needed is {Describe(record)}", _sources[i].Name);
            }
        }
    }

    private byte[][] Hash(int threads, CancellationToken cancellationToken)
    {
        byte[][] hashes = new byte[_sources.Length][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, hashes.Length, options, i => hashes[i] = Hash(_sources[i], cancellationToken));
        }
        catch (AggregateException exception)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return hashes;
    }

    private static byte[] Hash(ByteSource source, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = GC.AllocateUninitializedArray<byte>(1 << 20);
        for (long offset = 0; offset < source.Length; offset += buffer.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, source.Length - offset));
            source.ReadExactly(offset, part);
            hash.AppendData(part);
        }

        return hash.GetHashAndReset();
    }
}
