using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;

namespace ModelPack.Container.Parts;

/// <summary>What tells a part from others.</summary>
/// <param name="Fingerprint">XXH3 of its first and last bytes: enough to see at once that it is another.</param>
/// <param name="Sha256">SHA-256 of all its bytes in lower-case hexadecimal, for <c>sha256sum -c</c>.</param>
internal readonly record struct PartIdentity(ulong Fingerprint, string Sha256);

/// <summary>
/// The text that stands under the name of a container whose bytes lie in parts (FORMAT.md, "Parts"). It is also a list that
/// <c>sha256sum -c</c> reads.
/// </summary>
/// <param name="Name">File name of the container when it was packed.</param>
/// <param name="Length">Bytes of the container.</param>
/// <param name="PartLength">Bytes of each part but the last, which has 1 to as many.</param>
/// <param name="Parts">Each part, in order.</param>
internal sealed partial record PartManifest(string Name, long Length, long PartLength, IReadOnlyList<PartIdentity> Parts)
{
    /// <summary>Bytes at the start and at the end of a part that make its fingerprint; a part of no more than twice as many counts whole.</summary>
    public const int FingerprintLength = 4096;

    /// <summary>Most bytes of the text: that of the largest number of parts with the longest names of common file systems, escaped.</summary>
    public const int MaxTextLength = 1 << 24;

    private const string FirstLine = "# ModelPack container in parts, version 1\n";

    /// <summary>Digits of the parts' numbers.</summary>
    public int Digits => PartNames.DigitsFor(Parts.Count);

    /// <summary>Number of parts that this many bytes make.</summary>
    public static long CountOf(long length, long partLength) => ((length - 1) / partLength) + 1;

    /// <summary>Bytes of a part; the first has number 1.</summary>
    public long LengthOf(int number) => number < Parts.Count ? PartLength : Length - ((Parts.Count - 1) * PartLength);

    /// <summary>True when a file that starts so is such a text.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> start) => start.StartsWith("# ModelPack container in parts"u8);

    /// <summary>XXH3 of the first and last bytes of a part.</summary>
    /// <param name="first">Its first <see cref="FingerprintLength"/> bytes; all bytes of a part of no more than twice as many.</param>
    /// <param name="last">Its last as many; nothing for such a short part.</param>
    public static ulong FingerprintOf(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        var hash = new XxHash3();
        hash.Append(first);
        hash.Append(last);
        return hash.GetCurrentHashAsUInt64();
    }

    public byte[] ToBytes()
    {
        // As sha256sum writes names that would break a line.
        string escape = Name.AsSpan().IndexOfAny('\\', '\n', '\r') >= 0 ? "\\" : "";
        string name = Name.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal).Replace("\r", @"\r", StringComparison.Ordinal);
        var text = new StringBuilder(FirstLine);
        text.Append(CultureInfo.InvariantCulture, $"# {Parts.Count} parts of {PartLength} bytes, {Length} bytes in all\n");
        for (int number = 1; number <= Parts.Count; number++)
        {
            PartIdentity part = Parts[number - 1];
            text.Append(CultureInfo.InvariantCulture, $"# part {number} {part.Fingerprint:x16}\n{escape}{part.Sha256}  {PartNames.Of(name, number, Digits)}\n");
        }

        byte[] lines = Encoding.UTF8.GetBytes(text.ToString());
        byte[] end = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"# end {XxHash3.HashToUInt64(lines):x16}\n"));
        return [.. lines, .. end];
    }

    /// <exception cref="ModelPackException">The text is damaged, or of a later version.</exception>
    public static PartManifest Parse(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        if (!text.StartsWith(FirstLine, StringComparison.Ordinal))
        {
            ContainerThrow.Unsupported($"the list of parts does not begin with '{FirstLine.TrimEnd()}'", 0);
        }

        // The form is unique: whatever else is wrong shows here, the checksum included.
        PartManifest? manifest = Read(text, out int read);
        byte[] written = manifest?.ToBytes() ?? Encoding.UTF8.GetBytes(text[..read]);
        if (manifest is null || !bytes.SequenceEqual(written))
        {
            ContainerThrow.Corrupt("the list of parts is damaged or was changed; the parts themselves can be read without it, from the first one on", bytes.CommonPrefixLength(written));
        }

        return manifest;
    }

    /// <param name="text">All of the text.</param>
    /// <param name="read">Characters up to the first line that is none of such a text.</param>
    private static PartManifest? Read(string text, out int read)
    {
        read = FirstLine.Length;
        Match head = HeadLine().Match(text, FirstLine.Length);
        if (!head.Success || !TryNumber(head.Groups[1], out long count) || !TryNumber(head.Groups[2], out long partLength) || !TryNumber(head.Groups[3], out long length)
            || count is 0 or > PartNames.MaxCount || partLength == 0 || length == 0 || CountOf(length, partLength) != count)
        {
            return null;
        }

        var parts = new List<PartIdentity>();
        string? name = null;
        read = head.Index + head.Length;
        Match part = PartLines().Match(text, read);
        for (; part.Success && parts.Count < count; part = part.NextMatch())
        {
            parts.Add(new PartIdentity(ulong.Parse(part.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), part.Groups[3].Value));
            read = part.Index + part.Length;
            name ??= part.Groups[2].Length == 0 ? part.Groups[4].Value : Unescape(part.Groups[4].Value);
        }

        return parts.Count == count ? new PartManifest(name!, length, partLength, parts) : null;
    }

    private static bool TryNumber(Group digits, out long number) => long.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string Unescape(string name) =>
        EscapedCharacter().Replace(name, static match => match.Value[1] switch { 'n' => "\n", 'r' => "\r", var other => other.ToString() });

    [GeneratedRegex(@"\G# (\d{1,19}) parts of (\d{1,19}) bytes, (\d{1,19}) bytes in all\n", RegexOptions.CultureInvariant)]
    private static partial Regex HeadLine();

    [GeneratedRegex(@"\G# part \d{1,4} ([0-9a-f]{16})\n(\\?)([0-9a-f]{64})  ([^\n]*)\.\d{3,4}\n", RegexOptions.CultureInvariant)]
    private static partial Regex PartLines();

    [GeneratedRegex(@"\\.", RegexOptions.CultureInvariant)]
    private static partial Regex EscapedCharacter();
}
