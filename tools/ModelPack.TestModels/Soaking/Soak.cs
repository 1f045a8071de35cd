using System.Diagnostics;

namespace ModelPack.TestModels.Soaking;

/// <summary>A round of a soak.</summary>
/// <param name="CopySeconds">Copying the folder, until it is on the device; what the others are compared with.</param>
/// <param name="PackSeconds">Packing it, likewise.</param>
/// <param name="VerifySeconds">Verifying the container against the folder.</param>
/// <param name="UnpackSeconds">Unpacking it, likewise.</param>
/// <param name="PackedBytes">Bytes of the container.</param>
/// <param name="PeakBytes">Most memory resident.</param>
/// <param name="OwnBytes">Memory resident at the end, without mapped files.</param>
/// <param name="Different">Files that came back changed, and reads that gave something else.</param>
/// <param name="Reads">Reads by concurrent readers.</param>
internal sealed record SoakRound(
    double CopySeconds, double PackSeconds, double VerifySeconds, double UnpackSeconds, long PackedBytes, long PeakBytes, long OwnBytes, long Different, long Reads);

/// <summary>Packs, verifies, unpacks and compares a folder again and again in one process, so that what is not given back shows.</summary>
/// <param name="folder">The originals.</param>
/// <param name="work">Folder for containers and copies; a round leaves nothing in it.</param>
internal sealed class Soak(string folder, string work)
{
    private const int CompareBytes = 1 << 22;

    /// <summary>One round.</summary>
    /// <param name="readers">Threads that read the container at the same time.</param>
    /// <param name="readTime">How long they read.</param>
    /// <param name="seed">Where they read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public SoakRound RunRound(int readers, TimeSpan readTime, int seed, CancellationToken cancellationToken)
    {
        string container = Path.Combine(work, "soak.mpk"), copy = Path.Combine(work, "copy"), restored = Path.Combine(work, "restored");
        ResidentMemory.ForgetPeak();
        try
        {
            double copying = Time(() => Copy(copy));
            Directory.Delete(copy, recursive: true);
            long packed = 0;
            double packing = Time(() => packed = ModelPacker.Pack(folder, container, cancellationToken: cancellationToken).PackedLength);
            long different = 0;
            double verifying = Time(() => different += ModelPacker.Verify(container, new VerifyOptions { Against = folder }, cancellationToken: cancellationToken).Differences.Count);
            double unpacking = Time(() => ModelPacker.Unpack(container, restored, cancellationToken: cancellationToken));
            different += Files(folder).Concat(Files(restored)).Distinct(StringComparer.Ordinal).LongCount(name => !AreEqual(name, restored));
            (long reads, _, long wrong) = ConcurrentReaders.Run(container, folder, readers, readTime, seed);
            long peak = ResidentMemory.PeakBytes;
            GC.Collect();
            return new SoakRound(copying, packing, verifying, unpacking, packed, peak, ResidentMemory.OwnBytes, different + wrong, reads);
        }
        finally
        {
            File.Delete(container);
            foreach (string left in new[] { copy, restored }.Where(Directory.Exists))
            {
                Directory.Delete(left, recursive: true);
            }
        }
    }

    /// <summary>Paths below a folder, relative to it.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path));

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void Copy(string target)
    {
        foreach (string name in Files(folder))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(target, name))!);
            File.Copy(Path.Combine(folder, name), Path.Combine(target, name));
            using var written = new FileStream(Path.Combine(target, name), FileMode.Open, FileAccess.Write);
            written.Flush(flushToDisk: true);
        }
    }

    private bool AreEqual(string name, string restored)
    {
        if (!File.Exists(Path.Combine(folder, name)) || !File.Exists(Path.Combine(restored, name)))
        {
            return false;
        }

        using FileStream expected = File.OpenRead(Path.Combine(folder, name)), actual = File.OpenRead(Path.Combine(restored, name));
        byte[] a = new byte[CompareBytes], b = new byte[CompareBytes];
        while (true)
        {
            int read = expected.ReadAtLeast(a, a.Length, throwOnEndOfStream: false);
            int other = actual.ReadAtLeast(b, b.Length, throwOnEndOfStream: false);
            if (!a.AsSpan(0, read).SequenceEqual(b.AsSpan(0, other)) || read == 0)
            {
                return read == other && read == 0;
            }
        }
    }
}
