using System.CommandLine;
using System.Diagnostics;
using ModelPack.Cli.Reporting;
using ModelPack.Cli.Streams;

namespace ModelPack.Cli.Commands;

/// <summary><c>modelpack unpack SRC</c></summary>
internal static class UnpackCommand
{
    private static readonly Argument<string> Source = new("SRC") { Description = "The container, or - for standard input." };
    private static readonly Option<string?> Output = CommonOptions.Output("The file or folder to restore, or - for standard output; SRC without .mpk if not given, or the files of a model with external data beside SRC.");
    private static readonly Option<string?> Base = CommonOptions.Base("The base that the container was packed with.");
    private static readonly Option<int> Threads = CommonOptions.Threads();
    private static readonly Option<bool> Force = CommonOptions.Force();
    private static readonly Option<bool> NoFlush = CommonOptions.NoFlush();

    private static readonly Option<long?> MaxExpansion = CommonOptions.MaxExpansion();

    private static readonly Option<bool> KeepGoing = new("--keep-going")
    {
        Description = "Restore what is sound of a damaged or incomplete container; a file that is not complete gets .damaged added to its name.",
    };

    private static readonly Option<string[]> Tensor = new("--tensor")
    {
        HelpName = "NAME",
        Description = "Restore this tensor alone, to a file; may be repeated, then DST is a folder.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string[]> FileName = new("--file")
    {
        HelpName = "NAME",
        Description = "Restore this file of a folder alone, as a file; may be repeated, then DST is a folder. With --tensor, the file that has the tensors.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly SelectionOptions Selection = new("Restore");

    private static readonly Option<TensorFileFormat?> As = CommonOptions.Choice<TensorFileFormat?>(
        "--as", "FORMAT", "How to write tensors", ("raw", TensorFileFormat.Raw), ("safetensors", TensorFileFormat.Safetensors));

    public static Command Create()
    {
        var command = new Command("unpack", "Restore a container, or some of its files or tensors.")
        {
            Source, Output, Base, FileName, Selection.Include, Selection.Exclude, Tensor, As, KeepGoing, MaxExpansion, Threads, Force, NoFlush,
        };
        command.SetBody(Run);
        return command;
    }

    private static int Run(ParseResult parsed, CommandContext context)
    {
        string source = CommonOptions.RequirePath(parsed.GetRequiredValue(Source), "SRC");
        PathChecks.RequireContainer(source);
        string[] files = [.. (parsed.GetValue(FileName) ?? []).Distinct(StringComparer.Ordinal)];
        PathFilter? filter = Selection.Read(parsed);
        string[] tensors = parsed.GetValue(Tensor) ?? [];
        if (filter is not null && (tensors.Length > 0 || files.Length > 0))
        {
            throw new UsageException("--include and --exclude select files by pattern; --file and --tensor name what is wanted");
        }

        if (parsed.GetValue(KeepGoing) && (filter is not null || files.Length > 0))
        {
            throw new UsageException("--keep-going restores all that is sound; it takes no --file, --include or --exclude");
        }

        if (tensors.Length > 0)
        {
            ExtractTensors(parsed, context, source, tensors, files);
        }
        else if (parsed.GetValue(KeepGoing) && source == StandardStreams.Name)
        {
            throw new UsageException("--keep-going needs a container that can be read at any place, not standard input");
        }
        else if (parsed.GetValue(As) is not null)
        {
            throw new UsageException("--as is for tensors; name some with --tensor");
        }
        else
        {
            return Restore(parsed, context, source, files, filter);
        }

        return ExitCode.Done;
    }

    private static int Restore(ParseResult parsed, CommandContext context, string source, string[] files, PathFilter? filter)
    {
        string? given = parsed.GetValue(Output) is { } path ? CommonOptions.RequirePath(path, "DST") : null;
        string? model = null;
        string? folder = given is null && files.Length == 0 ? DefaultNames.ForModelAndData(source, out model) : null;
        string target = files.Length > 0 ? TargetOf(files, source, given) : given ?? model ?? DefaultNames.ForRestored(source);
        PathChecks.RequireApart(source, target);
        UnpackOptions options = Options(parsed) with
        {
            Base = CommonOptions.RequireBase(parsed.GetValue(Base), target),
            Filter = filter,
            Files = files,
            AsFile = files.Length == 1,
        };

        using Stream? input = source == StandardStreams.Name ? context.OpenStandardInput() : null;
        using Stream? output = target == StandardStreams.Name ? context.OpenStandardOutput() : null;
        var watch = Stopwatch.StartNew();
        UnpackResult result;
        try
        {
            result = context.WithProgress("unpacking", progress => (input, output) switch
            {
                (null, null) when folder is not null => ModelPacker.UnpackInto(source, folder, options, progress, context.CancellationToken),
                (null, null) => ModelPacker.Unpack(source, target, options, progress, context.CancellationToken),
                (null, { } to) => ModelPacker.Unpack(source, to, options, progress, context.CancellationToken),
                ({ } from, null) => ModelPacker.Unpack(from, StandardStreams.InputDisplayName, target, options, progress, context.CancellationToken),
                ({ } from, { } to) => ModelPacker.Unpack(from, StandardStreams.InputDisplayName, to, options, progress, context.CancellationToken),
            });
        }
        catch (ModelPackException exception) when (parsed.GetValue(KeepGoing) && output is null && exception.Error == ModelPackError.Corrupt)
        {
            return DamageReport.Write(context, source, exception, progress => ModelPacker.Salvage(source, target, options, progress, context.CancellationToken));
        }

        string restored = result.Files.Count == 1 ? "" : $"{Units.Count(result.Files.Count, "file")}  ";
        context.WriteSummary(
            $"{StandardStreams.DisplayInput(source)} → {StandardStreams.DisplayOutput(target)}  {restored}{Units.Size(result.PackedLength)} → {Units.Size(result.OriginalLength)}  {Units.Duration(watch.Elapsed)}");
        // To describe its type to the serialiser takes a millisecond of the twenty that the command needs to start and end.
        if (context.Json)
        {
            context.WriteJson(
                new UnpackReport(source, target, result.OriginalLength, result.PackedLength, watch.Elapsed.TotalSeconds, FileReport.Of(result.Files)),
                ReportJson.Default.UnpackReport);
        }

        return ExitCode.Done;
    }

    /// <summary>Where files that were named go.</summary>
    private static string TargetOf(string[] files, string source, string? given)
    {
        if (files is not [string file])
        {
            return given is null or StandardStreams.Name ? throw new UsageException("several files need a folder to go to; name one with -o") : given;
        }

        string name = Path.GetFileName(file);
        if (given is null)
        {
            return source == StandardStreams.Name ? StandardStreams.Name
                : DefaultNames.IsPlainFileName(name) ? name
                : throw new UsageException($"'{file}' cannot be the name of a file here; use -o");
        }

        return given != StandardStreams.Name && Directory.Exists(given) && DefaultNames.IsPlainFileName(name) ? Path.Combine(given, name) : given;
    }

    private static UnpackOptions Options(ParseResult parsed) =>
        new()
        {
            Threads = parsed.GetValue(Threads),
            Overwrite = parsed.GetValue(Force),
            FlushToDisk = !parsed.GetValue(NoFlush),
            MaxExpansion = CommonOptions.ReadExpansion(parsed.GetValue(MaxExpansion)),
        };

    private static void ExtractTensors(ParseResult parsed, CommandContext context, string source, string[] names, string[] files)
    {
        if (files.Length > 1)
        {
            throw new UsageException("--tensor takes one --file: the one that has the tensors");
        }

        if (source == StandardStreams.Name)
        {
            throw new UsageException("--tensor needs a container that can be read at any place, not standard input");
        }

        TensorFileFormat format = parsed.GetValue(As) ?? TensorFileFormat.Raw;
        UnpackOptions options = Options(parsed);
        var watch = Stopwatch.StartNew();
        string? target = parsed.GetValue(Output) is { } given ? CommonOptions.RequirePath(given, "DST") : null;
        string? baseModel = CommonOptions.RequireBase(parsed.GetValue(Base), target);
        using var model = PackedModel.Open(source, new OpenOptions { Base = baseModel, MaxExpansion = options.MaxExpansion }, context.CancellationToken);
        PackedTensor[] tensors = [.. names.Distinct(StringComparer.Ordinal).Select(name => model.FindTensor(name, files.FirstOrDefault()))];
        string[] fileNames = TensorFileNames.For([.. tensors.Select(static tensor => tensor.Info.Name)], format);
        string[] targets;
        if (tensors is [PackedTensor tensor])
        {
            target ??= fileNames[0];
            targets = [target];
            ExtractOne(context, model, tensor, target, format, options);
        }
        else
        {
            string folder = target is null or StandardStreams.Name ? throw new UsageException("several tensors need a folder to go to; name one with -o") : target;
            targets = [.. fileNames.Select(name => Path.Combine(folder, name))];
            PathChecks.RequireApart(source, folder);
            model.ExtractTensors([.. tensors.Zip(fileNames)], folder, format, options, context.CancellationToken);
        }

        Report(context, source, tensors, targets, watch.Elapsed);
    }

    private static void ExtractOne(CommandContext context, PackedModel model, PackedTensor tensor, string target, TensorFileFormat format, UnpackOptions options)
    {
        if (target == StandardStreams.Name)
        {
            using Stream output = context.OpenStandardOutput();
            model.ExtractTensor(tensor, output, format, context.CancellationToken);
        }
        else
        {
            PathChecks.RequireApart(model.Path, target);
            model.ExtractTensor(tensor, target, format, options, context.CancellationToken);
        }
    }

    private static void Report(CommandContext context, string source, PackedTensor[] tensors, string[] targets, TimeSpan time)
    {
        foreach ((PackedTensor tensor, string target) in tensors.Zip(targets))
        {
            context.WriteSummary(
                $"{tensor.Info.Name} → {StandardStreams.DisplayOutput(target)}  {tensor.Info.Dtype.DisplayName()} {Units.Shape(tensor.Info.Shape)}  {Units.Size(tensor.Length)}");
        }

        context.WriteJson(
            new ExtractReport(
                source,
                time.TotalSeconds,
                [.. tensors.Zip(targets, static (tensor, target) => new ExtractedTensorReport(tensor.Info.Name, tensor.Info.Dtype.DisplayName(), [.. tensor.Info.Shape], target))]),
            ReportJson.Default.ExtractReport);
    }
}
