namespace ModelPack.Pipeline;

/// <summary>The part that a block plays in repeats.</summary>
/// <param name="Group">0 for a block that has no equal; else the number, the same for all blocks of equal bytes.</param>
/// <param name="IsRepeat">True for all of the group but the first.</param>
internal readonly record struct BlockRole(int Group, bool IsRepeat)
{
    /// <summary>True for the block that others repeat.</summary>
    public bool IsKept => Group > 0 && !IsRepeat;
}

/// <summary>Which blocks of a file repeat an earlier block or are repeated by later ones, in this file or another.</summary>
internal sealed class SegmentRepeats
{
    private readonly Dictionary<int, BlockRole[]> _segments = [];

    /// <summary>True when a block of the segment takes part in a repeat.</summary>
    public bool Has(int segment) => _segments.ContainsKey(segment);

    public BlockRole RoleOf(int segment, int block) => _segments.TryGetValue(segment, out BlockRole[]? roles) ? roles[block] : default;

    /// <summary>The roles of all blocks of a segment; nothing when none takes part in a repeat.</summary>
    public ReadOnlySpan<BlockRole> RolesOf(int segment) => _segments.GetValueOrDefault(segment);

    /// <summary>Sets the role of a block.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="block">The block of the segment.</param>
    /// <param name="blockCount">Blocks of the segment in all.</param>
    /// <param name="role">Its role.</param>
    public void Set(int segment, int block, int blockCount, BlockRole role)
    {
        if (!_segments.TryGetValue(segment, out BlockRole[]? roles))
        {
            roles = new BlockRole[blockCount];
            _segments.Add(segment, roles);
        }

        roles[block] = role;
    }
}
