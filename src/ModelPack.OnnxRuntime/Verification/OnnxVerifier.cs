using Microsoft.ML.OnnxRuntime;
using ModelPack.OnnxRuntime.Packed;
using ModelPack.OnnxRuntime.Verification;

namespace ModelPack.OnnxRuntime;

/// <summary>Shows that packed ONNX models compute what their originals do.</summary>
public static class OnnxVerifier
{
    /// <summary>
    /// Opens each ONNX file of a container with <see cref="PackedOnnxModel"/> and its original with ONNX Runtime alone, runs
    /// both on the same random inputs, and compares all outputs bit for bit.
    /// </summary>
    /// <param name="model">The container.</param>
    /// <param name="options">What to compare with, and how.</param>
    /// <param name="cancellationToken">Cancels, but no run or loading that is under way.</param>
    /// <returns>A result for each ONNX file.</returns>
    /// <exception cref="ModelPackException">
    /// The container is damaged or holds no ONNX file, or there is no ONNX Runtime library for this system.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<OnnxFileResult> Verify(PackedModel model, OnnxVerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new OnnxVerifyOptions();
        IReadOnlyList<PackedFile> files = [.. PackedOnnxFiles.All(model).Where(file => options.Files?.Contains(file.Path) != false)];
        if (files.Count == 0)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "there is no ONNX file", model.Path);
        }

        try
        {
            return [.. files.Select(file => Verify(model, file, options, cancellationToken))];
        }
        catch (Exception exception) when (exception is DllNotFoundException || exception.GetBaseException() is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new ModelPackException(
                ModelPackError.Unsupported, $"there is no ONNX Runtime library beside this program, or none for this system: {ModelRuns.OneLine(exception.GetBaseException().Message)}", innerException: exception);
        }
    }

    private static OnnxFileResult Verify(PackedModel model, PackedFile file, OnnxVerifyOptions options, CancellationToken cancellationToken)
    {
        using SessionOptions session = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        if (options.Threads > 0)
        {
            session.IntraOpNumThreads = options.Threads;
        }

        ReferenceSession Open() => options.Against is { } against
            ? ReferenceSession.Open(OriginalOf(file, against), session)
            : ReferenceSession.Restore(model, file, session, cancellationToken);

        ModelRuns runs;
        OnnxInput[] inputs;
        string[] outputs;
        try
        {
            using ReferenceSession reference = Open();
            (ModelRuns? found, string? refusal) = ModelRuns.Find(reference.Session, options.Seed, cancellationToken);
            if (found is null)
            {
                return new OnnxFileResult(file.Path, OnnxVerdict.NotComparable, refusal, [], [], 0);
            }

            runs = found;
            inputs = runs.Describe(reference.Session);
            outputs = [.. reference.Session.OutputNames];
        }
        catch (OnnxRuntimeException exception)
        {
            return new OnnxFileResult(file.Path, OnnxVerdict.NotComparable, $"ONNX Runtime does not take the original: {ModelRuns.OneLine(exception.Message)}", [], [], 0);
        }

        string? difference = Compare(model, file, session, runs, inputs, outputs, cancellationToken);
        OnnxVerdict verdict = difference is null ? OnnxVerdict.Equal : OnnxVerdict.Different;
        if (difference is not null)
        {
            using ReferenceSession again = Open();
            if (runs.FindDifference(again.Session) is not null)
            {
                (verdict, difference) = (OnnxVerdict.NotComparable, "the original puts out something else each time it is run");
            }
        }

        return new OnnxFileResult(file.Path, verdict, difference, inputs, outputs, runs.Count);
    }

    private static string? Compare(
        PackedModel model, PackedFile file, SessionOptions options, ModelRuns runs, OnnxInput[] inputs, string[] outputs, CancellationToken cancellationToken)
    {
        try
        {
            using PackedOnnxSession packed = PackedOnnxModel.CreateSession(model, options, file.Path, cancellationToken);
            return packed.InputNames.SequenceEqual(inputs.Select(static input => input.Name)) && packed.OutputNames.SequenceEqual(outputs)
                ? runs.FindDifference(packed)
                : "the packed model has other inputs and outputs than the original";
        }
        catch (OnnxRuntimeException exception)
        {
            return $"ONNX Runtime takes the original, but not the packed model: {ModelRuns.OneLine(exception.Message)}";
        }
    }

    private static string OriginalOf(PackedFile file, string against) =>
        Directory.Exists(against) ? Path.Combine([against, .. (file.Path.Length == 0 ? ["."] : file.Path.Split('/'))])
        : File.Exists(against) ? against
        : throw new FileNotFoundException($"{against}: no such file", against);
}
