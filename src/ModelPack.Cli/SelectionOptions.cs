using System.CommandLine;

namespace ModelPack.Cli;

/// <summary>The options <c>--include</c> and <c>--exclude</c> of a verb.</summary>
/// <param name="what">What the verb does with the files, for its help.</param>
internal sealed class SelectionOptions(string what)
{
    public Option<string[]> Include { get; } = new("--include")
    {
        HelpName = "GLOB",
        Description = $"{what} only files of a folder whose paths match: * is any text, / included, ? one character; may be repeated.",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string[]> Exclude { get; } = new("--exclude")
    {
        HelpName = "GLOB",
        Description = "Leave out files whose paths match, also included ones; may be repeated.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>What was asked for; null when nothing was.</summary>
    /// <exception cref="UsageException">A pattern is empty.</exception>
    public PathFilter? Read(ParseResult parsed)
    {
        string[] include = parsed.GetValue(Include) ?? [];
        string[] exclude = parsed.GetValue(Exclude) ?? [];
        if (include.Contains("") || exclude.Contains(""))
        {
            throw new UsageException("an empty pattern selects nothing");
        }

        return include.Length + exclude.Length == 0 ? null : new PathFilter { Include = include, Exclude = exclude };
    }
}
