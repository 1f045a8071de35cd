namespace ModelPack.Container;

/// <summary>What stands at a path of a container (FORMAT.md, "Entries").</summary>
internal enum EntryKind
{
    File = 0,
    Folder = 1,
    Link = 2,
}
