using System.Security.Cryptography;
using ModelPack.Pipeline.Hub;
using ModelPack.Tests.Support;

namespace ModelPack.Tests.Pipeline.Hub;

public sealed class HashLineTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void Files_are_hashed_in_order_whoever_is_faster(int length)
    {
        using var line = new HashLine(length);
        var random = new Random(5);
        byte[] buffer = [];
        for (int file = 0; file < 5; file++)
        {
            byte[] bytes = SeededPlanes.Make("uniform", 300_000, seed: file);
            bool git = file % 2 == 1;
            line.Begin(sha256: file != 3, git, bytes.Length);
            for (int at = 0, size; at < bytes.Length; at += size)
            {
                size = Math.Min(random.Next(1, 20_000), bytes.Length - at);
                if (random.Next(3) == 0)
                {
                    line.Add(bytes.AsMemory(at, size), ref buffer);
                    continue;
                }

                // As the pipeline does: the buffer is filled anew each time, whichever it is by then.
                buffer = buffer.Length < size ? new byte[size] : buffer;
                bytes.AsSpan(at, size).CopyTo(buffer);
                line.Add(buffer.AsMemory(0, size), ref buffer);
            }

            (byte[] sha256, byte[] gitBlobSha1) = line.End();
            Assert.Equal(file == 3 ? [] : SHA256.HashData(bytes), sha256);
            Assert.Equal(git ? HubLayouts.GitBlobSha1(bytes) : "", Convert.ToHexStringLower(gitBlobSha1));
        }
    }

    [Fact]
    public void What_waits_can_be_given_up()
    {
        var line = new HashLine(2);
        line.Begin(sha256: true, gitBlobSha1: false, 10);
        byte[] buffer = new byte[1 << 20];
        line.Add(buffer, ref buffer);
        line.Dispose();
    }
}
