using System.Globalization;

namespace ModelPack.TestModels.Soaking;

/// <summary>Memory of this process as the system counts it; 0 where it does not tell.</summary>
internal static class ResidentMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Most bytes resident since <see cref="ForgetPeak"/>, mapped files included.</summary>
    public static long PeakBytes => Read("VmHWM:");

    /// <summary>Bytes resident now that are no mapped files.</summary>
    public static long OwnBytes => Read("RssAnon:");

    /// <summary>Lets the peak begin anew.</summary>
    public static void ForgetPeak()
    {
        const string References = "/proc/self/clear_refs";
        if (File.Exists(References))
        {
            // proc(5): 5 resets the peak.
            File.WriteAllText(References, "5");
        }
    }

    private static long Read(string field)
    {
        if (!File.Exists(Status))
        {
            return 0;
        }

        string? line = File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan(field.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) << 10;
    }
}
