using System.Globalization;
using System.Text;
using ModelPack.Benchmarks.Peers;

namespace ModelPack.Benchmarks.Reporting;

/// <summary>Results as Markdown: all of them, file by file, or the short tables of the project's README.</summary>
internal static class PeerTables
{
    private const string Absent = "–";

    private static readonly string[] FullHeader =
        ["", "bytes", "ratio", "pack GB/s", "× memcpy", "unpack GB/s", "× memcpy", "rounds"];

    /// <summary>A table for each file.</summary>
    public static string Full(IReadOnlyList<PeerResult> results)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, PeerResult> file in results.GroupBy(result => result.File))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {file.Key}\n\n{file.First().Bytes:N0} bytes\n\n");
            text.Append(MarkdownTable.Write(FullHeader, file.Select(FullRow)));
        }

        return text.ToString();
    }

    /// <summary>Ratios, then speeds, each with a row for a peer and a column for a file.</summary>
    public static string Short(IReadOnlyList<PeerResult> results)
    {
        string[] files = [.. results.Select(result => result.File).Distinct()];
        ILookup<string, PeerResult> peers = results.ToLookup(result => result.Peer);
        var copies = peers.Where(peer => peer.Key == PeerCatalog.MemoryCopy);
        var sized = peers.Where(peer => peer.Key != PeerCatalog.MemoryCopy);
        var timed = sized.Where(peer => peer.Any(result => result.Pack is not null));

        string ratios = MarkdownTable.Write(
            ["packed ÷ original", .. files], sized.Select(peer => Row(peer, files, result => Ratio(result.Ratio))));
        string speeds = MarkdownTable.Write(
            ["pack / unpack, × memcpy", .. files],
            [
                .. timed.Select(peer => Row(peer, files, result => $"{Number(result.Pack?.TimesMemoryCopy)} / {Number(result.Unpack?.TimesMemoryCopy)}")),
                .. copies.Select(peer => Row(peer, files, result => $"{Number(result.Pack?.GigabytesPerSecond)} GB/s")),
            ]);
        return $"{ratios}\n{speeds}";
    }

    private static string[] FullRow(PeerResult result) =>
    [
        result.Peer,
        result.PackedBytes.ToString("N0", CultureInfo.InvariantCulture),
        Ratio(result.Ratio),
        Number(result.Pack?.GigabytesPerSecond),
        Number(result.Pack?.TimesMemoryCopy),
        Number(result.Unpack?.GigabytesPerSecond),
        Number(result.Unpack?.TimesMemoryCopy),
        result.Rounds.ToString(CultureInfo.InvariantCulture),
    ];

    private static string[] Row(IGrouping<string, PeerResult> peer, IEnumerable<string> files, Func<PeerResult, string> cell) =>
        [peer.Key, .. files.Select(file => peer.FirstOrDefault(result => result.File == file) is { } result ? cell(result) : Absent)];

    private static string Ratio(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    // About three digits that tell something, whether a peer moves megabytes or gigabytes in a second.
    private static string Number(double? value) => value switch
    {
        null => Absent,
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.1 => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        >= 0.001 => value.Value.ToString("0.0000", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.000000", CultureInfo.InvariantCulture),
    };
}
