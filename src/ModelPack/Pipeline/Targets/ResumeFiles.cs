using ModelPack.Container.Parts;

namespace ModelPack.Pipeline.Targets;

/// <summary>Names of what an interrupted packing leaves beside its target for another to go on with.</summary>
internal static class ResumeFiles
{
    public static string ContainerOf(string target) => Of(target, ".mpk-resume");

    public static string PartOf(string target, int number) => Of(PartNames.Of(target, number, digits: 3), ".mpk-resume");

    public static string JournalOf(string target) => Of(target, ".mpk-journal");

    /// <summary>Removes what an earlier packing to the target left, unless a process is at work on it.</summary>
    public static void DeleteUnused(string target)
    {
        if (File.Exists(JournalOf(target)))
        {
            try
            {
                new PackJournal(JournalOf(target)).Delete();
            }
            catch (IOException)
            {
                return;
            }
        }

        File.Delete(ContainerOf(target));
        for (int number = 1; File.Exists(PartOf(target, number)); number++)
        {
            File.Delete(PartOf(target, number));
        }
    }

    private static string Of(string path, string extension) =>
        Path.Combine(Path.GetDirectoryName(path) ?? ".", $".{Path.GetFileName(path)}{extension}");
}
