namespace ModelPack.OnnxRuntime;

/// <summary>What became of one ONNX file.</summary>
public enum OnnxVerdict
{
    /// <summary>All outputs of all runs were the same, bit for bit.</summary>
    Equal,

    /// <summary>The packed model does not load where the original does, or computes something else.</summary>
    Different,

    /// <summary>
    /// Nothing can be said: ONNX Runtime does not load the original, inputs for it could not be made, or its outputs
    /// change from run to run.
    /// </summary>
    NotComparable,
}

/// <summary>The result for one ONNX file of a container.</summary>
/// <param name="File">Path of the file in the container.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Reason">
/// The first difference (which output, which element, both values), or why nothing can be said; null when all is equal.
/// </param>
/// <param name="Inputs">The inputs that were made.</param>
/// <param name="Outputs">Names of the outputs that were compared.</param>
/// <param name="Runs">How often both models were run, each time with other values.</param>
public sealed record OnnxFileResult(string File, OnnxVerdict Verdict, string? Reason, IReadOnlyList<OnnxInput> Inputs, IReadOnlyList<string> Outputs, int Runs);

/// <summary>An input that was made for a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type as ONNX Runtime calls it.</param>
/// <param name="Shape">Its dimensions; those that the model leaves open were chosen.</param>
public sealed record OnnxInput(string Name, string Type, IReadOnlyList<long> Shape);
