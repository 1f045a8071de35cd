namespace ModelPack.Cli.Reporting;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Header">Its title.</param>
/// <param name="AlignRight">Whether its cells are numbers.</param>
/// <param name="Drop">On a narrow terminal, columns with the largest number go first; 0 stays.</param>
/// <param name="Instead">Stands for the column before it, and is there only when that one had to go.</param>
internal sealed record Column(string Header, bool AlignRight = false, int Drop = 0, bool Instead = false);
