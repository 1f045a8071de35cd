using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ModelPack.Cli.Streams;

namespace ModelPack.Cli;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    // The library runs no more than this many.
    private const int MaxThreads = 1024;

    public static Option<bool> Json { get; } = new("--json") { Description = "Write the result to standard output as one JSON object.", Recursive = true };

    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No summary, no progress, no warnings; errors only.", Recursive = true };

    public static Option<bool> Debug { get; } = new("--debug") { Description = "Add the stack trace to an error.", Recursive = true };

    public static Option<string?> Output(string description) => new("--output", "-o") { HelpName = "DST", Description = description };

    public static Option<string?> Base(string description) => new("--base") { HelpName = "BASE", Description = description };

    /// <summary>The base named, if one is.</summary>
    /// <exception cref="UsageException">It is empty or standard input, or the target would replace it.</exception>
    public static string? RequireBase(string? given, string? target = null)
    {
        if (given is null)
        {
            return null;
        }

        if (RequirePath(given, "BASE") == StandardStreams.Name)
        {
            throw new UsageException("--base needs a model that can be read at any place, not standard input");
        }

        if (target is not null)
        {
            PathChecks.RequireApart(given, target);
        }

        return given;
    }

    public static Option<bool> Force() => new("--force", "-f") { Description = "Replace an existing target; a folder as a whole." };

    public static Option<bool> NoFlush() => new("--no-flush")
    {
        Description = "Do not wait until the target is on the device; as an ordinary copy, it may then not survive a power failure.",
    };

    public static Option<int> Threads() => new("--threads", "-t")
    {
        HelpName = "N",
        Description = "Worker threads; one for each processor if not given.",
        CustomParser = ParseThreads,
    };

    public static Option<long?> MaxExpansion() => new("--max-expansion")
    {
        HelpName = "N",
        Description = $"Refuse a container that restores more than 1 GiB and more than N times its own length; 0 refuses none, {UnpackOptions.DefaultMaxExpansion} if not given.",
        CustomParser = ParseExpansion,
    };

    /// <summary>The limit that was asked for, or that of those who ask for none; null for no limit.</summary>
    public static long? ReadExpansion(long? given) => given switch
    {
        null => UnpackOptions.DefaultMaxExpansion,
        0 => null,
        _ => given,
    };

    /// <summary>An option with a few named values.</summary>
    /// <typeparam name="T">What the names stand for.</typeparam>
    public static Option<T> Choice<T>(string name, string helpName, string description, params (string Name, T Value)[] choices)
    {
        string names = string.Join(", ", choices.Select(static choice => choice.Name));
        return new Option<T>(name)
        {
            HelpName = helpName,
            Description = $"{description}: {names}.",
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                foreach ((string choice, T value) in choices)
                {
                    if (choice == given)
                    {
                        return value;
                    }
                }

                result.AddError($"{name}: '{given}' is none of {names}");
                return default!;
            },
        };
    }

    /// <summary>An argument or option that is a path or <c>-</c>; an empty one would mean the current folder to some calls and nothing to others.</summary>
    /// <exception cref="UsageException">The path is empty.</exception>
    public static string RequirePath(string path, string name) =>
        path.Length > 0 ? path : throw new UsageException($"{name} is empty");

    private static long? ParseExpansion(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        if (long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out long factor))
        {
            return factor;
        }

        result.AddError($"--max-expansion: '{given}' is not a number");
        return null;
    }

    private static int ParseThreads(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        if (int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int threads) && threads is > 0 and <= MaxThreads)
        {
            return threads;
        }

        result.AddError($"--threads: '{given}' is not a number from 1 to {MaxThreads}");
        return 0;
    }
}
