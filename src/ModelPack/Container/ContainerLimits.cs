namespace ModelPack.Container;

/// <summary>Bounds that every reader enforces before it allocates (FORMAT.md, "Limits").</summary>
internal static class ContainerLimits
{
    /// <summary>Most original bytes that one block restores.</summary>
    public const int MaxBlockLength = 1 << 24;

    /// <summary>Most bytes of a block's payload: all of it stored (Float16 planes hold an eighth more than the elements), and the largest directory.</summary>
    public const int MaxBlockPayloadLength = MaxBlockLength + (MaxBlockLength / 8) + (1 << 20);

    /// <summary>Most classes of bytes in one block.</summary>
    public const int MaxClasses = 16;

    /// <summary>Most runs in one block.</summary>
    public const int MaxRuns = 1 << 16;

    /// <summary>Most bytes of a "file" or "file end" payload.</summary>
    public const int MaxFilePayloadLength = 1 << 16;

    /// <summary>Most bytes of the index payload.</summary>
    public const int MaxIndexPayloadLength = 1 << 30;

    /// <summary>Most bytes of a "base" payload.</summary>
    public const int MaxBasePayloadLength = 1 << 20;

    /// <summary>Most files of a base model.</summary>
    public const int MaxBaseFiles = 1 << 14;

    /// <summary>Most UTF-8 bytes of a path.</summary>
    public const int MaxPathLength = 1 << 15;

    /// <summary>Most UTF-8 bytes of a link's path, and of its target; what Linux allows.</summary>
    public const int MaxLinkLength = 4095;

    /// <summary>Most links on the way from a link to where it ends; what Linux follows.</summary>
    public const int MaxLinkSteps = 40;

    /// <summary>Most names on that way, so that following all links of a hostile container takes seconds at most.</summary>
    public const int MaxLinkParts = 255;

    /// <summary>Most links in a container.</summary>
    public const int MaxLinks = 1 << 16;
}
