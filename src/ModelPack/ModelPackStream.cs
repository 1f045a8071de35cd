using ModelPack.Container;
using ModelPack.Reading;

namespace ModelPack;

/// <summary>
/// The original bytes of a packed file, or of one tensor of it, as a stream that reads and seeks: whatever reads the original can
/// read this.
/// </summary>
/// <remarks>
/// A read decodes the blocks that it needs and no other. The block where it ends is held until a read needs another one, so that
/// reading on does not decode it again, however small the steps; blocks that were left are kept by the model
/// (<see cref="OpenOptions.CacheLength"/>). Reads of a mebibyte or more decode by several threads straight into the buffer. One stream
/// is for one thread at a time; several streams may be read at once, also of one model.
/// </remarks>
public sealed class ModelPackStream : Stream
{
    private readonly PackedModel _model;
    private readonly bool _ownsModel;
    private readonly RangeReader _reader;
    private readonly IndexedFile _file;
    private readonly ReadOnlyMemory<TensorRange> _ranges;
    private readonly BlockCursor _cursor;
    private long _position;
    private bool _disposed;

    /// <param name="model">Must outlive the stream.</param>
    /// <param name="ownsModel">Whether to dispose it with the stream.</param>
    /// <param name="blocks">Its blocks.</param>
    /// <param name="reader">Reads many of them.</param>
    /// <param name="file">A file of the model.</param>
    /// <param name="ranges">What the stream has of it.</param>
    internal ModelPackStream(PackedModel model, bool ownsModel, BlockStore blocks, RangeReader reader, IndexedFile file, ReadOnlyMemory<TensorRange> ranges)
    {
        _model = model;
        _ownsModel = ownsModel;
        _reader = reader;
        _file = file;
        _ranges = ranges;
        _cursor = new BlockCursor(blocks, file);
        Length = ranges.IsEmpty ? 0 : ranges.Span[^1].TensorOffset + ranges.Span[^1].Length;
    }

    /// <inheritdoc/>
    public override bool CanRead => !_disposed;

    /// <inheritdoc/>
    public override bool CanSeek => !_disposed;

    /// <summary>Always false.</summary>
    public override bool CanWrite => false;

    /// <summary>Original bytes.</summary>
    public override long Length
    {
        get
        {
            ThrowIfDisposed();
            return field;
        }
    }

    /// <inheritdoc/>
    public override long Position
    {
        get
        {
            ThrowIfDisposed();
            return _position;
        }

        set
        {
            ThrowIfDisposed();
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <summary>Opens a packed file as the stream of its original bytes.</summary>
    /// <param name="path">Path of the container.</param>
    /// <param name="file">Path of the file in the container; may be null when the container has only one.</param>
    /// <param name="options">How to read it, and where its base is.</param>
    /// <exception cref="ModelPackException">The container is not sound, or has no such file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ModelPackStream Open(string path, string? file = null, OpenOptions? options = null)
    {
        var model = PackedModel.Open(path, options);
        try
        {
            return model.OpenFileStream(file is null ? model.SingleFile() : model.FindFile(file), ownsModel: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reads as many bytes as the buffer takes or the stream still has.</summary>
    /// <exception cref="ModelPackException">A block is damaged, or a difference to a base that was not named. The position stays as it was.</exception>
    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        ThrowIfDisposed();
        int length = (int)Math.Clamp(Length - _position, 0, buffer.Length);
        buffer = buffer[..length];
        long position = _position;
        while (!buffer.IsEmpty)
        {
            int part = ReadPart(position, buffer);
            position += part;
            buffer = buffer[part..];
        }

        _position += length;
        return length;
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        byte value = 0;
        return Read(new Span<byte>(ref value)) == 0 ? -1 : value;
    }

    /// <summary>Reads as <see cref="Read(Span{byte})"/> does: at once what is decoded already, and on a thread of the pool what is not.</summary>
    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        ThrowIfDisposed();
        return IsDecoded(buffer.Length)
            ? ValueTask.FromResult(Read(buffer.Span))
            : new ValueTask<int>(Task.Run(() => Read(buffer.Span), cancellationToken));
    }

    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)"/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override void CopyTo(Stream destination, int bufferSize)
    {
        ValidateCopyToArguments(destination, bufferSize);
        ThrowIfDisposed();
        for (long length = Length; _position < length;)
        {
            (long offset, long end) = Locate(_position);
            ReadOnlySpan<byte> part = _cursor.Read(offset, end);
            destination.Write(part);
            _position += part.Length;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The place is before the start.</exception>
    public override long Seek(long offset, SeekOrigin origin)
    {
        ThrowIfDisposed();
        long start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            SeekOrigin.End => Length,
            _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "neither begin, current nor end"),
        };
        if (offset > long.MaxValue - start)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"counts from {start} and passes the largest position there is");
        }

        if (start + offset < 0)
        {
            throw new IOException($"cannot seek to {start + offset}, before the start of the stream");
        }

        return _position = start + offset;
    }

    /// <summary>Does nothing: there is nothing to write.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask;

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw new NotSupportedException("a packed model cannot be written to");

    /// <inheritdoc cref="SetLength"/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("a packed model cannot be written to");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _cursor.Dispose();
            if (_ownsModel)
            {
                _model.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Reads one part of what is wanted: what a block has of it, or all blocks that are wanted as a whole.</summary>
    private int ReadPart(long position, Span<byte> buffer)
    {
        (long offset, long end) = Locate(position);
        end = Math.Min(end, offset + buffer.Length);
        if (!_cursor.Holds(offset))
        {
            int first = _file.FindBlock(offset);
            int behind = end == _file.Length ? _file.BlockCount : _file.FindBlock(end);
            if (_file.BlockStart(first) == offset && behind > first)
            {
                int length = (int)(_file.BlockStart(behind) - offset);
                _reader.Read(_file, offset, buffer[..length], CancellationToken.None);
                return length;
            }
        }

        ReadOnlySpan<byte> part = _cursor.Read(offset, end);
        part.CopyTo(buffer);
        return part.Length;
    }

    /// <summary>Where a byte of the stream stands in the file, and where the range ends that it is of.</summary>
    private (long Offset, long End) Locate(long position)
    {
        TensorRange range = _ranges.Span[TensorRange.Find(_ranges.Span, position)];
        return (range.Offset + (position - range.TensorOffset), range.End);
    }

    /// <summary>True when the next bytes are of the block that is held, or there are none.</summary>
    private bool IsDecoded(int length)
    {
        length = (int)Math.Clamp(Length - _position, 0, length);
        if (length == 0)
        {
            return true;
        }

        (long offset, long end) = Locate(_position);
        return offset + length <= end && _cursor.Holds(offset) && _cursor.Holds(offset + length - 1);
    }

    private void ThrowIfDisposed()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _model.ThrowIfDisposed();
    }
}
