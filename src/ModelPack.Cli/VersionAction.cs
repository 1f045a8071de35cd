using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace ModelPack.Cli;

/// <summary>Writes the version and, below it, which kernels this build runs on this machine.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    private static string Version =>
        typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    // No command is needed beside --version.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Console.Out.WriteLine(Version);
        Console.Out.WriteLine($"kernels: planes {ModelPackInfo.PlaneInstructionSet}, lane-ans {ModelPackInfo.LaneAnsInstructionSet}");
        return ExitCode.Done;
    }
}
