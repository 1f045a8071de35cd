namespace ModelPack.Container;

/// <summary>What a container says of the base model that it needs (FORMAT.md, "Base").</summary>
internal static class BaseRecord
{
    /// <summary>Says what is wrong with a record, or null when it is sound.</summary>
    public static string? FindFault(Wire.BaseModel record)
    {
        if (record.Files.Count is 0 or > ContainerLimits.MaxBaseFiles)
        {
            return $"has {record.Files.Count} files";
        }

        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (Wire.BaseFile file in record.Files)
        {
            if (file.Path.Length == 0 || ContainerPath.FindFault(file.Path, ContainerContent.Folder) is not null || !paths.Add(file.Path))
            {
                return $"has a file '{file.Path}', which is no plain relative path or is listed twice";
            }

            if (file.Length > long.MaxValue || file.Sha256.Length != 32)
            {
                return $"has a file '{file.Path}' of {file.Length} bytes with a SHA-256 of {file.Sha256.Length} bytes";
            }
        }

        return null;
    }
}
