using ModelPack.Coding;

namespace ModelPack.Pipeline;

/// <summary>What each level lets the chooser try. The one place for that.</summary>
internal static class PackPolicy
{
    public static ChooserPolicy Of(PackOptions options) => options.Level switch
    {
        PackLevel.Fast => new ChooserPolicy(
            DictionaryTrial.OutsideTensors, LeastSaving: 50, (CoderId?)options.ForcedCoder, ContextTrial.Never, MostLaneTables: 2),
        PackLevel.Max => new ChooserPolicy(DictionaryTrial.Always, LeastSaving: 0, (CoderId?)options.ForcedCoder, ContextTrial.Always),
        _ => new ChooserPolicy(DictionaryTrial.WhenPromising, LeastSaving: 100, (CoderId?)options.ForcedCoder, ContextTrial.OfIntegers),
    };
}
