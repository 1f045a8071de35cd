using System.CommandLine;
using System.Diagnostics;
using ModelPack.Cli.Reporting;
using ModelPack.Cli.Streams;

namespace ModelPack.Cli.Commands;

/// <summary><c>modelpack pack SRC</c></summary>
internal static class PackCommand
{
    private static readonly Argument<string> Source = new("SRC") { Description = "The model: a file, a folder, or - for standard input." };
    private static readonly Option<string?> Output = CommonOptions.Output("The container, or - for standard output; SRC.mpk if not given.");
    private static readonly Option<string?> Name = new("--name") { HelpName = "NAME", Description = "File name to store for a model from standard input." };
    private static readonly Option<string?> Base = CommonOptions.Base("A model that this one was made from: pack the difference to it. The same base is needed to unpack.");
    private static readonly Option<bool> Sha256 = new("--sha256") { Description = "Record the SHA-256 of each file." };
    private static readonly Option<bool> Strict = new("--strict") { Description = "Refuse a model file that cannot be parsed instead of packing it as opaque bytes, and a file that was changed after it came from a hub." };
    private static readonly Option<bool> NoTimes = new("--no-times") { Description = "Do not record when files and folders were modified: equal content then gives equal bytes." };
    private static readonly Option<bool> NoHubCheck = new("--no-hub-check") { Description = "Do not compare files that came from a hub with the hub's hashes." };
    private static readonly SelectionOptions Selection = new("Pack");
    private static readonly Option<bool> NoExternalData = new("--no-external-data") { Description = "Pack an ONNX model without the data files it names, and data files of a folder as opaque bytes." };
    private static readonly Option<int> Threads = CommonOptions.Threads();
    private static readonly Option<bool> Force = CommonOptions.Force();
    private static readonly Option<bool> Resume = new("--resume") { Description = "Keep what is unfinished when interrupted, and go on with what an interrupted run with --resume left." };
    private static readonly Option<bool> NoFlush = CommonOptions.NoFlush();

    private static readonly Option<long?> Split = new("--split")
    {
        HelpName = "SIZE",
        Description = "Write the container in parts of this size (2GB, 500MB, 1GiB, or bytes): DST.001, DST.002 and so on, and DST as their list.",
        CustomParser = SizeOption.Parse,
    };

    private static readonly Option<PackLevel?> Level = CommonOptions.Choice<PackLevel?>(
        "--level", "LEVEL", "How much time to spend on size", ("default", PackLevel.Default), ("fast", PackLevel.Fast), ("max", PackLevel.Max));

    private static readonly Option<PlaneCoder?> Coder = CommonOptions.Choice<PlaneCoder?>(
        "--coder", "CODER", "For study: the coder for every plane that it can take", [.. Names.Coders.Select(static entry => (entry.Name, (PlaneCoder?)entry.Coder))]);

    public static Command Create()
    {
        var command = new Command("pack", "Pack a model file or folder into a container.")
        {
            Source, Output, Base, Selection.Include, Selection.Exclude, Level, Threads, Sha256, NoTimes, NoHubCheck, Strict, NoExternalData, Split, Resume, Force, NoFlush, Name, Coder,
        };
        command.SetBody(Run);
        return command;
    }

    private static int Run(ParseResult parsed, CommandContext context)
    {
        string source = CommonOptions.RequirePath(parsed.GetRequiredValue(Source), "SRC");
        string target = CommonOptions.RequirePath(parsed.GetValue(Output) ?? DefaultNames.ForPacked(source), "DST");
        PathFilter? filter = Selection.Read(parsed);
        if (filter is not null && source == StandardStreams.Name)
        {
            throw new UsageException("--include and --exclude select files of a folder, not of standard input");
        }

        string name = StoredName(parsed, source, target);
        PathChecks.RequireApart(source, target);
        var options = new PackOptions
        {
            Level = parsed.GetValue(Level) ?? PackLevel.Default,
            Threads = parsed.GetValue(Threads),
            Sha256 = parsed.GetValue(Sha256),
            RecordsTimes = !parsed.GetValue(NoTimes),
            ChecksHubHashes = !parsed.GetValue(NoHubCheck),
            Filter = filter,
            Strict = parsed.GetValue(Strict),
            ExternalData = !parsed.GetValue(NoExternalData),
            Overwrite = parsed.GetValue(Force),
            FlushToDisk = !parsed.GetValue(NoFlush),
            ForcedCoder = parsed.GetValue(Coder),
            SplitLength = parsed.GetValue(Split),
            Resume = parsed.GetValue(Resume),
            Base = CommonOptions.RequireBase(parsed.GetValue(Base), target),
        };

        if (target == StandardStreams.Name && (options.SplitLength is not null || options.Resume))
        {
            throw new UsageException("--split and --resume need a target that is a file, not standard output; name one with -o");
        }

        if (source == StandardStreams.Name && options.Resume)
        {
            throw new UsageException("--resume needs a source that can be read again, not standard input");
        }

        using Stream? input = source == StandardStreams.Name ? context.OpenStandardInput() : null;
        using Stream? output = target == StandardStreams.Name ? context.OpenStandardOutput() : null;
        var watch = Stopwatch.StartNew();
        PackResult result;
        try
        {
            result = context.WithProgress("packing", progress => (input, output) switch
            {
                (null, null) => ModelPacker.Pack(source, target, options, progress, context.CancellationToken),
                (null, { } to) => ModelPacker.Pack(source, to, options, progress, context.CancellationToken),
                ({ } from, null) => ModelPacker.Pack(from, name, target, options, progress, context.CancellationToken),
                ({ } from, { } to) => ModelPacker.Pack(from, name, to, options, progress, context.CancellationToken),
            });
        }
        catch (OperationCanceledException exception) when (options.Resume && context.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("cancelled; what was packed is kept for another run with --resume", exception, context.CancellationToken);
        }

        Report(context, source, target, result, watch.Elapsed);
        return ExitCode.Done;
    }

    private static string StoredName(ParseResult parsed, string source, string target)
    {
        if (parsed.GetValue(Name) is not { } name)
        {
            return DefaultNames.ForStored(target);
        }

        if (source != StandardStreams.Name)
        {
            throw new UsageException("--name is for a model from standard input; other files keep their names");
        }

        return DefaultNames.IsPlainFileName(name) ? name : throw new UsageException($"--name: '{name}' is not a plain file name");
    }

    /// <summary>How many files have the hashes that a hub gave for them; nothing when none had one.</summary>
    private static string HubSummary(PackResult result)
    {
        HubHash[] hashes = [.. result.Files.Select(static file => file.Hub).OfType<HubHash>()];
        int equal = hashes.Count(static hash => hash.IsEqual);
        string changed = equal == hashes.Length ? "" : $", {Units.Count(hashes.Length - equal, "file")} changed since";
        return hashes.Length == 0 ? "" : $"  {Units.Count(equal, "file")} as on the hub{changed}";
    }

    private static void Report(CommandContext context, string source, string target, PackResult result, TimeSpan time)
    {
        context.Warn(result.Warnings);
        string files = result.Files.Count == 1 ? "" : $"{Units.Count(result.Files.Count, "file")}  ";
        context.WriteSummary(
            $"{StandardStreams.DisplayInput(source)} → {StandardStreams.DisplayOutput(target)}  {files}{Units.Saving(result.OriginalLength, result.PackedLength)}{(result.Base is null ? "" : $"  base {result.Base.Name}")}{HubSummary(result)}{PartsAndReuse(result)}  {Units.Duration(time)}");
        // To describe its type to the serialiser takes a millisecond of the twenty that the command needs to start and end.
        if (context.Json)
        {
            context.WriteJson(
                new PackReport(
                    source,
                    target,
                    result.OriginalLength,
                    result.PackedLength,
                    Units.Ratio(result.OriginalLength, result.PackedLength),
                    time.TotalSeconds,
                    FileReport.Of(result.Files),
                    [.. result.Warnings.Select(static warning => new WarningReport(warning.File, warning.Offset, warning.Reason))],
                    BaseReport.Of(result.Base),
                    result.PartCount,
                    result.ReusedLength),
                ReportJson.Default.PackReport);
        }
    }

    private static string PartsAndReuse(PackResult result) =>
        (result.PartCount == 0 ? "" : $"  {Units.Count(result.PartCount, "part")}")
        + (result.ReusedLength == 0 ? "" : $"  {Units.Size(result.ReusedLength)} packed before");
}
