using System.Globalization;

namespace ModelPack.Container;

/// <summary>
/// How many bytes a container may restore: 26 of a hostile one can stand for 16 MiB. Up to <see cref="FreeLength"/> it does not
/// matter; above that, no more than so many times what the container has, with the base that it was made from.
/// </summary>
/// <param name="factor">How many times; null sets no limit.</param>
internal readonly struct ExpansionLimit(long? factor)
{
    /// <summary>What every container may restore.</summary>
    public const long FreeLength = 1L << 30;

    /// <summary>True when a container may restore so much.</summary>
    /// <param name="restored">Bytes that it restores.</param>
    /// <param name="given">Bytes of the container and of its base.</param>
    public bool Allows(Int128 restored, Int128 given) => factor is null || restored <= FreeLength || restored <= factor * given;

    /// <exception cref="ModelPackException">The container restores too much.</exception>
    /// <inheritdoc cref="Allows"/>
    public void Check(Int128 restored, Int128 given)
    {
        if (!Allows(restored, given))
        {
            throw new ModelPackException(
                ModelPackError.Unsupported,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"restores {restored} bytes from {given}, more than {factor} times as many; that is refused unless it is asked for (--max-expansion {Needed(restored, given)})"));
        }
    }

    /// <summary>The least factor that allows it.</summary>
    public static Int128 Needed(Int128 restored, Int128 given) => (restored + given - 1) / Int128.Max(1, given);
}
