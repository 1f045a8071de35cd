namespace ModelPack;

/// <summary>A folder inside a packed folder, kept because it is empty or for its time.</summary>
/// <param name="Path">Relative path with <c>/</c> between its parts; empty for the packed folder itself.</param>
/// <param name="Modified">Time of its last modification, cut to what the type holds (100 ns); null when not recorded.</param>
public sealed record PackedFolder(string Path, DateTimeOffset? Modified);

/// <summary>A symbolic link inside a packed folder, kept as a link.</summary>
/// <param name="Path">Relative path with <c>/</c> between its parts.</param>
/// <param name="Target">Where it leads, as it stands in the link: relative to its folder and inside the packed folder.</param>
public sealed record PackedLink(string Path, string Target);
