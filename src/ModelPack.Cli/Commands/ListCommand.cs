using System.CommandLine;
using ModelPack.Cli.Reporting;
using ModelPack.Cli.Streams;

namespace ModelPack.Cli.Commands;

/// <summary><c>modelpack list PACKED</c></summary>
internal static class ListCommand
{
    private static readonly Argument<string> Packed = new("PACKED") { Description = "The container." };
    private static readonly Option<bool> Sha256 = new("--sha256") { Description = "Write the recorded SHA-256 of each file as sha256sum does, for sha256sum -c." };
    private static readonly SelectionOptions Selection = new("Show");

    public static Command Create()
    {
        var command = new Command("list", "Show the files and tensors of a container and where its bytes go.") { Packed, Sha256, Selection.Include, Selection.Exclude };
        command.SetBody(Run);
        return command;
    }

    private static int Run(ParseResult parsed, CommandContext context)
    {
        string packed = CommonOptions.RequirePath(parsed.GetRequiredValue(Packed), "PACKED");
        if (packed == StandardStreams.Name)
        {
            throw new UsageException("list needs a container that can be read at any place, not standard input");
        }

        PathChecks.RequireContainer(packed);
        PackedModel? opened = null;
        try
        {
            opened = PackedModel.Open(packed, new OpenOptions { MaxExpansion = null });
        }
        catch (ModelPackException exception) when (exception.Error == ModelPackError.Corrupt)
        {
            return DamageReport.Write(
                context, packed, exception, progress => ModelPacker.Diagnose(packed, new DiagnoseOptions { ReadBlocks = false }, progress, context.CancellationToken));
        }

        using PackedModel model = opened;
        PathFilter? filter = Selection.Read(parsed);
        PackedFile[] files = [.. model.Files.Where(file => filter?.Selects(file.Path) != false)];
        PackedLink[] links = [.. model.Links.Where(link => filter?.Selects(link.Path) != false)];
        if (filter is not null && files.Length + links.Length == 0)
        {
            throw new UsageException($"{packed}: has no file that the patterns select");
        }

        if (parsed.GetValue(Sha256) && !context.Json)
        {
            WriteSha256Sums(packed, files);
            return ExitCode.Done;
        }

        long original = files.Sum(static file => file.Length);
        context.WriteJson(
            new ListReport(
                packed,
                model.IsFolder,
                original,
                model.PackedLength,
                Units.Ratio(original, model.PackedLength),
                [.. files.Select(PackedFileReport.Of)],
                BaseReport.Of(model.Base),
                [.. model.Folders.Select(static folder => new PackedFolderReport(folder.Path, folder.Modified))],
                [.. links.Select(static link => new PackedLinkReport(link.Path, link.Target))]),
            ReportJson.Default.ListReport);
        if (context.Json || context.Quiet)
        {
            return ExitCode.Done;
        }

        foreach (BaseFile file in model.Base?.Files ?? [])
        {
            context.WriteSummary($"base {model.Base!.Name}  {file.Path}  {Units.Size(file.Length)}  SHA-256 {file.Sha256}");
        }

        foreach (PackedFile file in files)
        {
            WriteFile(context, file);
        }

        foreach (PackedLink link in links)
        {
            context.WriteSummary($"{link.Path}  link to {link.Target}");
        }

        if (model.IsFolder)
        {
            // The container's length is that of all its files.
            string saving = filter is null ? Units.Saving(original, model.PackedLength) : Units.Saving(original, files.Sum(static file => file.PackedLength));
            context.WriteSummary($"{packed}  {Units.Count(files.Length, "file")}{(links.Length == 0 ? "" : $"  {Units.Count(links.Length, "link")}")}  {saving}");
        }

        return ExitCode.Done;
    }

    private static void WriteSha256Sums(string packed, PackedFile[] files)
    {
        if (Array.Find(files, static file => file.Sha256 is null) is { } without)
        {
            throw new UsageException($"{packed}: has no SHA-256 of '{Names.OfFile(without.Path)}'; it was packed without --sha256");
        }

        // These lines are for programs: whatever a name holds must come out as it is.
        foreach (PackedFile file in files)
        {
            StandardOutput.Write(Sha256Sums.Line(file.Path, file.Sha256!) + "\n");
        }
    }

    private static void WriteFile(CommandContext context, PackedFile file)
    {
        string tensors = file.Format == ModelFormat.Opaque ? "" : $"{Units.Count(file.Tensors.Count, "tensor")}  ";
        context.WriteSummary($"{Names.OfFile(file.Path)}  {Names.Of(file.Format)}  {tensors}{Units.Saving(file.Length, file.PackedLength)}");
        if (file.Sha256 is { } sha256)
        {
            context.WriteSummary($"SHA-256 {sha256}");
        }

        if (file.Tensors.Count > 0)
        {
            MakeTable(file).Write();
            context.WriteSummary("");
        }
    }

    private static TextTable MakeTable(PackedFile file)
    {
        // The planes' names give way to the tensors'.
        var table = new TextTable(
            new("tensor"), new("dtype"), new("shape"), new("bytes", true), new("packed", true), new("ratio", true), new("coder", Drop: 1), new("coder", Instead: true));
        foreach (PackedTensor tensor in file.Tensors)
        {
            table.Add(
                tensor.Info.Name,
                tensor.Info.Dtype.DisplayName(),
                Units.Shape(tensor.Info.Shape),
                Units.Size(tensor.Length),
                Units.Size(tensor.PackedLength),
                Units.RatioText(tensor.Length, tensor.PackedLength),
                CodersByPlane(tensor),
                Coders(tensor));
        }

        return table;
    }

    /// <summary>
    /// <c>exponent:lane-ans sign-mantissa:stored</c>; neighbours that share a coder become one, <c>byte-2…byte-7:constant</c>,
    /// and the coder stands alone when all do.
    /// </summary>
    private static string CodersByPlane(PackedTensor tensor)
    {
        IReadOnlyList<PackedPlane> planes = tensor.Planes;
        List<string> runs = [.. Elsewhere(tensor)];
        for (int first = 0, next; first < planes.Count; first = next)
        {
            next = first + 1;
            while (next < planes.Count && planes[next].Coder == planes[first].Coder)
            {
                next++;
            }

            string names = next - first == 1 ? planes[first].Name : $"{planes[first].Name}…{planes[next - 1].Name}";
            string coder = Names.Of(planes[first].Coder);
            runs.Add(next - first == planes.Count ? coder : $"{names}:{coder}");
        }

        return string.Join(' ', runs);
    }

    /// <summary><c>lane-ans+stored</c>: the coders in the order of their first plane.</summary>
    private static string Coders(PackedTensor tensor) =>
        string.Join('+', Elsewhere(tensor).Concat(tensor.Planes.Select(static plane => Names.Of(plane.Coder)).Distinct()));

    /// <summary>Stands before the coders of a tensor that comes from elsewhere, as a whole or in part: from a data file, from an equal tensor, from the base.</summary>
    private static IEnumerable<string> Elsewhere(PackedTensor tensor)
    {
        if (tensor.External is { } place)
        {
            yield return $"@{place.File}";
        }

        if (tensor.RepeatedLength > 0)
        {
            yield return "repeat";
        }

        if (tensor.BaseLength > 0)
        {
            yield return "difference";
        }
    }
}
