using ModelPack.Cli.Streams;

namespace ModelPack.Cli.Reporting;

/// <summary>Results on standard output.</summary>
internal static class StandardOutput
{
    /// <summary>Writes text as it is.</summary>
    /// <exception cref="IOException">It is full or closed; the message says of what.</exception>
    public static void Write(string text)
    {
        try
        {
            Console.Out.Write(text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{StandardStreams.OutputDisplayName}: {exception.Message}", exception.HResult);
        }
    }
}
