using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelPack.TestModels;

/// <summary>A file with the size and digest it must have.</summary>
internal interface IPinnedFile
{
    /// <summary>Path with forward slashes, from the folder the files are kept in.</summary>
    string File { get; }

    /// <summary>Size.</summary>
    long Bytes { get; }

    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    string Sha256 { get; }
}

/// <summary>A published model, taken out of an npm package.</summary>
/// <param name="File">Name it is kept under.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Digest.</param>
/// <param name="Package">npm package.</param>
/// <param name="Version">Its version.</param>
/// <param name="Path">Place in the package, when it is one file there.</param>
/// <param name="Chunks">How it is put together, when it is not.</param>
/// <param name="License">As the package states it.</param>
/// <param name="Source">Where the model comes from.</param>
/// <param name="About">What it is good for.</param>
internal sealed record FetchedModel(
    string File, long Bytes, string Sha256, string Package, string Version, string? Path, ChunkList? Chunks, string License, string Source, string About) : IPinnedFile;

/// <summary>A file cut into chunks: <paramref name="Index"/> lists hash (also the chunk's name) and offsets of each.</summary>
/// <param name="Index">JSON file in the package; the chunks lie beside it.</param>
/// <param name="Key">The file's entry in the index.</param>
internal sealed record ChunkList(string Index, string Key);

/// <summary>A file that <c>convert</c> makes from a fetched one.</summary>
/// <param name="File">Name it is kept under.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Digest.</param>
/// <param name="From">The fetched file.</param>
/// <param name="Dtype">The <c>--dtype</c> of the conversion.</param>
/// <param name="About">What it is good for.</param>
internal sealed record DerivedModel(string File, long Bytes, string Sha256, string From, string Dtype, string About) : IPinnedFile;

/// <summary>A committed file that <c>generate</c> writes.</summary>
/// <param name="File">Path in testmodels.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Digest.</param>
/// <param name="About">What it is good for.</param>
internal sealed record GeneratedModel(string File, long Bytes, string Sha256, string About) : IPinnedFile;

/// <summary>A Debian package of many small models.</summary>
/// <param name="Name">Debian package.</param>
/// <param name="Version">The version that was looked at; others serve as well.</param>
/// <param name="Folder">Where the package puts the models.</param>
/// <param name="Pattern">Name of each model.</param>
/// <param name="Models">How many that version has.</param>
/// <param name="License">As the package states it.</param>
/// <param name="Source">Where the models come from.</param>
/// <param name="About">What they are good for.</param>
internal sealed record Corpus(string Name, string Version, string Folder, string Pattern, int Models, string License, string Source, string About);

/// <summary>testmodels/manifest.json: every test model and what it must be.</summary>
internal sealed record Manifest(
    IReadOnlyList<FetchedModel> Fetched, IReadOnlyList<DerivedModel> Derived, IReadOnlyList<GeneratedModel> Generated, IReadOnlyList<Corpus> Corpora)
{
    /// <summary>Name of the file in its folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="InvalidDataException">Not a manifest.</exception>
    public static Manifest Load(string path)
    {
        using FileStream file = System.IO.File.OpenRead(path);
        try
        {
            return JsonSerializer.Deserialize(file, ManifestJson.Default.Manifest) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not a manifest: {e.Message}", e);
        }
    }

    /// <summary>Writes the manifest, the same way on every machine.</summary>
    public void Save(string path)
    {
        var json = new ManifestJson(new JsonSerializerOptions(ManifestJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        string text = JsonSerializer.Serialize(this, json.Manifest);
        AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text + "\n")));
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
