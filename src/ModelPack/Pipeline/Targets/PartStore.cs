using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ModelPack.Container.Parts;
using ModelPack.Primitives;

namespace ModelPack.Pipeline.Targets;

/// <summary>Bytes of known position that go to one file, or to files of one length each, under temporary names.</summary>
/// <param name="pathOf">Temporary path of a part; the first has number 1.</param>
/// <param name="partLength">Bytes of each part but the last; <see cref="long.MaxValue"/> for one file.</param>
/// <param name="identifies">Whether parts get an identity.</param>
/// <param name="flushToDisk">Whether each is flushed to the device.</param>
internal sealed class PartStore(Func<int, string> pathOf, long partLength, bool identifies, bool flushToDisk) : IDisposable
{
    private readonly IncrementalHash? _sha256 = identifies ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    private readonly List<PartIdentity> _identities = [];
    private SafeFileHandle? _current;
    private int _currentNumber;
    private byte[] _found = [];

    /// <summary>Bytes written, or found and passed.</summary>
    public long Position { get; private set; }

    /// <summary>Number of parts begun.</summary>
    public int Count => _currentNumber;

    /// <summary>The parts that are complete, in order.</summary>
    public IReadOnlyList<PartIdentity> Identities => _identities;

    private bool IsSplit => partLength < long.MaxValue;

    /// <summary>Where the current part starts.</summary>
    private long Start => IsSplit ? Math.Max(0, _currentNumber - 1) * partLength : 0;

    public string PathOf(int number) => pathOf(number);

    /// <summary>Writes bytes at the position.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> piece = bytes[..RoomFor(bytes.Length, out long offset)];
            WrittenFile.Write(_current!, piece, offset);
            Pass(piece);
            bytes = bytes[piece.Length..];
        }
    }

    /// <summary>Passes bytes that stand at the position already; false when others do, and then nothing is passed.</summary>
    public bool TryPass(ReadOnlySpan<byte> bytes)
    {
        Buffers.Reserve(ref _found, bytes.Length);
        if (!TryRead(Position, _found.AsSpan(0, bytes.Length)) || !bytes.SequenceEqual(_found.AsSpan(0, bytes.Length)))
        {
            return false;
        }

        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> piece = bytes[..RoomFor(bytes.Length, out _)];
            Pass(piece);
            bytes = bytes[piece.Length..];
        }

        return true;
    }

    /// <summary>Reads bytes written by this process or an earlier one; false when they are not there. May be called by any thread.</summary>
    public bool TryRead(long offset, Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                (long part, long at) = Math.DivRem(offset, partLength);
                int length = (int)Math.Min(destination.Length, partLength - at);
                using SafeFileHandle handle = File.OpenHandle(pathOf((int)part + 1), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                for (int read = 0; read < length;)
                {
                    int more = RandomAccess.Read(handle, destination[read..length], at + read);
                    if (more == 0)
                    {
                        return false;
                    }

                    read += more;
                }

                offset += length;
                destination = destination[length..];
            }

            return true;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Removes what stands behind the position: of an earlier process, in the current part and in those behind it.</summary>
    public void Cut()
    {
        if (_current is not null)
        {
            RandomAccess.SetLength(_current, Position - Start);
        }
        else
        {
            File.Delete(pathOf(1));
        }

        for (int number = Math.Max(1, _currentNumber) + 1; IsSplit && number <= PartNames.MaxCount && File.Exists(pathOf(number)); number++)
        {
            File.Delete(pathOf(number));
        }
    }

    /// <summary>Completes the last part.</summary>
    public void Finish()
    {
        if (_current is null)
        {
            return;
        }

        if (flushToDisk)
        {
            DeviceFlush.Run(_current, pathOf(_currentNumber));
        }

        _current.Dispose();
        _current = null;
        if (_sha256 is not null)
        {
            using ByteSource part = ByteSource.OpenFile(pathOf(_currentNumber));
            _identities.Add(new PartIdentity(PartSet.ReadFingerprint(part), Convert.ToHexStringLower(_sha256.GetHashAndReset())));
        }
    }

    /// <summary>Removes all parts.</summary>
    public void Delete()
    {
        _current?.Dispose();
        _current = null;
        for (int number = 1; number <= _currentNumber; number++)
        {
            File.Delete(pathOf(number));
        }
    }

    public void Dispose()
    {
        _current?.Dispose();
        _sha256?.Dispose();
    }

    private int RoomFor(int wanted, out long offset)
    {
        long done = Position - Start;
        if (_current is null || done == partLength)
        {
            Finish();
            if (_currentNumber == PartNames.MaxCount)
            {
                throw new ModelPackException(ModelPackError.InvalidRequest, $"the container has more than {PartNames.MaxCount} parts of {partLength} bytes; ask for longer ones");
            }

            _currentNumber++;
            _current = File.OpenHandle(pathOf(_currentNumber), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            done = 0;
        }

        offset = done;
        return (int)Math.Min(wanted, partLength - done);
    }

    private void Pass(ReadOnlySpan<byte> bytes)
    {
        _sha256?.AppendData(bytes);
        Position += bytes.Length;
    }
}
