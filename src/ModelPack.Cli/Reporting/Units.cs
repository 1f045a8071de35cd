using System.Globalization;

namespace ModelPack.Cli.Reporting;

/// <summary>Sizes, ratios and times as people read them; the same in every culture.</summary>
internal static class Units
{
    private static readonly string[] SizeUnits = ["kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Three significant digits with decimal units: <c>88.2 MB</c>.</summary>
    public static string Size(long bytes)
    {
        if (bytes < 1000)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        }

        double value = bytes / 1000.0;
        int unit = 0;

        // 999.5 would be written as 1000.
        while (value >= 999.5)
        {
            value /= 1000;
            unit++;
        }

        string format = value switch
        {
            < 9.995 => "0.00",
            < 99.95 => "0.0",
            _ => "0",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(format, CultureInfo.InvariantCulture)} {SizeUnits[unit]}");
    }

    /// <summary>Packed ÷ original; null when there was nothing to pack.</summary>
    public static double? Ratio(long original, long packed) => original == 0 ? null : (double)packed / original;

    /// <summary>The ratio with three decimals: <c>0.681</c>.</summary>
    public static string RatioText(long original, long packed) =>
        Ratio(original, packed) is { } ratio ? ratio.ToString("0.000", CultureInfo.InvariantCulture) : "–";

    /// <summary>The whole story of a packing: <c>88.2 MB → 60.1 MB  ratio 0.681 (31.9 % saved)</c>.</summary>
    public static string Saving(long original, long packed)
    {
        string sizes = $"{Size(original)} → {Size(packed)}";
        if (Ratio(original, packed) is not { } ratio)
        {
            return sizes;
        }

        double percent = Math.Abs(1 - ratio) * 100;
        string change = string.Create(CultureInfo.InvariantCulture, $"{percent:0.0} % {(ratio <= 1 ? "saved" : "larger")}");
        return $"{sizes}  ratio {RatioText(original, packed)} ({change})";
    }

    /// <summary><c>1.02 s</c>, <c>3 min 05 s</c>, <c>1 h 02 min</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time.TotalSeconds < 59.995)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");
        }

        var whole = TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));
        return whole.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{whole.Minutes} min {whole.Seconds:00} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)whole.TotalHours} h {whole.Minutes:00} min");
    }

    /// <summary><c>1 file</c>, <c>12 files</c>.</summary>
    public static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    /// <summary><c>4096×11008</c>; a scalar has the shape <c>scalar</c>.</summary>
    public static string Shape(IReadOnlyCollection<ulong> shape) =>
        shape.Count == 0 ? "scalar" : string.Join('×', shape.Select(static dimension => dimension.ToString(CultureInfo.InvariantCulture)));
}
