using System.IO.Enumeration;

namespace ModelPack;

/// <summary>Which files of a folder to take, by their paths.</summary>
/// <remarks>
/// A pattern is compared with the whole path, relative and with <c>/</c> between its parts. <c>*</c> stands for any
/// characters, <c>/</c> among them, <c>?</c> for one; <c>\</c> before one of them, or before itself, means the character.
/// A pattern that ends in <c>/</c> means all that is in the folder, and one that begins with <c>**/</c> also what is in no
/// folder. Case counts. These are the rules of the hubs' own download tools, without sets in brackets.
/// </remarks>
public sealed record PathFilter
{
    /// <summary>Take what matches one of these; when there are none, take all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Leave out what matches one of these, also where <see cref="Include"/> takes it.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>True when a file with that path is to be taken.</summary>
    public bool Selects(string path) => (Include.Count == 0 || IsAnyMatch(Include, path)) && !IsAnyMatch(Exclude, path);

    private static bool IsAnyMatch(IReadOnlyList<string> patterns, string path)
    {
        foreach (string pattern in patterns)
        {
            if (IsMatch(pattern, path) || (pattern.StartsWith("**/", StringComparison.Ordinal) && IsMatch(pattern[3..], path)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsMatch(string pattern, string path) =>
        FileSystemName.MatchesSimpleExpression(pattern.EndsWith('/') ? pattern + "*" : pattern, path, ignoreCase: false);
}
