using System.Globalization;
using ModelPack.TestModels.Onnx;
using static ModelPack.TestModels.Onnx.TensorProto.Types;

namespace ModelPack.TestModels.Generation;

/// <summary>Tensors whose elements lie in another file (onnx/docs/ExternalData.md).</summary>
internal static class ExternalData
{
    /// <summary>Says where the elements of a tensor lie; those in the tensor itself are dropped.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="location">The file, relative to the model's folder with forward slashes.</param>
    /// <param name="offset">First byte there; null leaves it out, which means 0.</param>
    /// <param name="length">Bytes there; null leaves it out, which means all that dtype and shape ask for.</param>
    public static void Refer(TensorProto tensor, string location, long? offset, long? length)
    {
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.DoubleData.Clear();
        tensor.Uint64Data.Clear();
        tensor.ExternalData.Clear();
        Add(tensor, "location", location);
        AddNumber(tensor, "offset", offset);
        AddNumber(tensor, "length", length);
        tensor.DataLocation = DataLocation.External;
    }

    private static void AddNumber(TensorProto tensor, string key, long? value)
    {
        if (value is { } number)
        {
            Add(tensor, key, number.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Add(TensorProto tensor, string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
}
