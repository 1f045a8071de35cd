namespace ModelPack;

/// <summary>The model that another was packed as a difference to; the same bytes are needed to restore that.</summary>
/// <param name="Name">What the base was called: the name of its file or folder.</param>
/// <param name="Files">Its files that are needed.</param>
public sealed record BaseModel(string Name, IReadOnlyList<BaseFile> Files);

/// <summary>A file of a base model.</summary>
/// <param name="Path">Relative path with <c>/</c> between its parts.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal.</param>
public sealed record BaseFile(string Path, long Length, string Sha256);
