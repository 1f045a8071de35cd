using System.Text;

namespace ModelPack.Cli;

/// <summary>File names for tensors, whose names may hold anything.</summary>
internal static class TensorFileNames
{
    // File systems allow 255 bytes a name; the rest is for the extension, a number and a temporary name.
    private const int MaxBytes = 160;

    private static readonly HashSet<string> WindowsDevices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL",
        "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    };

    /// <summary>One name for each tensor, different from all others also where case does not count.</summary>
    public static string[] For(IReadOnlyList<string> tensors, TensorFileFormat format)
    {
        string extension = format == TensorFileFormat.Safetensors ? ".safetensors" : ".bin";
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. tensors.Select(tensor =>
        {
            string stem = MakeSafe(tensor);
            string name = stem + extension;
            for (int number = 2; !taken.Add(name); number++)
            {
                name = $"{stem}-{number}{extension}";
            }

            return name;
        })];
    }

    /// <summary>Keeps letters, digits, and <c>. _ -</c>; everything else becomes <c>_</c>.</summary>
    private static string MakeSafe(string tensor)
    {
        var safe = new StringBuilder();
        int bytes = 0;
        foreach (Rune rune in tensor.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxBytes)
            {
                break;
            }

            bool plain = rune.Value != Rune.ReplacementChar.Value && (Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '_' or '-');
            safe.Append(plain ? rune : new Rune('_'));
        }

        // A leading dot hides a file, a leading dash looks like an option.
        if (safe.Length == 0 || safe[0] is '.' or '-' || WindowsDevices.Contains(safe.ToString().Split('.')[0]))
        {
            safe.Insert(0, '_');
        }

        return safe.ToString();
    }
}
