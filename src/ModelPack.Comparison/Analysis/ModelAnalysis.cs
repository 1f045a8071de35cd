using System.Collections.Concurrent;
using ModelPack.Formats;
using ModelPack.Pipeline;
using ModelPack.Primitives;

namespace ModelPack.Comparison.Analysis;

/// <summary>Counts all tensors of the files of a model, several at a time, and the bytes around them.</summary>
internal sealed class ModelAnalysis
{
    private readonly AnalysedTensor?[][] _tensors;
    private readonly long[] _structure = new long[256];

    private ModelAnalysis(IReadOnlyList<SurveyedFile> files) => _tensors = [.. files.Select(static file => new AnalysedTensor?[file.Map.Tensors.Length])];

    /// <summary>Bytes that the order-0 entropy of all bytes outside tensors takes, in one table; 0 until they are counted.</summary>
    public double StructureBoundBytes { get; private set; }

    /// <summary>Whether everything was counted.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What was counted of a tensor; null when that was not reached.</summary>
    public AnalysedTensor? Of(int file, int tensor) => _tensors[file][tensor];

    /// <summary>Counts until all is counted or <paramref name="cancellationToken"/> says to stop: then what is there is kept.</summary>
    /// <param name="files">The files.</param>
    /// <param name="threads">How many tensors at a time.</param>
    /// <param name="progress">Told of bytes as they are counted, by several threads at once.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static ModelAnalysis Run(IReadOnlyList<SurveyedFile> files, int threads, Action<int> progress, CancellationToken cancellationToken)
    {
        var analysis = new ModelAnalysis(files);
        try
        {
            for (int file = 0; file < files.Count; file++)
            {
                using ByteSource source = files[file].Open();
                analysis.CountTensors(file, files[file].Map, source, threads, progress, cancellationToken);
                analysis.CountStructure(files[file].Map, source, progress, cancellationToken);
            }

            analysis.StructureBoundBytes = Entropy.TotalBits(analysis._structure) / 8;
            analysis.IsComplete = true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was counted stays, and IsComplete says that it is not all.
        }

        return analysis;
    }

    private void CountTensors(int file, SegmentMap map, ByteSource source, int threads, Action<int> progress, CancellationToken cancellationToken)
    {
        ILookup<int, Segment> segments = map.Segments.Where(static segment => !segment.IsStructure).ToLookup(static segment => segment.TensorIndex);
        var analysers = new ConcurrentBag<TensorAnalyser>();

        // The largest first, so that no thread is left with one at the end.
        int[] order = [.. Enumerable.Range(0, map.Tensors.Length).OrderByDescending(tensor => segments[tensor].Sum(static segment => segment.Length))];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        try
        {
            Parallel.ForEach(Partitioner.Create(order, EnumerablePartitionerOptions.NoBuffering), options, tensor =>
            {
                TensorAnalyser analyser = analysers.TryTake(out TensorAnalyser? free) ? free : new TensorAnalyser();
                _tensors[file][tensor] = analyser.Analyse(map.Tensors[tensor], [.. segments[tensor]], source, progress, cancellationToken);
                analysers.Add(analyser);
            });
        }
        catch (AggregateException exception) when (exception.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private void CountStructure(SegmentMap map, ByteSource source, Action<int> progress, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[1 << 16];
        foreach (Segment segment in map.Segments.Where(static segment => segment.IsStructure))
        {
            for (long done = 0; done < segment.Length; done += buffer.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, segment.Length - done));
                source.ReadExactly(segment.Offset + done, part);
                foreach (byte value in part)
                {
                    _structure[value]++;
                }

                progress(part.Length);
            }
        }
    }
}
