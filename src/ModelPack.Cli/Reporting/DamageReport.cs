using System.Globalization;

namespace ModelPack.Cli.Reporting;

/// <summary>What is there of a damaged or incomplete container, what is lost, and how to get it back.</summary>
internal static class DamageReport
{
    private const int MostEntries = 20;

    private const int MostTensors = 5;

    /// <summary>Reports an error and then what a diagnosis finds; returns the exit code.</summary>
    /// <param name="context">Where to report to.</param>
    /// <param name="packed">The container as the user named it.</param>
    /// <param name="error">What ended the operation.</param>
    /// <param name="diagnose">Looks at the container.</param>
    public static int Write(CommandContext context, string packed, ModelPackException error, Func<IProgress<ModelPackProgress>?, ContainerDiagnosis> diagnose)
    {
        ErrorReport.WriteLine(error.Message);
        ContainerDiagnosis diagnosis;
        try
        {
            diagnosis = context.WithProgress("looking for damage", diagnose);
        }
        catch (ModelPackException exception) when (exception.Error != ModelPackError.InvalidRequest)
        {
            // Nothing of a container was found; the error said why.
            return ExitCode.BadInput;
        }

        context.WriteJson(Describe(packed, error, diagnosis), ReportJson.Default.DamagedReport);
        context.WriteSummary(Headline(packed, diagnosis));
        foreach (PartDiagnosis part in diagnosis.Parts.Take(MostEntries))
        {
            context.WriteSummary($"  {part.Path}: {part.Reason}");
        }

        foreach (ContainerDamage damage in diagnosis.Damages.Take(MostEntries))
        {
            context.WriteSummary("  " + Line(damage));
        }

        if (diagnosis.DamageCount > MostEntries)
        {
            context.WriteSummary($"  and {Units.Count(diagnosis.DamageCount - MostEntries, "more place")} (--json lists up to {ContainerDiagnosis.MostDamages})");
        }

        WriteFiles(context, diagnosis);
        WriteAdvice(context, packed, diagnosis);
        return ExitCode.BadInput;
    }

    private static string Headline(string packed, ContainerDiagnosis diagnosis)
    {
        string there = diagnosis.ContainerLength < 0
            ? $"{Units.Size(diagnosis.PresentLength)} are there, its index is not"
            : $"{Units.Size(diagnosis.PresentLength)} of {Units.Size(diagnosis.ContainerLength)} are there{(diagnosis.HasIndex ? ", with its index" : ", not its index")}";
        return $"{packed}: {(diagnosis.IsCut ? "incomplete" : "damaged")}: {there}";
    }

    private static string Line(ContainerDamage damage)
    {
        string what = damage switch
        {
            { File: "" } => "",
            { BlockCount: 1 } => $"{Names.OfFile(damage.File)}: block {damage.FirstBlock}",
            { BlockCount: > 1, Offset: < 0 } => $"{Names.OfFile(damage.File)}: {damage.BlockCount} blocks from block {damage.FirstBlock} on",
            { BlockCount: > 1 } => $"{Names.OfFile(damage.File)}: blocks {damage.FirstBlock} to {damage.FirstBlock + damage.BlockCount - 1}",
            _ => $"{Names.OfFile(damage.File)}: from block {damage.FirstBlock} on",
        };
        string bytes = damage is { Offset: >= 0, Length: > 0 } ? $", bytes {Range(damage.Offset, damage.Length)}" : "";
        string tensors = damage.Tensors.Count == 0 ? "" : $", {Tensors(damage.Tensors)}";
        string place = string.Create(CultureInfo.InvariantCulture, $"{damage.ContainerFile}: at offset {damage.ContainerOffset}");
        return $"{what}{bytes}{tensors}{(what.Length > 0 ? ": " : "")}{place}: {damage.Reason}";
    }

    private static void WriteFiles(CommandContext context, ContainerDiagnosis diagnosis)
    {
        int complete = diagnosis.Files.Count(static file => file.IsComplete);
        foreach (FileDiagnosis file in diagnosis.Files.Where(static file => !file.IsComplete).Take(MostEntries))
        {
            string tensors = file.TensorCount > 0 ? $", {file.LostTensors.Count} of {Units.Count(file.TensorCount, "tensor")} incomplete" : "";
            context.WriteSummary($"  {Names.OfFile(file.Path)}: {Units.Size(file.SoundLength)} of {Units.Size(file.Length)} sound{tensors}");
        }

        string known = diagnosis.HasIndex ? "" : " known";
        long missing = diagnosis.Files.Sum(static file => file.Length - file.SoundLength);
        string lost = missing == 0 ? "" : $"; {(diagnosis.HasIndex ? "" : "at least ")}{Units.Size(missing)} of {Units.Size(diagnosis.Files.Sum(static file => file.Length))} lost or missing";
        context.WriteSummary($"{Units.Count(diagnosis.Files.Count, "file")}{known}, {complete} complete{lost}");
        foreach (string path in diagnosis.Written)
        {
            context.WriteSummary($"restored {Names.OfFile(path)}");
        }
    }

    private static void WriteAdvice(CommandContext context, string packed, ContainerDiagnosis diagnosis)
    {
        string keepGoing = diagnosis.Written.Count > 0 || !diagnosis.Files.Any(static file => file.SoundLength > 0 || file.IsComplete) ? "" : "; unpack --keep-going restores what is sound";
        string[] parts = [.. diagnosis.Parts.Select(static part => part.Path).Union(diagnosis.Damages.Where(static damage => damage.Offset >= 0).Select(static damage => damage.ContainerFile))];
        if (diagnosis.IsCut && diagnosis.Parts.Count == 0)
        {
            context.WriteSummary(string.Create(CultureInfo.InvariantCulture, $"repair: go on fetching {packed} from byte {diagnosis.PresentLength}{keepGoing}"));
        }
        else if (diagnosis.Damages is [{ ContainerLength: > 0 } only] && diagnosis.Parts.Count == 0)
        {
            context.WriteSummary($"repair: fetch {only.ContainerFile} again, or its bytes {Range(only.ContainerOffset, only.ContainerLength)} alone{keepGoing}");
        }
        else if (parts.Length > 0)
        {
            string more = parts.Length > MostEntries ? $" and {parts.Length - MostEntries} more" : "";
            context.WriteSummary($"repair: fetch again {string.Join(", ", parts.Take(MostEntries))}{more}{keepGoing}");
        }
    }

    private static string Tensors(IReadOnlyList<string> names) =>
        (names.Count == 1 ? "tensor " : "tensors ") + string.Join(", ", names.Take(MostTensors)) + (names.Count > MostTensors ? $" and {names.Count - MostTensors} more" : "");

    /// <summary>The first and the last byte, as an HTTP range names them.</summary>
    private static string Range(long offset, long length) => string.Create(CultureInfo.InvariantCulture, $"{offset}-{offset + length - 1}");

    private static DamagedReport Describe(string packed, ModelPackException error, ContainerDiagnosis diagnosis) => new(
        packed,
        error.Message,
        diagnosis.IsCut,
        diagnosis.HasIndex,
        diagnosis.PresentLength,
        Known(diagnosis.ContainerLength),
        [.. diagnosis.Files.Select(static file => new DamagedFileReport(
            file.Path, Names.Of(file.Format), file.Length, file.SoundLength, file.IsComplete, file.TensorCount < 0 ? null : file.TensorCount, [.. file.LostTensors]))],
        [.. diagnosis.Parts.Select(static part => new DamagedPartReport(part.Path, part.Number, part.PresentLength, part.Length, part.Reason))],
        [.. diagnosis.Damages.Select(static damage => new DamageEntry(
            damage.File,
            Known(damage.FirstBlock),
            damage.BlockCount,
            Known(damage.Offset),
            damage.Length,
            damage.ContainerFile,
            damage.ContainerOffset,
            damage.ContainerLength,
            damage.Reason,
            [.. damage.Tensors]))],
        diagnosis.DamageCount,
        [.. diagnosis.Written]);

    private static long? Known(long number) => number < 0 ? null : number;
}
