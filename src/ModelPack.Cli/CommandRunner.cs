using System.CommandLine;
using ModelPack.Cli.Reporting;

namespace ModelPack.Cli;

/// <summary>Parses the arguments, runs the verb and turns whatever happens into an exit code.</summary>
internal static class CommandRunner
{
    public static int Run(Command root, string[] args)
    {
        // Names of model files may start with '@'; they are no response files.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            ErrorReport.WriteLine(DescribeError(root, parsed));
            return ExitCode.WrongUsage;
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static string DescribeError(Command root, ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (command == root)
        {
            string what = parsed.UnmatchedTokens is [string name, ..] ? $"there is no command '{name}', only" : "a command is needed:";
            return $"{what} {string.Join(", ", root.Subcommands.Select(static verb => verb.Name))} (see {root.Name} --help)";
        }

        // What does not belong there explains most other errors.
        string error = parsed.UnmatchedTokens is [string token, ..] ? $"'{token}' is no option or argument of {command.Name}" : parsed.Errors[0].Message.TrimEnd('.');
        return $"{error} (see {root.Name} {command.Name} --help)";
    }

    /// <summary>Makes a verb out of what it does: signals cancel it and every exception becomes one line and an exit code.</summary>
    public static void SetBody(this Command command, Func<ParseResult, CommandContext, int> body) => command.SetAction(parsed =>
    {
        Cancellation? cancellation = null;
        try
        {
            cancellation = new Cancellation();
            return body(parsed, new CommandContext(parsed, cancellation));
        }
#pragma warning disable CA1031 // Nothing above could say more about it than the report does.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ErrorReport.Write(exception, cancellation, parsed.GetValue(CommonOptions.Debug));
        }
        finally
        {
            cancellation?.Dispose();
        }
    });
}
