using System.CommandLine;
using System.CommandLine.Help;
using ModelPack.Cli;
using ModelPack.Cli.Commands;

// A plain command, not a RootCommand: that one would be named after the assembly in help texts.
var root = new Command("modelpack", "Packs neural-network model files without loss, restores them byte for byte and verifies them.")
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

return CommandRunner.Run(root, args);
