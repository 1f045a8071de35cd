using ModelPack.Fuzz.Targets;

namespace ModelPack.Fuzz.Damaging;

/// <summary>A sound container to damage.</summary>
/// <param name="Name">What it holds, in a word or two.</param>
/// <param name="Files">Its one file; or the list and the parts, in order.</param>
/// <param name="NeedsBase">True where it is a difference to <see cref="SeedModels.Base"/>.</param>
internal sealed record DamageSubject(string Name, IReadOnlyList<byte[]> Files, bool NeedsBase = false)
{
    public bool IsInParts => Files.Count > 1;

    public long Length => Files.Sum(static file => (long)file.Length);

    /// <summary>Name of a file of it under the name that the container is given.</summary>
    public static string FileName(string container, int file) =>
        file == 0 ? container : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{container}.{file:d3}");
}
