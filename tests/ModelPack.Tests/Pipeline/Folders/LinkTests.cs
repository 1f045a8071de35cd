using ModelPack.Container;
using ModelPack.Container.Wire;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Folders;

/// <summary>Which links are packed as links, which as what they lead to, and which not at all.</summary>
public sealed class LinkTests
{
    [UnixFact]
    public void Links_that_stay_inside_are_kept_whether_there_is_something_or_not()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/a/b/file", [1]);
        (string Path, string Target)[] links =
        [
            ("to-file", "a/b/file"), ("a/to-folder", "b"), ("a/up", ".."), ("dangling", "not/there"), ("on", "to-file"),
            ("through", "a/up/a/to-folder/file"), ("odd", ".//a/./b/../"), ("a/b/self", "."),
        ];
        Array.ForEach(links, link => File.CreateSymbolicLink(folder["model/" + link.Path], link.Target));
        ModelPacker.Pack(folder["model"], folder["m.mpk"]);
        ModelPacker.Unpack(folder["m.mpk"], folder["back"]);
        Assert.All(links, link => Assert.Equal(link.Target, new FileInfo(folder["back/" + link.Path]).LinkTarget));
        Assert.Empty(ModelPacker.Verify(folder["m.mpk"], new VerifyOptions { Against = folder["model"] }).Differences);

        // The file once: no link was walked through.
        using PackedModel model = PackedModel.Open(folder["m.mpk"]);
        Assert.Equal("a/b/file", Assert.Single(model.Files).Path);

        File.Delete(folder["back/dangling"]);
        File.Delete(folder["back/to-file"]);
        File.CreateSymbolicLink(folder["back/to-file"], "a");
        File.CreateSymbolicLink(folder["back/more"], "a");
        Assert.Equal(
            ["dangling", "to-file", "more"],
            ModelPacker.Verify(folder["m.mpk"], new VerifyOptions { Against = folder["back"] }).Differences.Select(static difference => difference.File));
    }

    [UnixFact]
    public void Links_out_of_the_folder_and_loops_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        folder.Write("secret", [1]);
        foreach ((string target, string reason) in new[]
        {
            ("../secret", "outside"), ("/etc/passwd", "absolute"), (folder["model/x"], "absolute"), ("../model/x", "outside"), ("..", "outside"),
            ("in/../..", "outside"), ("link", "itself"), ("other", "itself"),
        })
        {
            folder.Write("model/x", [2]);
            Directory.CreateSymbolicLink(folder["model/in"], ".");
            File.CreateSymbolicLink(folder["model/other"], "link");
            File.CreateSymbolicLink(folder["model/link"], target);
            ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["model"], folder["m.mpk"]));
            Assert.Contains(exception.FileName, new[] { folder["model/link"], folder["model/other"] });
            Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);

            // What the patterns leave out is not looked at.
            ModelPacker.Pack(folder["model"], folder["m.mpk"], new PackOptions { Filter = new PathFilter { Exclude = ["link", "other"] }, Overwrite = true });
            Directory.Delete(folder["model"], recursive: true);
            File.Delete(folder["m.mpk"]);
        }
    }

    [UnixFact]
    public void Sockets_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/x", [2]);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(folder["model/socket"]));
        Assert.Equal(folder["model/socket"], Assert.Throws<ModelPackException>(() => ModelPacker.Pack(folder["model"], folder["m.mpk"])).FileName);
    }

    [UnixFact]
    public void A_file_that_gives_place_to_a_link_or_a_pipe_is_not_read()
    {
        using var folder = new TemporaryFolder();
        string secret = folder.Write("secret", [1]);
        foreach (Action<string> replace in new Action<string>[]
        {
            path => File.CreateSymbolicLink(path, secret),
            path => Tree.Run("mkfifo", path),
        })
        {
            string victim = folder.Write("model/b", [2]);
            string first = folder.Write("model/a", SeededPlanes.Make("uniform", 3_000_000));
            bool replaced = false;
            var progress = new ImmediateProgress(_ =>
            {
                if (!replaced)
                {
                    File.Delete(victim);
                    replace(victim);
                    replaced = true;
                }
            });

            // By the time blocks of the first file are written, the second was surveyed but is not open.
            Exception exception = Assert.ThrowsAny<Exception>(() => ModelPacker.Pack(folder["model"], folder["m.mpk"], new PackOptions { Threads = 1 }, progress));
            Assert.True(exception is ModelPackException or IOException, exception.ToString());
            Assert.Contains(victim, exception.Message, StringComparison.Ordinal);
            Assert.True(replaced);
            Assert.False(File.Exists(folder["m.mpk"]));
            File.Delete(victim);
            Assert.NotNull(first);
        }
    }

    [Fact]
    public void A_forged_container_writes_nothing_outside_and_nothing_through_a_link()
    {
        static FileStart Link(string path, string target) => new() { Path = path, Kind = (uint)EntryKind.Link, LinkTarget = target };
        static FileStart Folder(string path) => new() { Path = path, Kind = (uint)EntryKind.Folder };
        static FileStart EmptyFile(string path) => new() { Path = path };
        FileStart[][] forged =
        [
            [Link("out", "../outside")],
            [Link("out", "/etc")],
            [Link("a/up", "..") , Link("b", "a/up/../outside")],
            [Link("b", "a/up/../outside"), Link("a/up", "..")],
            [Link("l", "d"), EmptyFile("l/x"), Folder("d")],
            [EmptyFile("l/x"), Link("l", "d")],
            [EmptyFile("l"), Link("l", "d")],
            [Link("l", "m"), Link("m", "l")],
            [Folder("../d")],
            [Folder("/d")],
            [EmptyFile("a"), Folder("a")],
            [EmptyFile("a"), EmptyFile("a/b")],
        ];
        foreach (FileStart[] entries in forged)
        {
            using var folder = new TemporaryFolder();
            using (var stream = new FileStream(folder["f.mpk"], FileMode.CreateNew))
            {
                var writer = new ContainerWriter(stream, ContainerContent.Folder, ContainerFeatures.Tree);
                foreach (FileStart entry in entries)
                {
                    writer.BeginFile(entry, [], []);
                    writer.EndFile([]);
                }

                writer.Finish();
            }

            ModelPackException exception = Assert.Throws<ModelPackException>(() => ModelPacker.Unpack(folder["f.mpk"], folder["back"]));
            Assert.True(exception.Error is ModelPackError.Corrupt or ModelPackError.Unsupported, exception.Message);
            Assert.Throws<ModelPackException>(() => ModelPacker.Verify(folder["f.mpk"]));
            Assert.Throws<ModelPackException>(() => PackedModel.Open(folder["f.mpk"]));
            Assert.Equal(["f.mpk"], folder.Names());
        }
    }

    private sealed class ImmediateProgress(Action<ModelPackProgress> report) : IProgress<ModelPackProgress>
    {
        public void Report(ModelPackProgress value) => report(value);
    }
}
