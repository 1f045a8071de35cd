using Microsoft.Win32.SafeHandles;

namespace ModelPack.Primitives;

/// <summary>A temporary file that vanishes when it is disposed, or the process dies.</summary>
internal sealed class Spool : IDisposable
{
    private readonly SafeFileHandle _handle;

    public Spool()
    {
        string path = Path.Combine(Path.GetTempPath(), $"modelpack-{Guid.NewGuid():N}");
        _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        WrittenFile.Write(_handle, bytes, Length);
        Length += bytes.Length;
    }

    /// <summary>What was appended so far, as a source that leaves this file open.</summary>
    public ByteSource Open(string name) => ByteSource.FromHandle(_handle, name, ownsHandle: false);

    public void Dispose() => _handle.Dispose();
}
