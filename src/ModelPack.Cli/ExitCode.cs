namespace ModelPack.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A fault of the program itself.</summary>
    public const int InternalError = 1;

    /// <summary>Wrong arguments, an existing target, an unknown tensor.</summary>
    public const int WrongUsage = 2;

    /// <summary>The input is corrupt or not supported.</summary>
    public const int BadInput = 3;

    /// <summary>Verification found a difference.</summary>
    public const int Different = 4;

    /// <summary>The system refused: missing file, permission, disk full, closed pipe, no memory.</summary>
    public const int InputOutput = 5;

    /// <summary>128 and the number of SIGINT, as shells report it.</summary>
    public const int Interrupted = 130;

    /// <summary>128 and the number of SIGTERM.</summary>
    public const int Terminated = 143;
}
