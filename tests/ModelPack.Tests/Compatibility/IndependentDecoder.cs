using System.ComponentModel;
using System.Diagnostics;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Compatibility;

/// <summary>tools/mpk_decode.py, which shares nothing with the library but the texts of the specification.</summary>
internal static class IndependentDecoder
{
    private const string Interpreter = "python3";

    /// <summary>Why it cannot run here, or null when it can.</summary>
    public static string? Obstacle { get; } = FindObstacle();

    /// <summary>Runs it.</summary>
    /// <returns>The exit code and the lines on standard error.</returns>
    public static (int ExitCode, string[] Errors) Run(params string[] arguments)
    {
        // -I: nothing from the user's environment takes part.
        using Process process = Start(["-I", Repository.PathOf("tools/mpk_decode.py"), .. arguments]);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static string? FindObstacle()
    {
        const string Needed = "import sys; sys.exit(sys.version_info < (3, 8))";
        try
        {
            using Process process = Start(["-I", "-c", Needed]);
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{Interpreter} is older than 3.8";
        }
        catch (Win32Exception)
        {
            return $"{Interpreter} cannot be started";
        }
    }

    private static Process Start(IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(Interpreter, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
}

/// <summary>A test that runs the independent decoder; skipped, and reported so, where there is no Python.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IndependentDecoderFactAttribute : FactAttribute
{
    public IndependentDecoderFactAttribute() => Skip = IndependentDecoder.Obstacle;
}

/// <inheritdoc cref="IndependentDecoderFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IndependentDecoderTheoryAttribute : TheoryAttribute
{
    public IndependentDecoderTheoryAttribute() => Skip = IndependentDecoder.Obstacle;
}
