using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace ModelPack.TestModels.Fetching;

/// <summary>Brings an npm package here with the machine's own npm, so that it comes from wherever that is set up to look.</summary>
internal static class NpmPackage
{
    /// <summary>The client to run.</summary>
    public static readonly string Npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    // Everything in an npm tarball lies in this folder.
    private const string Root = "package";

    /// <summary>Downloads and unpacks a package.</summary>
    /// <param name="npm">The npm client.</param>
    /// <param name="package">Name and version, <c>name@1.2.3</c>.</param>
    /// <param name="folder">An existing empty folder to work in.</param>
    /// <param name="cancellationToken">Ends npm.</param>
    /// <returns>The folder of the package's files.</returns>
    /// <exception cref="IOException">npm is missing or failed.</exception>
    public static async Task<string> FetchAsync(string npm, string package, string folder, CancellationToken cancellationToken)
    {
        await PackAsync(npm, package, folder, cancellationToken);
        string[] tarballs = Directory.GetFiles(folder, "*.tgz");
        if (tarballs is not [string tarball])
        {
            throw new IOException($"npm pack {package} left {tarballs.Length} tarballs, expected 1");
        }

        await using FileStream file = File.OpenRead(tarball);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(unzipped, folder, overwriteFiles: false, cancellationToken);
        return Path.Combine(folder, Root);
    }

    /// <summary>Puts a model together from the files of its unpacked package.</summary>
    /// <exception cref="InvalidDataException">The chunk index is not as expected.</exception>
    public static void Assemble(FetchedModel model, string packageFolder, string target)
    {
        if (model.Path is not null)
        {
            File.Copy(Inside(packageFolder, model.Path), target);
            return;
        }

        ChunkList chunks = model.Chunks ?? throw new InvalidDataException($"{model.File}: the manifest gives neither path nor chunks");
        string index = Inside(packageFolder, chunks.Index);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(index));
        using FileStream output = File.Create(target);
        foreach (JsonElement chunk in json.RootElement.GetProperty(chunks.Key).GetProperty("chunks").EnumerateArray())
        {
            JsonElement offsets = chunk.GetProperty("offsets");
            (long start, long end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
            using FileStream input = File.OpenRead(Inside(Path.GetDirectoryName(index)!, chunk.GetProperty("hash").GetString()!));
            if (start != output.Position || end - start != input.Length)
            {
                throw new InvalidDataException(
                    $"{model.File}: a chunk of {input.Length} bytes is listed for offsets {start} to {end}, but {output.Position} bytes are before it");
            }

            input.CopyTo(output);
        }
    }

    private static string Inside(string folder, string path)
    {
        string root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        string full = Path.GetFullPath(Path.Combine(root, path));
        return full.StartsWith(root, StringComparison.Ordinal) ? full : throw new InvalidDataException($"'{path}' leads out of the package");
    }

    private static async Task PackAsync(string npm, string package, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(npm, ["pack", package, "--pack-destination", folder, "--prefer-offline", "--loglevel=error"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"cannot run {npm}, which is needed to fetch {package}: {e.Message}", e);
        }

        using (process)
        {
            try
            {
                Task<string> names = process.StandardOutput.ReadToEndAsync(cancellationToken);
                string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
                await names;
                await process.WaitForExitAsync(cancellationToken);
                if (process.ExitCode != 0)
                {
                    throw new IOException($"npm pack {package} failed with exit code {process.ExitCode}: {FirstLines(errors)}");
                }
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }

    // npm says what happened in its first lines and gives advice after them.
    private static string FirstLines(string errors) =>
        string.Join("; ", errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(3));
}
