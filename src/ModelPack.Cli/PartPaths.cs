namespace ModelPack.Cli;

/// <summary>Paths of containers whose bytes lie in parts: <c>model.mpk.001</c>, <c>model.mpk.002</c>….</summary>
internal static class PartPaths
{
    /// <summary>True when there is a first part of a container of this name.</summary>
    public static bool HaveParts(string container) => File.Exists(container + ".001") || File.Exists(container + ".0001") || File.Exists(ContainerOf(container));

    /// <summary><c>model.mpk.001</c> → <c>model.mpk</c>; other paths stay as they are.</summary>
    public static string ContainerOf(string path)
    {
        int dot = path.LastIndexOf('.');
        bool isPart = dot > 0 && path.Length - dot - 1 is 3 or 4 && path.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0;
        return isPart && path[..dot].EndsWith(DefaultNames.Extension, StringComparison.OrdinalIgnoreCase) ? path[..dot] : path;
    }
}
