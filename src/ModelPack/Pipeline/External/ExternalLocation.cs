using System.Text;
using ModelPack.Container;

namespace ModelPack.Pipeline.External;

/// <summary>
/// The <c>location</c> by which an ONNX model names a data file: a path relative to the folder of the model, with <c>/</c>
/// between its parts (onnx/docs/ExternalData.md). It is text from a file that anybody may have written, so it is judged as
/// text before the system sees it.
/// </summary>
internal static class ExternalLocation
{
    /// <summary>Says why a location must not be followed, or null when it names a place inside the model's folder.</summary>
    public static string? FindFault(string location)
    {
        if (location.Length == 0)
        {
            return "is empty";
        }

        if (location[0] == '/')
        {
            return "is an absolute path";
        }

        // On Windows both are more than characters of a name, and a container is to be restored there, too.
        if (location.Contains('\\', StringComparison.Ordinal))
        {
            return "has a backslash, which is a separator on some systems";
        }

        if (location.Length > 1 && location[1] == ':' && char.IsAsciiLetter(location[0]))
        {
            return "names a drive";
        }

        if (location.Contains('\0', StringComparison.Ordinal))
        {
            return "contains a zero character";
        }

        string[] parts = location.Split('/');
        if (parts.Contains(".."))
        {
            return "leads out of the folder of the model";
        }

        return parts[^1] is "" or "." ? "names a folder"
            : Encoding.UTF8.GetByteCount(location) > ContainerLimits.MaxPathLength ? $"is longer than {ContainerLimits.MaxPathLength} bytes"
            : null;
    }

    /// <summary>The path in a container that a sound location of a model there names.</summary>
    /// <param name="modelPath">Path of the model in the container.</param>
    /// <param name="location">A location without fault.</param>
    public static string Resolve(string modelPath, string location)
    {
        // "./weights" and "a//b" name what "weights" and "a/b" do.
        string[] parts = location.Split('/');
        string plain = parts.Any(static part => part is "" or ".") ? string.Join('/', parts.Where(static part => part is not ("" or "."))) : location;
        int folder = modelPath.LastIndexOf('/') + 1;
        return string.Concat(modelPath.AsSpan(0, folder), plain);
    }
}
