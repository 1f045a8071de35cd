using System.Buffers.Binary;

namespace ModelPack.Fuzz;

/// <summary>Changes inputs at random, from a seed; for machines without AFL++, and for tests that must repeat.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly long[] Interesting =
        [0, 1, 2, 7, 16, 127, 128, 255, 256, 4095, 4096, 32767, 32768, 65535, 65536, 1 << 24, int.MaxValue, uint.MaxValue, 1L << 40, long.MaxValue, -1, -2, long.MinValue];

    private readonly Random _random = new(seed);

    /// <summary>One to eight changes of an input.</summary>
    /// <param name="input">A sound or half-sound input.</param>
    /// <param name="other">Another one, to take pieces from.</param>
    public byte[] Mutate(ReadOnlySpan<byte> input, ReadOnlySpan<byte> other)
    {
        var bytes = new List<byte>(input.Length + 64);
        bytes.AddRange(input);
        for (int changes = 1 << _random.Next(4); changes > 0; changes--)
        {
            Change(bytes, other);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes, ReadOnlySpan<byte> other)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)_random.Next(256));
            return;
        }

        int at = Position(bytes.Count);
        int length = Math.Min(1 << _random.Next(10), bytes.Count - at);
        switch (_random.Next(9))
        {
            case 0 or 1:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 3:
                Overwrite(bytes, at);
                break;
            case 4:
                bytes[at] = (byte)(bytes[at] + _random.Next(-4, 5));
                break;
            case 5:
                bytes.RemoveRange(at, length);
                break;
            case 6:
                bytes.InsertRange(at, bytes.GetRange(Position(bytes.Count - length + 1), length));
                break;
            case 7:
                bytes.InsertRange(at, new byte[length]);
                break;
            default:
                Splice(bytes, at, other);
                break;
        }
    }

    // Half of all changes among the first bytes, where headers are.
    private int Position(int count) => _random.Next(2) == 0 ? _random.Next(Math.Min(count, 96)) : _random.Next(count);

    private void Overwrite(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, Interesting[_random.Next(Interesting.Length)]);
        int width = Math.Min(1 << _random.Next(4), bytes.Count - at);
        for (int i = 0; i < width; i++)
        {
            bytes[at + i] = number[i];
        }
    }

    private void Splice(List<byte> bytes, int at, ReadOnlySpan<byte> other)
    {
        if (other.IsEmpty)
        {
            return;
        }

        int from = _random.Next(other.Length);
        int length = Math.Min(1 << _random.Next(12), other.Length - from);
        bytes.InsertRange(at, other.Slice(from, length).ToArray());
    }
}
