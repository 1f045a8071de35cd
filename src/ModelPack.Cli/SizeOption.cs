using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelPack.Cli;

/// <summary>A number of bytes as people write it: <c>2GB</c>, <c>1.5 GiB</c>, <c>500000</c>.</summary>
internal static partial class SizeOption
{
    private static readonly string[] Prefixes = ["", "K", "M", "G", "T"];

    /// <summary>For an option that takes a size.</summary>
    public static long? Parse(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        if (!TryParse(given, out long size))
        {
            result.AddError($"--split: '{given}' is no size such as 2GB, 500MB, 1GiB or a number of bytes");
        }
        else if (size < PackOptions.LeastSplitLength)
        {
            result.AddError($"--split: '{given}' is {size} bytes, the least is {PackOptions.LeastSplitLength}");
        }

        return size;
    }

    public static bool TryParse(string text, out long size)
    {
        size = 0;
        Match match = Form().Match(text);
        if (!match.Success || !decimal.TryParse(match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            return false;
        }

        decimal unit = 1;
        for (int i = Array.IndexOf(Prefixes, match.Groups["prefix"].Value.ToUpperInvariant()); i > 0; i--)
        {
            unit *= match.Groups["binary"].Length > 0 ? 1024 : 1000;
        }

        if (number > long.MaxValue / unit || number * unit != decimal.Truncate(number * unit))
        {
            return false;
        }

        size = (long)(number * unit);
        return true;
    }

    // A prefix alone would be decimal for some and binary for others.
    [GeneratedRegex(@"^(?<number>\d{1,18}(\.\d{1,9})?) ?((?<prefix>[kKMGT])(?<binary>i)?B|B)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
