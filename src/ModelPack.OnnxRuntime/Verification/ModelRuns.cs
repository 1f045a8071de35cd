using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace ModelPack.OnnxRuntime.Verification;

/// <summary>Runs of one model with inputs that are made anew, the same for the same seed.</summary>
internal sealed class ModelRuns
{
    // Of a fast model more runs are made, so that conditions come out both ways.
    private const int MostRuns = 3;
    private static readonly TimeSpan EnoughTime = TimeSpan.FromSeconds(2);

    // What is tried to find inputs that a model takes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const long MostElements = 1 << 26;

    private readonly InputShapes _shapes;
    private readonly InputRange _range;
    private readonly int _seed;
    private readonly List<ValueCopy[]> _outputs = [];

    private ModelRuns(InputShapes shapes, InputRange range, int seed)
    {
        _shapes = shapes;
        _range = range;
        _seed = seed;
    }

    public int Count => _outputs.Count;

    /// <summary>Finds inputs that a model takes, and runs it.</summary>
    /// <returns>Its runs, or why there are none.</returns>
    public static (ModelRuns? Runs, string? Refusal) Find(InferenceSession session, int seed, CancellationToken cancellationToken)
    {
        foreach ((string name, NodeMetadata input) in session.InputMetadata)
        {
            if (input.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR)
            {
                return (null, $"input '{name}' is no tensor but {KindOf(input)}, which this program does not make");
            }
        }

        foreach ((string name, NodeMetadata output) in session.OutputMetadata)
        {
            // ONNX Runtime ends the process when it is asked what an optional value without content is.
            if (output.OnnxValueType is not (OnnxValueType.ONNX_TYPE_TENSOR or OnnxValueType.ONNX_TYPE_SEQUENCE or OnnxValueType.ONNX_TYPE_MAP))
            {
                return (null, $"output '{name}' is {KindOf(output)}, which this program does not compare");
            }
        }

        if (session.OutputNames.Count == 0)
        {
            return (null, "the model has no outputs");
        }

        var watch = Stopwatch.StartNew();
        string? cause = null;
        foreach (InputRange range in session.InputMetadata.Count == 0 ? [InputRange.Mixed] : Enum.GetValues<InputRange>())
        {
            foreach (InputShapes shapes in InputShapes.For([.. session.InputMetadata.Values]))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (session.InputMetadata.Values.Any(input => ElementCount(shapes.Of(input)) > MostElements) || watch.Elapsed > Patience)
                {
                    continue;
                }

                var runs = new ModelRuns(shapes, range, seed);
                try
                {
                    runs.Start(session);
                    return (runs, null);
                }
                catch (OnnxRuntimeException exception)
                {
                    cause ??= exception.Message;
                }
            }
        }

        return (null, $"no inputs were found that the model takes; of the first, ONNX Runtime says: {OneLine(cause ?? "nothing, as all are too large")}");
    }

    /// <summary>Runs another session of the same model in the same way.</summary>
    /// <returns>The first difference in the outputs; null when there is none.</returns>
    public string? FindDifference(InferenceSession other)
    {
        for (int run = 0; run < _outputs.Count; run++)
        {
            ValueCopy[] outputs = Run(other, run);
            for (int i = 0; i < outputs.Length; i++)
            {
                if (_outputs[run][i].FindDifference(outputs[i]) is { } difference)
                {
                    return $"output '{other.OutputNames[i]}' {difference}";
                }
            }
        }

        return null;
    }

    /// <summary>The inputs of the first run.</summary>
    public OnnxInput[] Describe(InferenceSession session) =>
        [.. session.InputNames.Select(name => new OnnxInput(name, session.InputMetadata[name].ElementDataType.ToString(), _shapes.Of(session.InputMetadata[name])))];

    /// <summary>The message of ONNX Runtime as one line.</summary>
    public static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private void Start(InferenceSession session)
    {
        var watch = Stopwatch.StartNew();
        do
        {
            _outputs.Add(Run(session, _outputs.Count));
        }
        while (_outputs.Count < MostRuns && session.InputNames.Count > 0 && watch.Elapsed < EnoughTime);
    }

    private ValueCopy[] Run(InferenceSession session, int run)
    {
        var random = new Random(unchecked((_seed * 1000) + run));
        var inputs = new List<OrtValue>();
        try
        {
            foreach (string name in session.InputNames)
            {
                NodeMetadata input = session.InputMetadata[name];
                inputs.Add(InputValues.Make(input.ElementDataType, _shapes.Of(input), _range, random));
            }

            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, session.InputNames, inputs, session.OutputNames);
            return [.. outputs.Select(static output => new ValueCopy(output))];
        }
        finally
        {
            inputs.ForEach(static input => input.Dispose());
        }
    }

    private static double ElementCount(long[] shape) => shape.Aggregate(1.0, static (product, dim) => product * dim);

    private static string KindOf(NodeMetadata input) => input.OnnxValueType switch
    {
        OnnxValueType.ONNX_TYPE_SEQUENCE => "a sequence",
        OnnxValueType.ONNX_TYPE_MAP => "a map",
        OnnxValueType.ONNX_TYPE_SPARSETENSOR => "a sparse tensor",
        OnnxValueType.ONNX_TYPE_OPTIONAL => "an optional value",
        _ => input.OnnxValueType.ToString(),
    };
}
