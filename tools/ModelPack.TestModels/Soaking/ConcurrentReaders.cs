namespace ModelPack.TestModels.Soaking;

/// <summary>Threads that read one opened container at the same time, anywhere, and compare what they get with the originals.</summary>
internal static class ConcurrentReaders
{
    private const int LongestRead = 1 << 22;

    /// <summary>Reads until the time is over.</summary>
    /// <param name="container">A container of a folder.</param>
    /// <param name="originals">That folder.</param>
    /// <param name="threads">Readers.</param>
    /// <param name="time">How long to read; each thread reads at least a few times.</param>
    /// <param name="seed">Where the places come from.</param>
    /// <returns>Reads, bytes, and those reads that gave something else.</returns>
    public static (long Reads, long Bytes, long Different) Run(string container, string originals, int threads, TimeSpan time, int seed)
    {
        const int LeastReads = 20;
        long reads = 0, bytes = 0, different = 0;
        using PackedModel model = PackedModel.Open(container);
        PackedFile[] files = [.. model.Files.Where(static file => file.Length > 0)];
        var until = Environment.TickCount64 + (long)time.TotalMilliseconds;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            var random = new Random(seed + thread);
            byte[] read = new byte[LongestRead], expected = new byte[LongestRead];
            for (int i = 0; i < LeastReads || Environment.TickCount64 < until; i++)
            {
                PackedFile file = files[random.Next(files.Length)];
                int length = (int)Math.Min(1 + random.Next(1 << random.Next(23)), file.Length);
                long offset = random.NextInt64(file.Length - length + 1);
                if (i % 2 == 0)
                {
                    model.ReadRange(file, offset, read.AsSpan(0, length));
                }
                else
                {
                    using ModelPackStream stream = model.OpenFileStream(file);
                    stream.Position = offset;
                    stream.ReadExactly(read, 0, length);
                }

                using (var handle = File.OpenHandle(Path.Combine(originals, file.Path)))
                {
                    for (int done = 0; done < length;)
                    {
                        done += RandomAccess.Read(handle, expected.AsSpan(done, length - done), offset + done);
                    }
                }

                bool same = read.AsSpan(0, length).SequenceEqual(expected.AsSpan(0, length));
                Interlocked.Increment(ref reads);
                Interlocked.Add(ref bytes, length);
                Interlocked.Add(ref different, same ? 0 : 1);
            }
        });
        return (reads, bytes, different);
    }
}
