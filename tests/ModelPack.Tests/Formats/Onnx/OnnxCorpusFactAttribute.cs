namespace ModelPack.Tests.Formats.Onnx;

/// <summary>A test over the models of ONNX's own backend tests; a reported skip where Debian's libonnx-testdata is absent.</summary>
internal sealed class OnnxCorpusFactAttribute : FactAttribute
{
    public const string Folder = "/usr/share/libonnx-testdata/data";

    public OnnxCorpusFactAttribute()
    {
        if (!Directory.Exists(Folder))
        {
            Skip = $"{Folder} is absent (Debian package libonnx-testdata)";
        }
    }
}
