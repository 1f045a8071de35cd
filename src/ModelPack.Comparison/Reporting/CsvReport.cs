using System.Globalization;
using System.Text;

namespace ModelPack.Comparison.Reporting;

/// <summary>
/// Writes the tensors of a report as comma-separated values (RFC 4180, UTF-8, a point in numbers): a line for each tensor, then one
/// for each of its planes. What would be a formula to a spreadsheet gets an apostrophe in front.
/// </summary>
internal static class CsvReport
{
    private static readonly string[] Levels = [.. Enum.GetValues<PackLevel>().Select(Naming.Of)];
    private static readonly string[] Coders = [.. Enum.GetValues<PlaneCoder>().Where(static coder => coder != PlaneCoder.Constant).Select(Naming.Of)];

    public static void Write(CompareReport report, Stream target)
    {
        using var writer = new StreamWriter(target, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        if (report.Difference is { } difference)
        {
            WriteDifference(difference, writer);
            return;
        }

        WriteLine(
            writer,
            [
                "source", "file", "tensor", "plane", "kind", "dtype", "shape", "elements", "original_bytes", "repeated_bytes", "ratio", "bits_per_value", "bound_bytes",
                "bound_distance", "distinct_values", "entropy_bits", "coder", .. Levels.Concat(Coders).Select(static name => $"{name}_bytes".Replace('-', '_')), "min", "max", "mean",
                "standard_deviation", "zeros", "nans", "infinities", "denormals",
            ]);
        foreach (SourceReport source in report.Sources)
        {
            foreach (ComparedTensor tensor in source.Tensors)
            {
                WriteTensor(writer, source.Path, tensor);
            }

            // An estimate has no tensors, only totals.
            foreach (ComparedGroup group in source.Tensors.Count == 0 ? source.Dtypes : [])
            {
                WriteLine(
                    writer,
                    [
                        source.Path, "", "", "", "", group.Name, "", "", Text(group.OriginalBytes), "", Text(group.Ratio), "", "", "", "", "", "",
                        .. Levels.Select(level => Text(group.PackedBytes.TryGetValue(level, out long bytes) ? bytes : null)),
                    ]);
            }
        }
    }

    private static void WriteTensor(StreamWriter writer, string source, ComparedTensor tensor)
    {
        string shape = string.Join('x', tensor.Shape);
        ValueReport? values = tensor.Values;
        WriteLine(
            writer,
            [
                source, tensor.File, tensor.Name, "", tensor.Kind, tensor.Dtype, shape, Text(tensor.Elements), Text(tensor.OriginalBytes), Text(tensor.RepeatedBytes), Text(tensor.Ratio),
                Text(tensor.BitsPerValue), Text(tensor.BoundBytes), Text(tensor.BoundDistance), "", "", "",
                .. Levels.Concat(Coders).Select(name => Text(tensor.PackedBytes.GetValueOrDefault(name))),
                Text(values?.Min), Text(values?.Max), Text(values?.Mean), Text(values?.StandardDeviation), Text(values?.Zeros), Text(values?.Nans), Text(values?.Infinities), Text(values?.Denormals),
            ]);
        foreach (ComparedPlane plane in tensor.Planes)
        {
            WriteLine(
                writer,
                [
                    source, tensor.File, tensor.Name, plane.Name, tensor.Kind, tensor.Dtype, shape, Text(plane.Symbols), Text(plane.Symbols), "", "", "", Text(plane.BoundBytes), "",
                    Text(plane.DistinctValues), Text(plane.EntropyBits), plane.Coders.GetValueOrDefault(Naming.Of(PackLevel.Default)) ?? "",
                    .. Levels.Concat(Coders).Select(name => Text(plane.PackedBytes.GetValueOrDefault(name))),
                ]);
        }
    }

    private static void WriteDifference(ComparedModels difference, StreamWriter writer)
    {
        WriteLine(writer, ["file", "tensor", "plane", "state", "dtype", "shape", "original_bytes", "packed_bytes", "difference_bytes", "changed_values", "changed_bits"]);
        foreach (ComparedPair tensor in difference.Tensors)
        {
            string shape = string.Join('x', tensor.Shape);
            WriteLine(
                writer,
                [
                    tensor.File, tensor.Name, "", tensor.State, tensor.Dtype, shape, Text(tensor.OriginalBytes), Text(tensor.PackedBytes), Text(tensor.DifferenceBytes),
                    Text(tensor.ChangedValues), Text(tensor.ChangedBits),
                ]);
            foreach (ComparedBits plane in tensor.Planes)
            {
                WriteLine(writer, [tensor.File, tensor.Name, plane.Name, tensor.State, tensor.Dtype, shape, "", "", "", "", Text(plane.ChangedBits)]);
            }
        }
    }

    private static string Text(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static void WriteLine(StreamWriter writer, IEnumerable<string> cells) => writer.WriteLine(string.Join(',', cells.Select(Quote)));

    private static string Quote(string cell)
    {
        // A negative number is none.
        bool isFormula = cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        string safe = isFormula ? "'" + cell : cell;
        return safe.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
