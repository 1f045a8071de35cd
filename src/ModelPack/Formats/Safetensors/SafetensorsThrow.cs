using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Formats.Safetensors;

/// <summary>Throw helpers of this room.</summary>
internal static class SafetensorsThrow
{
    private const int LongestExcerpt = 100;

    /// <summary>The file breaks a rule of the format.</summary>
    /// <param name="reason">What was found and what was allowed.</param>
    /// <param name="offset">The place in the file.</param>
    /// <param name="cause">The exception that told of it, if any.</param>
    [DoesNotReturn]
    public static void Corrupt(string reason, long offset, Exception? cause = null) =>
        throw new ModelPackException(ModelPackError.Corrupt, $"safetensors: {reason}", offset: offset, innerException: cause);

    /// <summary>The file uses what this version does not know.</summary>
    [DoesNotReturn]
    public static void Unsupported(string reason, long offset) =>
        throw new ModelPackException(ModelPackError.Unsupported, $"safetensors: {reason}", offset: offset);

    /// <summary>A tensor cannot be written as safetensors.</summary>
    [DoesNotReturn]
    public static void CannotWrite(string name, string reason) =>
        throw new ModelPackException(ModelPackError.InvalidRequest, $"tensor {Quote(name)} cannot be written as safetensors: {reason}");

    /// <summary>A name from a file, made fit for a message.</summary>
    public static string Quote(string text) => $"'{Excerpt(text)}'";

    /// <summary>Text made fit for one line of a message: what a file holds may have 100 MB and terminal escapes.</summary>
    public static string Excerpt(string text)
    {
        bool isLong = text.Length > LongestExcerpt;
        string excerpt = string.Concat((isLong ? text[..LongestExcerpt] : text).Select(static c => char.IsControl(c) ? '?' : c));
        return isLong ? excerpt + "…" : excerpt;
    }
}
