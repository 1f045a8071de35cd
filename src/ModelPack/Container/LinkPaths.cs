using System.Text;

namespace ModelPack.Container;

/// <summary>How following a link inside a tree ends.</summary>
internal enum LinkEnd
{
    /// <summary>Inside the tree, whether there is something or not.</summary>
    Inside,

    /// <summary>Outside the tree.</summary>
    Outside,

    /// <summary>Nowhere: links lead to each other, or too far.</summary>
    Loop,
}

/// <summary>Follows links inside a tree, of a disk or of a container.</summary>
internal static class LinkPaths
{
    /// <summary>Follows a link to what is no link.</summary>
    /// <param name="path">Path of the link in the tree; no part but the last is a link.</param>
    /// <param name="target">Where it leads.</param>
    /// <param name="targetAt">Tells where a link of the tree leads; null for all else, also for what is not there.</param>
    /// <param name="end">The path in the tree at which it ends; empty for the tree itself.</param>
    public static LinkEnd Follow(string path, string target, Func<string, string?> targetAt, out string end)
    {
        string reached = ParentOf(path);
        var ahead = new Stack<string>();
        int links = 0;
        int parts = 0;
        end = "";
        for (string? next = target; ;)
        {
            if (next is not null)
            {
                if (++links > ContainerLimits.MaxLinkSteps)
                {
                    return LinkEnd.Loop;
                }

                if (next.StartsWith('/'))
                {
                    return LinkEnd.Outside;
                }

                foreach (string part in next.Split('/').Reverse())
                {
                    ahead.Push(part);
                }

                next = null;
            }

            if (!ahead.TryPop(out string? step))
            {
                end = reached;
                return LinkEnd.Inside;
            }

            if (step is "" or ".")
            {
                continue;
            }

            if (++parts > ContainerLimits.MaxLinkParts)
            {
                return LinkEnd.Loop;
            }

            if (step != "..")
            {
                string there = reached.Length == 0 ? step : $"{reached}/{step}";
                if (Encoding.UTF8.GetByteCount(there) > ContainerLimits.MaxLinkLength)
                {
                    return LinkEnd.Loop;
                }

                next = targetAt(there);
                reached = next is null ? there : reached;
            }
            else if (reached.Length == 0)
            {
                return LinkEnd.Outside;
            }
            else
            {
                reached = ParentOf(reached);
            }
        }
    }

    private static string ParentOf(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];
}
