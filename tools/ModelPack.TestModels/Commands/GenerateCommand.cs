using System.CommandLine;
using System.Security.Cryptography;
using ModelPack.TestModels.Generation;

namespace ModelPack.TestModels.Commands;

/// <summary><c>generate</c>: the small models that are committed.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var into = new Option<string>("--into") { Description = "Folder for the files; its manifest is brought up to date.", DefaultValueFactory = _ => "testmodels" };
        var command = new Command("generate", "Writes the small committed models, the same bytes on every machine.") { into };
        command.SetAction(arguments => Generate(arguments.GetRequiredValue(into)));
        return command;
    }

    /// <summary>All small models.</summary>
    public static IEnumerable<SmallModel> Models() => [.. SafetensorsModels.All(), .. OnnxModels.All(), .. ExternalDataModel.Files(), .. TrainCommand.Small()];

    private static void Generate(string into)
    {
        var entries = new List<GeneratedModel>();
        foreach (SmallModel model in Models())
        {
            AtomicFile.Write(Path.Combine(into, model.File), stream => stream.Write(model.Contents));
            entries.Add(new GeneratedModel(model.File, model.Contents.Length, Convert.ToHexStringLower(SHA256.HashData(model.Contents)), model.About));
        }

        string manifest = Path.Combine(into, Manifest.FileName);
        if (File.Exists(manifest))
        {
            (Manifest.Load(manifest) with { Generated = entries }).Save(manifest);
        }

        Console.WriteLine($"{into}: {entries.Count} files, {entries.Sum(entry => entry.Bytes)} bytes");
    }
}
