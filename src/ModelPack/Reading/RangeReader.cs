using System.Runtime.ExceptionServices;
using ModelPack.Container;

namespace ModelPack.Reading;

/// <summary>
/// Restores ranges of packed files. Blocks that lie in a range as a whole are restored in place; those at its edges are kept
/// for the ranges beside it. Safe to use from several threads at once.
/// </summary>
/// <param name="blocks">The blocks.</param>
/// <param name="threads">Threads that restore a large range, the caller's included.</param>
internal sealed class RangeReader(BlockStore blocks, int threads)
{
    /// <summary>A range that takes less time than it takes to wake a thread or two is left to the calling one.</summary>
    public const int LeastParallel = 1 << 20;

    /// <summary>Restores the bytes from an offset.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where they start; at least as many bytes are behind it as the destination takes.</param>
    /// <param name="destination">Receives them; not sound after an exception.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ModelPackException">A block is damaged, or a difference to a base that was not named.</exception>
    public void Read(IndexedFile file, long offset, Span<byte> destination, CancellationToken cancellationToken)
    {
        if (destination.IsEmpty)
        {
            return;
        }

        int first = file.FindBlock(offset);
        int end = file.FindBlock(offset + destination.Length - 1) + 1;
        if (threads > 1 && end - first > 1 && destination.Length >= LeastParallel)
        {
            ReadParallel(file, offset, destination, first, end, cancellationToken);
            return;
        }

        for (int block = first; block < end; block++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadBlock(file, block, offset, destination);
        }
    }

    /// <summary>Restores the bytes of a tensor from an offset in it.</summary>
    /// <param name="file">The file of the tensor.</param>
    /// <param name="ranges">Where the tensor lies in it.</param>
    /// <param name="offset">Where the bytes start in the tensor; at least as many are behind it as the destination takes.</param>
    /// <param name="destination">Receives them; not sound after an exception.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ModelPackException">A block is damaged, or a difference to a base that was not named.</exception>
    public void Read(IndexedFile file, ReadOnlySpan<TensorRange> ranges, long offset, Span<byte> destination, CancellationToken cancellationToken)
    {
        for (int range = TensorRange.Find(ranges, offset); !destination.IsEmpty; range++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long within = offset - ranges[range].TensorOffset;
            int length = (int)Math.Min(destination.Length, ranges[range].Length - within);
            Read(file, ranges[range].Offset + within, destination[..length], cancellationToken);
            offset += length;
            destination = destination[length..];
        }
    }

    private unsafe void ReadParallel(IndexedFile file, long offset, Span<byte> destination, int first, int end, CancellationToken cancellationToken)
    {
        fixed (byte* start = destination)
        {
            // The loop ends before the memory may move again: Parallel.For returns, or throws, once no call is left running.
            nint address = (nint)start;
            int length = destination.Length;
            var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
            try
            {
                Parallel.For(first, end, options, block => ReadBlock(file, block, offset, new Span<byte>((void*)address, length)));
            }
            catch (AggregateException exception)
            {
                ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
            }
        }
    }

    /// <summary>Restores what the destination has of a block.</summary>
    private void ReadBlock(IndexedFile file, int block, long offset, Span<byte> destination)
    {
        long start = file.BlockStart(block);
        long end = file.BlockStart(block + 1);
        int from = (int)Math.Max(start - offset, 0);
        int until = (int)Math.Min(end - offset, destination.Length);
        Span<byte> part = destination[from..until];
        if (part.Length == end - start)
        {
            blocks.Load(file, block, part);
            return;
        }

        KeptBlock kept = blocks.Take(file, block);
        kept.Bytes.Slice((int)(offset + from - start), part.Length).CopyTo(part);
        blocks.Return(kept);
    }
}
