using ModelPack.Formats;
using ModelPack.Formats.Onnx;
using ModelPack.Primitives;

namespace ModelPack.Tests.Formats.Onnx;

/// <summary>The models of ONNX's own backend tests, as Debian packages them (libonnx-testdata).</summary>
public sealed class OnnxTestDataTests
{
    [OnnxCorpusFact]
    public void Every_model_of_the_backend_tests_is_mapped()
    {
        string[] files = Directory.GetFiles(OnnxCorpusFactAttribute.Folder, "*.onnx", SearchOption.AllDirectories);
        var failures = new List<string>();
        int tensors = 0;
        foreach (string file in files)
        {
            try
            {
                using ByteSource source = ByteSource.OpenFile(file);
                Assert.True(OnnxReader.Instance.Recognises(source));
                SegmentMap map = OnnxReader.Instance.Read(source, CancellationToken.None);
                Mapped.AssertCovers(map, source.Length);
                Assert.Equal(TensorsWithData(File.ReadAllBytes(file)), map.Tensors.Length);
                tensors += map.Tensors.Length;
            }
            catch (Exception e) when (e is ModelPackException or Xunit.Sdk.XunitException)
            {
                failures.Add($"{file}: {e.Message}");
            }
        }

        Assert.Empty(failures);
        Assert.True(files.Length > 1000, $"only {files.Length} models in {OnnxCorpusFactAttribute.Folder}");
        Assert.True(tensors > 300, $"only {tensors} tensors in all models");
    }

    // Counted by generated classes: all tensors of the model but strings.
    private static int TensorsWithData(byte[] file)
    {
        Wire.ModelProto model = Wire.ModelProto.Parser.ParseFrom(file);
        return Count(model.Graph) + model.Functions.Sum(function => function.Node.Sum(Count));
    }

    private static int Count(Wire.GraphProto graph) =>
        graph.Initializer.Count(IsNumeric) + graph.SparseInitializer.Sum(Count) + graph.Node.Sum(Count);

    private static int Count(Wire.NodeProto node) => node.Attribute.Sum(attribute =>
        (attribute.T is { } tensor && IsNumeric(tensor) ? 1 : 0)
        + attribute.Tensors.Count(IsNumeric)
        + (attribute.G is { } graph ? Count(graph) : 0)
        + attribute.Graphs.Sum(Count)
        + (attribute.SparseTensor is { } sparse ? Count(sparse) : 0)
        + attribute.SparseTensors.Sum(Count));

    private static int Count(Wire.SparseTensorProto sparse) =>
        (sparse.Values is { } values && IsNumeric(values) ? 1 : 0) + (sparse.Indices is { } indices && IsNumeric(indices) ? 1 : 0);

    private static bool IsNumeric(Wire.TensorProto tensor) => tensor.DataType is not (0 or 8);
}
