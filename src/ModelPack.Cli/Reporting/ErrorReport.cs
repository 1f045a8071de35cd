using System.Text.RegularExpressions;

namespace ModelPack.Cli.Reporting;

/// <summary>Errors and warnings: one line on standard error that names the file, the offset where known, and the cause.</summary>
internal static partial class ErrorReport
{
    // errno of a pipe without a reader on Linux, macOS and the BSDs; on Windows ERROR_BROKEN_PIPE and ERROR_NO_DATA.
    private static readonly int[] ClosedPipe = OperatingSystem.IsWindows() ? [unchecked((int)0x8007006D), unchecked((int)0x800700E8)] : [32];

    /// <summary>Writes one line. Where standard error is full or closed nobody can be told, and the exit code remains.</summary>
    public static void WriteLine(string message) => WriteRaw("modelpack: " + Printable.Escape(message));

    /// <summary>A cause with its place: <c>FILE: at offset N: CAUSE</c>.</summary>
    public static string Place(string file, long? offset, string cause) =>
        offset is { } at ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}: at offset {at}: {cause}") : $"{file}: {cause}";

    /// <summary>Reports what ended a verb and says with which code the process ends.</summary>
    public static int Write(Exception exception, Cancellation? cancellation, bool debug)
    {
        (int exitCode, string? message) = Describe(Unwrap(exception), cancellation);
        if (message is not null)
        {
            WriteLine(message);
        }

        if (debug)
        {
            WriteRaw(exception.ToString());
        }

        return exitCode;
    }

    /// <summary>Writes a line as it is, where standard error takes it.</summary>
    public static void WriteRaw(string text)
    {
        try
        {
            Console.Error.WriteLine(text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // See WriteLine.
        }
    }

    /// <summary>What happened, without the wrapping that the runtime gives to what happens while a type is made ready.</summary>
    private static Exception Unwrap(Exception exception)
    {
        while (exception is TypeInitializationException or AggregateException && exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }

    private static (int ExitCode, string? Message) Describe(Exception exception, Cancellation? cancellation) => exception switch
    {
        OperationCanceledException when cancellation is { Token.IsCancellationRequested: true } =>
            (cancellation.CancelledExitCode, exception.Message.StartsWith("cancelled;", StringComparison.Ordinal) ? exception.Message : "cancelled"),
        UsageException => (ExitCode.WrongUsage, exception.Message),
        ModelPackException { Error: ModelPackError.InvalidRequest } => (ExitCode.WrongUsage, exception.Message),
        ModelPackException => (ExitCode.BadInput, exception.Message),

        // Whoever closed the pipe has what they wanted.
        IOException when Array.IndexOf(ClosedPipe, exception.HResult) >= 0 => (ExitCode.InputOutput, null),
        IOException or UnauthorizedAccessException => (ExitCode.InputOutput, DescribeIO(exception)),
        OutOfMemoryException => (ExitCode.InputOutput, "there is not enough memory; fewer --threads and a lower --level take less"),
        _ => (ExitCode.InternalError, $"internal error: {exception.GetType().Name}: {exception.Message}"),
    };

    // The runtime's messages put the path in different places, and a target's path is that of its temporary file.
    private static string DescribeIO(Exception exception)
    {
        Match match = QuotedPath().Match(exception.Message);
        string message = match.Success
            ? $"{match.Groups["path"].Value}: {CauseOf(exception, match.Groups["before"].Value)}"
            : exception.Message;
        return TemporaryName().Replace(TemporaryFolder().Replace(message, ""), "${name}");
    }

    private static string CauseOf(Exception exception, string text) => exception switch
    {
        FileNotFoundException => "no such file",
        DirectoryNotFoundException => "no such folder",
        UnauthorizedAccessException => "permission denied",
        _ => text.TrimEnd(' ', ':'),
    };

    /// <summary>The runtime's own messages: <c>Access to the path 'P' is denied.</c>, <c>No space left on device : 'P'</c>.</summary>
    [GeneratedRegex(@"^(?<before>(Could not find file |Could not find a part of the path |Access to the path |.* : ))'(?<path>.*)'( is denied)?\.?$", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex QuotedPath();

    /// <summary>A model and its data files are restored into a hidden folder inside a hidden folder first.</summary>
    [GeneratedRegex(@"\.\.[^/\\]+\.[0-9a-f]{32}\.mpk-tmp\.[0-9a-f]{32}\.mpk-tmp[/\\]", RegexOptions.ExplicitCapture)]
    private static partial Regex TemporaryFolder();

    [GeneratedRegex(@"\.(?<name>[^/\\]+)\.(?:[0-9a-f]{32}\.mpk-tmp|mpk-resume|mpk-journal)", RegexOptions.ExplicitCapture)]
    private static partial Regex TemporaryName();
}
