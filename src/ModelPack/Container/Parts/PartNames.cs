using System.Globalization;

namespace ModelPack.Container.Parts;

/// <summary>Names of the parts of a container: its own and a number (FORMAT.md, "Parts").</summary>
internal static class PartNames
{
    /// <summary>Most parts of one container.</summary>
    public const int MaxCount = 9999;

    private const int FewestDigits = 3;

    private const int MostDigits = 4;

    /// <summary>Digits of the numbers of all parts, so that names in order are parts in order.</summary>
    public static int DigitsFor(int count) => count < 1000 ? FewestDigits : MostDigits;

    /// <summary><c>model.mpk</c> and 7 → <c>model.mpk.007</c>.</summary>
    public static string Of(string container, int number, int digits) =>
        $"{container}.{number.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0')}";

    /// <summary>Takes apart what <see cref="Of"/> makes; false for other names.</summary>
    public static bool TryParse(string path, out string container, out int number, out int digits)
    {
        int dot = path.LastIndexOf('.');
        digits = path.Length - dot - 1;
        number = 0;
        container = "";
        if (dot <= 0 || digits is < FewestDigits or > MostDigits
            || !int.TryParse(path.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number) || number == 0)
        {
            return false;
        }

        container = path[..dot];
        return Path.GetFileName(container).Length > 0;
    }

    /// <summary>Digits of the numbers of the parts that stand beside a container's name; 0 when there is no first part.</summary>
    public static int FindDigits(string container)
    {
        for (int digits = FewestDigits; digits <= MostDigits; digits++)
        {
            if (File.Exists(Of(container, 1, digits)))
            {
                return digits;
            }
        }

        return 0;
    }
}
