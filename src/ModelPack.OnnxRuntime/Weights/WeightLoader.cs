using System.Runtime.ExceptionServices;
using ModelPack.Pipeline;

namespace ModelPack.OnnxRuntime.Weights;

/// <summary>Decodes weights straight to where a session finds them, on all processors.</summary>
internal static class WeightLoader
{
    // Pieces are cut without regard to blocks, so a block at a border is decoded twice: at most 3 % of this.
    private const int PieceLength = 8 << 20;

    // Varints are restored through a buffer of this size.
    private const int VarintPieceLength = 1 << 18;

    private delegate void Piece(WeightMemory memory);

    /// <summary>Memory with all weights.</summary>
    /// <exception cref="ModelPackException">The packed model is damaged.</exception>
    public static WeightMemory Load(IReadOnlyList<Weight> weights, long length, CancellationToken cancellationToken)
    {
        var memory = new WeightMemory(length);
        try
        {
            var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
            Parallel.ForEach(weights.SelectMany(Cut), options, piece => piece(memory));
            return memory;
        }
        catch (AggregateException exception)
        {
            memory.Dispose();
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
            throw;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private static IEnumerable<Piece> Cut(Weight weight)
    {
        if (weight.VarintElementSize > 0)
        {
            yield return memory => Expand(weight, memory);
            yield break;
        }

        long target = weight.Target;
        foreach (ByteRun run in weight.Runs)
        {
            for (long done = 0; done < run.Length; done += PieceLength)
            {
                long from = run.Offset + done;
                long to = target + done;
                int length = (int)Math.Min(PieceLength, run.Length - done);
                yield return memory => weight.Source.ReadExactly(from, memory.Slice(to, length));
            }

            target += run.Length;
        }
    }

    private static void Expand(Weight weight, WeightMemory memory)
    {
        using Stream target = memory.OpenWrite(weight.Target, weight.Length);
        var expander = new VarintExpander(target, weight.VarintElementSize);
        byte[] buffer = new byte[VarintPieceLength];
        try
        {
            foreach (ByteRun run in weight.Runs)
            {
                for (long done = 0; done < run.Length; done += buffer.Length)
                {
                    Span<byte> bytes = buffer.AsSpan(0, (int)Math.Min(buffer.Length, run.Length - done));
                    weight.Source.ReadExactly(run.Offset + done, bytes);
                    expander.Add(bytes);
                }
            }

            expander.Finish();
        }
        catch (NotSupportedException)
        {
            // The stream over the memory does not grow: there are more varints than the shape asks for.
            throw WrongCount(weight, expander.Count);
        }
        catch (ModelPackException exception)
        {
            throw exception.At(weight.Source.Name, weight.Runs[0].Offset);
        }

        if (expander.Count * weight.VarintElementSize != weight.Length)
        {
            throw WrongCount(weight, expander.Count);
        }
    }

    private static ModelPackException WrongCount(Weight weight, long count) => new(
        ModelPackError.Corrupt,
        $"a tensor has {count} varints, its shape asks for {weight.Length / weight.VarintElementSize}",
        weight.Source.Name,
        weight.Runs[0].Offset);
}
