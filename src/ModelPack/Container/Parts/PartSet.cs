using System.Security.Cryptography;
using ModelPack.Primitives;

namespace ModelPack.Container.Parts;

/// <summary>What is wrong with a part as a file, before what it holds is looked at.</summary>
/// <param name="Number">The part; the first has number 1.</param>
/// <param name="Path">Where it should lie.</param>
/// <param name="Available">Bytes that are there of those that it should have.</param>
/// <param name="Length">Bytes that it should have.</param>
/// <param name="Offset">Where in the part that shows; null where there is no part.</param>
/// <param name="Reason">What is wrong.</param>
internal sealed record PartFault(int Number, string Path, long Available, long Length, long? Offset, string Reason);

/// <summary>The parts of a container, found beside each other, and how they fit together.</summary>
internal sealed class PartSet
{
    private readonly List<PartFault> _faults = [];
    private readonly Dictionary<string, bool> _areSound = new(StringComparer.Ordinal);

    private PartSet(string container, PartManifest? manifest, int digits, int count)
    {
        Container = container;
        Manifest = manifest;
        Paths = [.. Enumerable.Range(1, count).Select(number => PartNames.Of(container, number, digits))];
    }

    /// <summary>Path of the container that the parts make, or of the list of them.</summary>
    public string Container { get; }

    /// <summary>The list of the parts; null where there is none, and they are known by their names alone.</summary>
    public PartManifest? Manifest { get; }

    public IReadOnlyList<string> Paths { get; }

    /// <summary>What is wrong with the parts, in order; complete once <see cref="Open"/> was called.</summary>
    public IReadOnlyList<PartFault> Faults => _faults;

    /// <summary>Finds the parts that a path stands for: the container's name, or that of a part.</summary>
    /// <returns>Null when the path stands for a file as it is, or for nothing.</returns>
    /// <exception cref="ModelPackException">The list of the parts is damaged, or there is something else than a regular file.</exception>
    public static PartSet? Find(string path)
    {
        bool exists = File.Exists(path);
        if (exists && TryReadManifest(path) is { } manifest)
        {
            return new PartSet(path, manifest, manifest.Digits, manifest.Parts.Count);
        }

        if (PartNames.TryParse(path, out string container, out int number, out int digits))
        {
            if (File.Exists(container) && TryReadManifest(container) is { } named && named.Digits == digits && number <= named.Parts.Count)
            {
                return new PartSet(container, named, digits, named.Parts.Count);
            }

            // A whole container may be called so, too.
            return exists && (number == 1 || !StartsAContainer(path)) ? FindNumbered(container, digits) : null;
        }

        digits = exists ? 0 : PartNames.FindDigits(path);
        return digits == 0 ? null : FindNumbered(path, digits);
    }

    /// <summary>All parts as one source; what is missing of them cannot be read.</summary>
    public ByteSource Open()
    {
        _faults.Clear();
        long[] lengths = [.. Paths.Select(static path => File.Exists(path) ? new FileInfo(path).Length : -1)];

        // Without a list, all parts but the last are as long as the longest that is there.
        long most = lengths.Length > 1 ? lengths[..^1].Max() : 0;
        var files = new JoinedFile[lengths.Length];
        for (int i = 0; i < files.Length; i++)
        {
            bool isLast = i == files.Length - 1;
            long expected = Manifest?.LengthOf(i + 1) ?? (isLast ? Math.Max(0, lengths[i]) : most);
            files[i] = new JoinedFile(Paths[i], expected, Math.Clamp(lengths[i], 0, expected));
            if (FindFault(i + 1, lengths[i], expected) is { } reason)
            {
                long? offset = lengths[i] < 0 ? null : lengths[i] == expected ? 0 : files[i].Available;
                _faults.Add(new PartFault(i + 1, Paths[i], files[i].Available, expected, offset, reason));
            }
        }

        return new JoinedSource(Container, files);
    }

    /// <summary>The first part of some neighbours that does not have the SHA-256 that the list gives; null when all have, or there is no list.</summary>
    /// <param name="first">Path of the first of them.</param>
    /// <param name="last">Path of the last.</param>
    public string? FindDamaged(string first, string last)
    {
        List<string> paths = [.. Paths];
        return Manifest is null ? null : paths[paths.IndexOf(first)..(paths.IndexOf(last) + 1)].Find(path => !IsSound(path, paths.IndexOf(path)));
    }

    /// <summary>True when a part has the SHA-256 that the list gives. Asked twice, it is read once.</summary>
    private bool IsSound(string path, int index)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        if (!_areSound.TryGetValue(path, out bool isSound))
        {
            using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read, Options = FileOptions.SequentialScan });
            isSound = Convert.ToHexStringLower(SHA256.HashData(stream)) == Manifest!.Parts[index].Sha256;
            _areSound.Add(path, isSound);
        }

        return isSound;
    }

    /// <summary>The files that hold the container: those parts that are there, and the list.</summary>
    public IEnumerable<string> ExistingFiles() => Paths.Where(File.Exists).Concat(Manifest is null ? [] : [Container]);

    /// <summary>The list of parts at this path; null when there is something else.</summary>
    public static PartManifest? TryReadManifest(string path)
    {
        FileKind.RequireRegular(path);
        using ByteSource source = ByteSource.OpenFile(path);
        Span<byte> start = stackalloc byte[64];
        start = start[..(int)Math.Min(start.Length, source.Length)];
        source.ReadExactly(0, start);
        if (!PartManifest.HasMagic(start))
        {
            return null;
        }

        if (source.Length > PartManifest.MaxTextLength)
        {
            throw new ModelPackException(ModelPackError.Corrupt, $"the list of parts has {source.Length} bytes, allowed are {PartManifest.MaxTextLength}", path, PartManifest.MaxTextLength);
        }

        byte[] text = new byte[source.Length];
        source.ReadExactly(0, text);
        try
        {
            return PartManifest.Parse(text);
        }
        catch (ModelPackException exception)
        {
            throw exception.At(path, 0);
        }
    }

    private static PartSet? FindNumbered(string container, int digits)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(container))!;
        string name = Path.GetFileName(container);
        int count = 0;
        foreach (string entry in Directory.EnumerateFiles(folder))
        {
            if (PartNames.TryParse(Path.GetFileName(entry), out string of, out int number, out int itsDigits) && of == name && itsDigits == digits)
            {
                count = Math.Max(count, number);
            }
        }

        return count == 0 ? null : new PartSet(container, manifest: null, digits, count);
    }

    private static bool StartsAContainer(string path)
    {
        using ByteSource source = ByteSource.OpenFile(path);
        return ContainerHeader.HasMagic(source);
    }

    private string? FindFault(int number, long found, long expected)
    {
        string which = $"part {number}{(Manifest is null ? "" : $" of {Manifest.Parts.Count}")} of the container {Path.GetFileName(Container)}";
        if (found < 0)
        {
            return $"is missing: {which}; fetch it again";
        }

        if (found != expected)
        {
            return $"has {found} bytes, {which} has {expected}; fetch it again";
        }

        if (Manifest is null)
        {
            return null;
        }

        ulong fingerprint = ReadFingerprint(Paths[number - 1]);
        if (fingerprint == Manifest.Parts[number - 1].Fingerprint)
        {
            return null;
        }

        int other = Manifest.Parts.ToList().FindIndex(part => part.Fingerprint == fingerprint);
        return other >= 0
            ? $"is part {other + 1} and not {which}: parts were exchanged"
            : $"is not {which}: it comes from another container, or its first or last {PartManifest.FingerprintLength} bytes are damaged; fetch it again";
    }

    private static ulong ReadFingerprint(string path)
    {
        using ByteSource source = ByteSource.OpenFile(path);
        return ReadFingerprint(source);
    }

    /// <summary>The fingerprint of a part (<see cref="PartManifest.FingerprintOf"/>).</summary>
    public static ulong ReadFingerprint(ByteSource part)
    {
        const int Length = PartManifest.FingerprintLength;
        byte[] ends = new byte[Math.Min(part.Length, 2 * Length)];
        if (part.Length <= ends.Length)
        {
            part.ReadExactly(0, ends);
        }
        else
        {
            part.ReadExactly(0, ends.AsSpan(0, Length));
            part.ReadExactly(part.Length - Length, ends.AsSpan(Length));
        }

        return PartManifest.FingerprintOf(ends, []);
    }
}
