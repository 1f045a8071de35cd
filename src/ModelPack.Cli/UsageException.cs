namespace ModelPack.Cli;

/// <summary>The command line asks for something that cannot be done; ends the process with <see cref="ExitCode.WrongUsage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);
