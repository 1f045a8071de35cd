using System.Globalization;
using System.Text.RegularExpressions;
using ModelPack.Formats;
using ModelPack.Pipeline;

namespace ModelPack.Comparison.Estimating;

/// <summary>Says in a sentence what an estimate means to somebody who wonders whether to pack.</summary>
internal static partial class Verdict
{
    /// <summary>Above, a model is said to gain little.</summary>
    private const double Little = 0.95;

    // Less of a model does not explain what becomes of it.
    private const double Most = 0.5;

    private const int MostNameLength = 200;

    public static string Of(double ratio, double error, IReadOnlyList<SurveyedFile> files)
    {
        double narrow = NarrowPart(files);
        string cause = narrow >= Most
            ? string.Create(CultureInfo.InvariantCulture, $": {narrow * 100:0} % of it are weights of 4 bits or fewer, which are close to random")
            : "";
        double saved = (1 - ratio) * 100;
        string range = error > 0 ? string.Create(CultureInfo.InvariantCulture, $" (± {error * ratio * 100:0.0} points)") : "";
        return ratio switch
        {
            > 1 => $"packing gains nothing{cause}",
            > Little => string.Create(CultureInfo.InvariantCulture, $"packing gains little, about {saved:0.0} %{range}{cause}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"packing saves about {saved:0.0} %{range}"),
        };
    }

    /// <summary>The part of all bytes that is in elements of 4 bits or fewer, by dtype or, where a wider one carries them, by name.</summary>
    private static double NarrowPart(IReadOnlyList<SurveyedFile> files)
    {
        double narrow = 0;
        double total = 0;
        foreach (SurveyedFile file in files)
        {
            total += file.Map.FileLength;
            foreach (Segment segment in file.Map.Segments.Where(static segment => !segment.IsStructure))
            {
                narrow += IsNarrow(file.Map.Tensors[segment.TensorIndex]) ? segment.Length : 0;
            }
        }

        return total > 0 ? narrow / total : 0;
    }

    private static bool IsNarrow(TensorInfo tensor) =>
        tensor.Dtype.BitWidth() <= 4
        || (tensor.Dtype is Dtype.I32 or Dtype.U32 or Dtype.U8 or Dtype.I8
            && PackedWeight().IsMatch(tensor.Name.AsSpan(Math.Max(0, tensor.Name.Length - MostNameLength))));

    // GPTQ and AWQ, compressed-tensors, bitsandbytes, MXFP4 and ONNX's MatMulNBits.
    [GeneratedRegex(@"(qweight|weight_packed|packed_weight|weight\.absmax|_blocks|_Q4|_4bit|quantized_4)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PackedWeight();
}
