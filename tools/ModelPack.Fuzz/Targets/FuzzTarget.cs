namespace ModelPack.Fuzz.Targets;

/// <summary>What a target made of an input.</summary>
/// <param name="Refusal">Why it was refused; null when it was accepted.</param>
/// <param name="Hash">XXH3 of what came out of an accepted input.</param>
/// <param name="Reason">The refusal in words.</param>
internal readonly record struct Verdict(ModelPackError? Refusal, ulong Hash, string? Reason = null)
{
    public override string ToString() => Refusal is { } error ? error.ToString() : Hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Code that hostile bytes are given to.</summary>
/// <param name="input">Any bytes. May be changed by the target.</param>
/// <returns>Hash of the result, for comparison between machines and runs.</returns>
/// <exception cref="ModelPackException">The input is refused, as it should be; any other exception is a find.</exception>
internal delegate ulong FuzzAction(Span<byte> input);

/// <summary>A reader or decoder, and inputs to start from.</summary>
/// <param name="Name">Name on the command line and of the corpus folder.</param>
/// <param name="About">One line for users.</param>
/// <param name="Action">What to run.</param>
/// <param name="Seeds">Sound inputs, made from the committed models: name and bytes.</param>
internal sealed record FuzzTarget(string Name, string About, FuzzAction Action, Func<IEnumerable<byte[]>> Seeds)
{
    /// <summary>Longest input worth trying; longer ones are cut.</summary>
    public const int MostInputBytes = 1 << 20;

    public static IReadOnlyList<FuzzTarget> All { get; } = [.. ReaderTargets.All(), .. CoderTargets.All(), .. ContainerTargets.All()];

    public static FuzzTarget Find(string name) =>
        All.FirstOrDefault(target => target.Name == name)
        ?? throw new ModelPackException(ModelPackError.InvalidRequest, $"there is no target '{name}'; there are {string.Join(", ", All.Select(static t => t.Name))}");

    /// <summary>Runs the target; returns normally for accepted and for refused inputs.</summary>
    public Verdict Run(ReadOnlySpan<byte> input)
    {
        byte[] copy = input[..Math.Min(input.Length, MostInputBytes)].ToArray();
        try
        {
            return new Verdict(null, Action(copy));
        }
        catch (ModelPackException refusal)
        {
            return new Verdict(refusal.Error, 0, refusal.Reason);
        }
    }
}

/// <summary>A promise that an input broke.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
