using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Recovery;

/// <summary>What is saved of a damaged folder has its folders, links, times and execute bits.</summary>
public sealed class SalvagedTreeTests
{
    [UnixFact]
    public void Folders_and_links_come_back_with_and_without_the_index()
    {
        using var folder = new TemporaryFolder();
        folder.Write("F/run.sh", "#!/bin/sh"u8.ToArray());
        Tree.MakeExecutable(folder["F/run.sh"]);
        folder.Write("F/sub/noise", SeededPlanes.Make("uniform", 1_000_000));
        Directory.CreateDirectory(folder["F/empty"]);
        File.CreateSymbolicLink(folder["F/link"], "sub");
        Array.ForEach(["F/empty", "F/sub/noise", "F/run.sh", "F/sub", "F"], name => Tree.Touch(folder[name], name.Length));
        ModelPacker.Pack(folder["F"], folder["F.mpk"]);
        byte[] packed = File.ReadAllBytes(folder["F.mpk"]);
        string[] expected = [.. Tree.Describe(folder["F"]).Where(static line => !line.StartsWith("sub/noise", StringComparison.Ordinal))];

        packed[packed.Length / 2] ^= 1;
        folder.Write("block.mpk", packed);
        packed[^60] ^= 1; // the index
        folder.Write("index.mpk", packed);
        foreach (string name in new[] { "block", "index" })
        {
            ContainerDiagnosis diagnosis = ModelPacker.Salvage(folder[$"{name}.mpk"], folder[name], new UnpackOptions());
            Assert.Equal(["run.sh", "sub/noise"], diagnosis.Files.Select(static file => file.Path));
            Assert.Equal(name == "block", diagnosis.HasIndex);
            Assert.Equal(expected, Tree.Describe(folder[name]).Where(static line => !line.StartsWith("sub/noise", StringComparison.Ordinal)));
        }
    }
}
