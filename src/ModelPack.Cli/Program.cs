using System.CommandLine;
using System.CommandLine.Help;
using ModelPack.Cli;
using ModelPack.Cli.Commands;
using ModelPack.Cli.Reporting;

try
{
    return CommandRunner.Run(CreateRoot(), args);
}
#pragma warning disable CA1031 // Nothing above could say more about it than the report does.
catch (Exception exception)
#pragma warning restore CA1031
{
    // Before a verb has begun: what it needs cannot be loaded, for lack of memory or of file descriptors.
    return ErrorReport.Write(exception, cancellation: null, debug: false);
}

// A plain command, not a RootCommand: that one would be named after the assembly in help texts.
static Command CreateRoot() => new("modelpack", "Packs neural-network model files without loss, restores them byte for byte and verifies them.")
{
    PackCommand.Create(),
    UnpackCommand.Create(),
    VerifyCommand.Create(),
    ListCommand.Create(),
    CompareCommand.Create(),
    CommonOptions.Json,
    CommonOptions.Quiet,
    CommonOptions.Debug,
    new HelpOption(),
    new VersionOption { Action = new VersionAction() },
};
