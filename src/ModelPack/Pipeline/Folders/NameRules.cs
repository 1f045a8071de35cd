using System.Buffers;

namespace ModelPack.Pipeline.Folders;

/// <summary>What a system takes for the name of a file, and which names it takes for the same.</summary>
internal sealed class NameRules
{
    // https://learn.microsoft.com/windows/win32/fileio/naming-a-file; the superscript digits count as digits there.
    private static readonly string[] WindowsDevices =
    [
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        .. from port in new[] { "COM", "LPT" } from digit in "0123456789¹²³" select $"{port}{digit}",
    ];

    // Separators, drives and streams (':'), wildcards, and what else the file systems refuse.
    private static readonly SearchValues<char> WindowsForbids = SearchValues.Create([.. @"\/:*?""<>|", .. Enumerable.Range(0, ' ').Select(static c => (char)c)]);

    private readonly bool _isWindows;

    private NameRules(bool isWindows, bool ignoresCase)
    {
        _isWindows = isWindows;
        Comparer = ignoresCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
    }

    public static NameRules Unix { get; } = new(isWindows: false, ignoresCase: false);

    /// <summary>Its file systems ignore case as they come.</summary>
    public static NameRules MacOS { get; } = new(isWindows: false, ignoresCase: true);

    public static NameRules Windows { get; } = new(isWindows: true, ignoresCase: true);

    /// <summary>The rules of this system.</summary>
    public static NameRules Current { get; } = OperatingSystem.IsWindows() ? Windows : OperatingSystem.IsMacOS() ? MacOS : Unix;

    /// <summary>Compares paths as the system does.</summary>
    public StringComparer Comparer { get; }

    /// <summary>Says why the system would take a part of a path for something else than a plain name, or null when it would not.</summary>
    public string? FindFault(string name)
    {
        if (name is "" or "." or "..")
        {
            return "is not a plain relative path";
        }

        if (name.AsSpan().ContainsAny('/', '\0'))
        {
            return "has a character that file names cannot have here";
        }

        return _isWindows ? FindWindowsFault(name) : null;
    }

    private static string? FindWindowsFault(string name)
    {
        if (name.AsSpan().ContainsAny(WindowsForbids))
        {
            return "has a character that file names cannot have here";
        }

        if (name[^1] is '.' or ' ')
        {
            return "has a name that ends in a dot or a space, which is dropped here";
        }

        string device = name.Split('.')[0].TrimEnd(' ');
        return WindowsDevices.Contains(device, StringComparer.OrdinalIgnoreCase) ? "has the name of a device" : null;
    }
}
