namespace ModelPack.Coding.Lzw;

/// <summary>What this coder keeps between calls on one thread.</summary>
internal sealed class LzwWorkspace
{
    /// <summary>The encoder's dictionary.</summary>
    public LzwDictionary Dictionary => field ??= new LzwDictionary();

    /// <summary>The decoder's dictionary.</summary>
    public int[] Starts => field ??= new int[LzwDictionary.MaxEntries + 1];
}
