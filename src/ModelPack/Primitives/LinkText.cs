using System.Text;

namespace ModelPack.Primitives;

/// <summary>What stands in a symbolic link.</summary>
internal static class LinkText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads where a link leads, with <c>/</c> between the parts.</summary>
    /// <exception cref="ModelPackException">It is not Unicode.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                return Strict.GetString(Posix.ReadLink(path));
            }

            string target = new FileInfo(path).LinkTarget ?? throw new IOException($"{path}: was changed while it was packed");
            _ = Strict.GetByteCount(target);
            return target.Replace('\\', '/');
        }
        catch (Exception exception) when (exception is DecoderFallbackException or EncoderFallbackException)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "is a link to a name that is not Unicode, which a container cannot hold", path, innerException: exception);
        }
    }

    /// <summary>True when the text can be written as UTF-8: it has no half of a surrogate pair.</summary>
    public static bool IsUnicode(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
