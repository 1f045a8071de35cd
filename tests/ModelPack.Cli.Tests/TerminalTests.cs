using System.Text.RegularExpressions;
using ModelPack.Cli.Tests.Support;
using static ModelPack.Cli.Tests.Support.ModelPackCommand;

namespace ModelPack.Cli.Tests;

/// <summary>What changes when somebody watches.</summary>
public sealed partial class TerminalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TerminalFact]
    public void Model_is_never_written_to_a_terminal()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());

        string text = OnTerminal("$MODELPACK pack m.safetensors -o -", out int exitCode);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("modelpack: standard output is a terminal", text, StringComparison.Ordinal);
    }

    [TerminalFact]
    public void Container_is_never_read_from_a_terminal()
    {
        string text = OnTerminal("$MODELPACK unpack - -o x", out int exitCode);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("modelpack: standard input is a terminal", text, StringComparison.Ordinal);
    }

    [TerminalFact]
    public void Progress_is_shown_on_a_terminal_and_gone_at_the_end()
    {
        _folder.Write("m.safetensors", Models.TwoTensors());

        string text = OnTerminal("$MODELPACK pack m.safetensors", out int exitCode);

        Assert.Equal(0, exitCode);
        Assert.Contains("packing", text, StringComparison.Ordinal);
        Assert.Contains("m.safetensors → m.safetensors.mpk  ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("packing", OnTerminal("$MODELPACK pack m.safetensors -f --quiet", out _), StringComparison.Ordinal);
        Assert.DoesNotContain("packing", OnTerminal("$MODELPACK pack m.safetensors -f 2>/dev/null", out _), StringComparison.Ordinal);
    }

    [TerminalFact]
    public void Table_fits_the_terminal_and_long_names_lose_their_middle()
    {
        const string Name = "model.language_model.decoder.layers.17.self_attention.query_key_value.weight";
        _folder.Write("m.safetensors", Models.Safetensors((Name, "BF16", [64, 64], Models.BFloat16Weights(4096, 4))));
        Succeed(_folder, "pack", "m.safetensors");

        string[] lines = OnTerminal("stty cols 80; $MODELPACK list m.safetensors.mpk", out int exitCode).Split('\n');

        Assert.Equal(0, exitCode);
        Assert.All(lines[1..], static line => Assert.InRange(line.TrimEnd('\r').Length, 0, 80));
        Assert.Contains(lines, static line => Regex.IsMatch(line, @"^model\.lang\S*…\S*weight  BF16   64×64  "));
        Assert.Contains(Name, Succeed(_folder, "list", "m.safetensors.mpk").OutputText, StringComparison.Ordinal);
    }

    [TerminalFact]
    public void Comparison_fits_the_terminal()
    {
        const string Name = "model.language_model.decoder.layers.17.self_attention.query_key_value.weight";
        _folder.Write("m.safetensors", Models.Safetensors((Name, "BF16", [64, 64], Models.BFloat16Weights(4096, 4))));

        foreach (int columns in new[] { 80, 120, 200 })
        {
            string text = OnTerminal($"stty cols {columns}; $MODELPACK compare m.safetensors --no-peers --no-coders", out int exitCode);

            Assert.Equal(0, exitCode);
            Assert.All(text[text.IndexOf("tensor ", StringComparison.Ordinal)..].Split('\n'), line => Assert.InRange(line.TrimEnd('\r').Length, 0, columns));
            Assert.Matches(@"model\.lang\S*weight ", text);
        }
    }

    private string OnTerminal(string script, out int exitCode)
    {
        _folder.Write("script.sh", System.Text.Encoding.UTF8.GetBytes(InScript(script)));
        CommandResult result = RunShell(_folder, "TERM=xterm script --quiet --return --command 'sh script.sh' /dev/null");
        exitCode = result.ExitCode;
        return EscapeSequence().Replace(result.OutputText, "");
    }

    [GeneratedRegex(@"\x1B(\[[0-9;?]*[A-Za-z]|[=>])")]
    private static partial Regex EscapeSequence();
}
