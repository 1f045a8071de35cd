namespace ModelPack.Fuzz.Damaging;

/// <summary>What became of damaged containers.</summary>
internal sealed class DamageTally
{
    public long Tried { get; private set; }

    /// <summary>Forged ones, their checks made anew, that restore what the sound one does.</summary>
    public long Harmless { get; private set; }

    /// <summary>Taken for sound although they are not: there may be none.</summary>
    public long Unnoticed { get; private set; }

    /// <summary>Refusals that do not say where: there may be none.</summary>
    public long WithoutPlace { get; private set; }

    public long Refused => Tried - Harmless - Unnoticed;

    public void Count(DamageOutcome outcome)
    {
        Tried++;
        Harmless += outcome == DamageOutcome.Harmless ? 1 : 0;
        Unnoticed += outcome == DamageOutcome.Unnoticed ? 1 : 0;
        WithoutPlace += outcome == DamageOutcome.RefusedWithoutPlace ? 1 : 0;
    }
}

/// <summary>What became of a damaged container.</summary>
internal enum DamageOutcome
{
    Refused,
    RefusedWithoutPlace,
    Harmless,
    Unnoticed,
}
