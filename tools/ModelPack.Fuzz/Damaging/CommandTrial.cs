using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ModelPack.Fuzz.Targets;

namespace ModelPack.Fuzz.Damaging;

/// <summary>Gives damaged containers to the real command: unpack and verify must both refuse them, in the way that is promised.</summary>
/// <param name="executable">Path of modelpack.</param>
internal sealed partial class CommandTrial(string executable) : IDisposable
{
    private const string Container = "c.mpk";
    private const int BadInput = 3;
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("modelpack-damage-").FullName;

    /// <summary>Runs of the command.</summary>
    public long Runs { get; private set; }

    public TimeSpan Slowest { get; private set; }

    /// <summary>What was not as promised: there may be nothing.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>
    /// The most memory that any run had resident; never less than this process had itself, which the system counts in. 0 where the system
    /// does not tell.
    /// </summary>
    public static long MostResidentBytes => OperatingSystem.IsLinux() ? PeakOfChildren() : 0;

    /// <summary>Tries some damages of a container.</summary>
    /// <param name="subject">A sound container.</param>
    /// <param name="other">Another one.</param>
    /// <param name="countOfEachKind">How often each kind of damage is tried on each file.</param>
    /// <param name="seed">Start of the random numbers.</param>
    public void Run(DamageSubject subject, DamageSubject other, int countOfEachKind, int seed)
    {
        for (int file = 0; file < subject.Files.Count; file++)
        {
            // What restores the same with other checks, or names another base, has an exit code of its own.
            foreach (DamagedContainer damaged in DamageTrial.Damages(subject, other, file, seed).Some(countOfEachKind).Where(static damaged => damaged.Kind != Damage.RemadeFlipKind))
            {
                Try(subject, file, damaged);
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Try(DamageSubject subject, int damagedFile, DamagedContainer damaged)
    {
        for (int file = 0; file < subject.Files.Count; file++)
        {
            File.WriteAllBytes(Path.Combine(_folder, DamageSubject.FileName(Container, file)), file == damagedFile ? damaged.Bytes : subject.Files[file]);
        }

        string[] given = subject.NeedsBase ? ["--base", SeedModels.Base] : [];
        string[] before = Names();
        string about = $"{subject.Name}, {damaged.Kind}";
        Check(about, before, ["unpack", Container, "-o", "out", .. given]);
        Check(about, before, ["verify", Container, .. given]);
        foreach (string path in Directory.GetFiles(_folder))
        {
            File.Delete(path);
        }
    }

    private void Check(string about, string[] before, string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        (int code, string error) = Execute(arguments);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        Runs++;
        Slowest = taken > Slowest ? taken : Slowest;
        string? broken = code != BadInput ? $"exit code {code}"
            : !PromisedLine().IsMatch(error) ? "not one line with file and offset"
            : taken > LongestTime ? $"{taken.TotalSeconds:F1} s"
            : !before.AsSpan().SequenceEqual(Names()) ? $"left behind {string.Join(' ', Names().Except(before))}"
            : null;
        if (broken is not null)
        {
            Broken.Add(string.Create(CultureInfo.InvariantCulture, $"{about}: {arguments[0]}: {broken}: {error.Trim()}"));
        }
    }

    private (int ExitCode, string Error) Execute(string[] arguments)
    {
        var start = new ProcessStartInfo(executable, arguments) { WorkingDirectory = _folder, RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.Wait();
        return (process.ExitCode, error);
    }

    private string[] Names() => [.. Directory.GetFileSystemEntries(_folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static long PeakOfChildren()
    {
        const int Children = -1, PeakField = 4;

        // struct rusage: two times of two longs each, then the peak in KiB and thirteen more longs.
        Span<long> usage = stackalloc long[18];
        return GetResourceUsage(Children, ref MemoryMarshal.GetReference(usage)) == 0 ? usage[PeakField] << 10 : 0;
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, ref long usage);

    [GeneratedRegex(@"\Amodelpack: c\.mpk(\.\d{3})?: at offset \d+: [^\n]+\n\z", RegexOptions.ExplicitCapture)]
    private static partial Regex PromisedLine();
}
