using Microsoft.Win32.SafeHandles;

namespace ModelPack.Cli.Streams;

/// <summary>Standard input and output as binary streams.</summary>
internal static class StandardStreams
{
    /// <summary>How a command line names them.</summary>
    public const string Name = "-";

    public const string InputDisplayName = "standard input";

    public const string OutputDisplayName = "standard output";

    /// <summary>A source as people read it.</summary>
    public static string DisplayInput(string path) => path == Name ? InputDisplayName : path;

    /// <summary>A target as people read it.</summary>
    public static string DisplayOutput(string path) => path == Name ? OutputDisplayName : path;

    /// <exception cref="UsageException">Standard input is a terminal.</exception>
    public static Stream OpenInput(CancellationToken cancellationToken) => Console.IsInputRedirected
        ? new CancellableStream(Console.OpenStandardInput(), InputDisplayName, cancellationToken)
        : throw new UsageException("standard input is a terminal; redirect it or name a file");

    /// <exception cref="UsageException">Standard output is a terminal.</exception>
    public static Stream OpenOutput(CancellationToken cancellationToken) => Console.IsOutputRedirected
        ? new CancellableStream(OpenOutputHandle(), OutputDisplayName, cancellationToken)
        : throw new UsageException("standard output is a terminal; redirect it or name a target with -o");

    // On Unix the console's own stream takes a closed pipe for success and would have us pack on into nothing.
    private static Stream OpenOutputHandle() => OperatingSystem.IsWindows()
        ? Console.OpenStandardOutput()
        : new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
}
