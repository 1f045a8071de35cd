using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline;

/// <summary>A source that changes while it is packed, whichever file is at work, is refused.</summary>
public sealed class SourceChangeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("overwrite")]
    [InlineData("cut")]
    [InlineData("append")]
    [InlineData("replace")]
    [InlineData("delete")]
    public void A_file_that_was_packed_already_may_not_change(string change)
    {
        string first = _folder.Write("F/1.bin", new byte[100_000]);
        _folder.Write("F/2.bin", new byte[100_000]);
        bool changed = false;
        var progress = new Progress(current =>
        {
            if (current == "2.bin" && !changed)
            {
                changed = true;
                Change(first, change);
            }
        });

        IOException refused = Assert.ThrowsAny<IOException>(() =>
            ModelPacker.Pack(_folder["F"], _folder["f.mpk"], new PackOptions { Threads = 1 }, progress));

        Assert.Equal("1.bin: was changed while it was packed", refused.Message);
        Assert.Equal(["F"], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_folder["F"])!).Select(Path.GetFileName));
    }

    private static void Change(string path, string change)
    {
        switch (change)
        {
            case "overwrite":
                using (FileStream file = File.OpenWrite(path))
                {
                    file.WriteByte(1);
                }

                break;
            case "cut":
                using (FileStream file = File.OpenWrite(path))
                {
                    file.SetLength(10);
                }

                break;
            case "append":
                File.AppendAllText(path, "more");
                break;
            case "replace":
                File.WriteAllBytes(path + ".new", new byte[100_000]);
                File.Move(path + ".new", path, overwrite: true);
                break;
            default:
                File.Delete(path);
                return;
        }

        // The clock of a file system may be coarser than this test is quick.
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(1));
    }

    private sealed class Progress(Action<string> act) : IProgress<ModelPackProgress>
    {
        public void Report(ModelPackProgress value) => act(value.CurrentFile);
    }
}
