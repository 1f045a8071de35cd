using ModelPack.Primitives;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Primitives;

public sealed class RegularFileTests
{
    [UnixFact]
    public void Only_regular_files_are_opened()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", [1, 2]);
        File.CreateSymbolicLink(folder["link"], "file");
        File.CreateSymbolicLink(folder["dangling"], "nothing");
        Tree.Run("mkfifo", folder["pipe"]);
        RegularFile.Open(file, followLink: false).Dispose();
        RegularFile.Open(folder["link"]).Dispose();
        Assert.Throws<ModelPackException>(() => RegularFile.Open(folder["link"], followLink: false));
        foreach (string path in new[] { folder.Path, folder["pipe"], "/dev/null" })
        {
            Assert.Equal(path, Assert.Throws<ModelPackException>(() => RegularFile.Open(path)).FileName);
        }

        Assert.Throws<FileNotFoundException>(() => RegularFile.Open(folder["none"]));
        Assert.Throws<FileNotFoundException>(() => RegularFile.Open(folder["dangling"]));
        Assert.Throws<FileNotFoundException>(() => RegularFile.Open(folder["file/x"]));
    }

    [UnixFact]
    public void Status_tells_types_links_and_times()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", [1, 2]);
        Tree.Run("touch", "-d", "@-3.25", file);
        File.CreateSymbolicLink(folder["link"], "file");
        File.CreateSymbolicLink(folder["loop"], "loop");
        Assert.Equal((FileType.Regular, 2L, false, -3_250_000_000L), Facts(FileStatus.Of(file, followLink: false)));
        Tree.MakeExecutable(file);
        Assert.True(FileStatus.Of(folder["link"], followLink: true).IsExecutable);
        Assert.Equal(FileStatus.Of(file, followLink: false), FileStatus.Of(folder["link"], followLink: true));
        Assert.Equal(FileType.Link, FileStatus.Of(folder["link"], followLink: false).Type);
        Assert.Equal(FileType.Folder, FileStatus.Of(folder.Path, followLink: false).Type);
        Assert.Equal(FileType.Other, FileStatus.Of("/dev/null", followLink: false).Type);
        Assert.Equal(FileType.Missing, FileStatus.Of(folder["none"], followLink: false).Type);
        Assert.Equal(FileType.Missing, FileStatus.Of(folder["loop"], followLink: true).Type);

        static (FileType, long, bool, long?) Facts(FileStatus status) => (status.Type, status.Length, status.IsExecutable, status.Modified);
    }

    [UnixFact]
    public void Real_paths_follow_links_as_the_system_does()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a/b/c"]);
        File.CreateSymbolicLink(folder["to-c"], "a/b/c");
        File.CreateSymbolicLink(folder["a/up"], "../to-c/../x");
        File.CreateSymbolicLink(folder["loop"], "loop");
        string root = Tree.Run("realpath", folder.Path);
        foreach (string path in new[] { "to-c", "a/up", "to-c/not/there", "a/b" })
        {
            Assert.Equal(Tree.Run("realpath", "-m", folder[path]), RealPath.Of(folder[path]));
        }

        Assert.Equal(root + "/a/b/x", RealPath.Of(folder["a/up"]));
        Assert.Throws<IOException>(() => RealPath.Of(folder["loop"]));
    }
}
