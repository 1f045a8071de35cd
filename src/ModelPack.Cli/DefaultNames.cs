using ModelPack.Cli.Streams;

namespace ModelPack.Cli;

/// <summary>Where results go when the command line does not say.</summary>
internal static class DefaultNames
{
    public const string Extension = ".mpk";

    /// <summary><c>model.safetensors</c> → <c>model.safetensors.mpk</c>; folder <c>Llama/</c> → <c>Llama.mpk</c>; a pipe goes on through a pipe.</summary>
    public static string ForPacked(string source)
    {
        if (source == StandardStreams.Name)
        {
            return StandardStreams.Name;
        }

        string trimmed = Path.TrimEndingDirectorySeparator(source);

        // '.', '..' and '/' say where the folder is, not what it is called.
        string path = Path.GetFileName(trimmed) is "" or "." or ".." ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(trimmed)) : trimmed;
        return Path.GetFileName(path).Length > 0 ? path + Extension : throw new UsageException($"{source}: has no name to make the target's name of; use -o");
    }

    /// <summary><c>model.safetensors.mpk</c> → <c>model.safetensors</c>; without the extension, the name stored in the container.</summary>
    public static string ForRestored(string packed)
    {
        if (packed == StandardStreams.Name)
        {
            return StandardStreams.Name;
        }

        if (RemoveExtension(PartPaths.ContainerOf(packed)) is { } restored)
        {
            return restored;
        }

        using PackedModel model = PackedModel.Open(packed, new OpenOptions { MaxExpansion = null });
        return model is { IsFolder: false, Files: [{ Path: { } stored }] } && IsPlainFileName(stored)
            ? Path.Combine(Path.GetDirectoryName(packed) ?? "", stored)
            : throw new UsageException($"{packed}: does not end in {Extension} and stores no name to restore to; use -o");
    }

    /// <summary>
    /// A model that was packed with its data files comes back beside its container, under the names that the model knows.
    /// </summary>
    /// <param name="packed">The container.</param>
    /// <param name="model">Path of the model; null when the container holds something else.</param>
    /// <returns>The folder that the files go to; null when the container holds something else.</returns>
    public static string? ForModelAndData(string packed, out string? model)
    {
        model = null;
        if (packed == StandardStreams.Name)
        {
            return null;
        }

        using PackedModel container = PackedModel.Open(packed, new OpenOptions { MaxExpansion = null });
        if (container.LeadingFile is not { } leading)
        {
            return null;
        }

        string folder = Path.GetDirectoryName(packed) ?? "";
        model = Path.Combine(folder, leading);
        return folder.Length > 0 ? folder : ".";
    }

    /// <summary>The name a file from a pipe is stored under: that of the target without its extension; empty when there is none.</summary>
    public static string ForStored(string target) =>
        target == StandardStreams.Name ? "" : Path.GetFileName(RemoveExtension(target) ?? "");

    /// <summary>True when the text names a file in the current folder, here and on other systems.</summary>
    public static bool IsPlainFileName(string name) =>
        name is not ("" or "." or "..") && !name.Any(static c => char.IsControl(c) || c is '/' or '\\' or ':');

    private static string? RemoveExtension(string path) =>
        path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) && Path.GetFileName(path).Length > Extension.Length
            ? path[..^Extension.Length]
            : null;
}
