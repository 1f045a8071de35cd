namespace ModelPack;

/// <summary>What kind of trouble a <see cref="ModelPackException"/> reports.</summary>
public enum ModelPackError
{
    /// <summary>The data contradicts its format or its checksum.</summary>
    Corrupt,

    /// <summary>The data may be sound, but this version cannot or must not read it.</summary>
    Unsupported,

    /// <summary>The request itself cannot be met: an unknown tensor name, an existing target.</summary>
    InvalidRequest,
}

/// <summary>
/// The one exception type this library throws on purpose for bad data or requests; I/O errors stay <see cref="IOException"/>.
/// The message states what was found and what was allowed.
/// </summary>
public sealed class ModelPackException : Exception
{
    /// <summary>Creates an exception; <paramref name="reason"/> says what was found and what was allowed.</summary>
    public ModelPackException(ModelPackError error, string reason, string? fileName = null, long? offset = null, Exception? innerException = null)
        : base(Compose(reason, fileName, offset), innerException)
    {
        Error = error;
        Reason = reason;
        FileName = fileName;
        Offset = offset;
    }

    /// <summary>The kind of trouble.</summary>
    public ModelPackError Error { get; }

    /// <summary>The cause alone, without file and offset.</summary>
    public string Reason { get; }

    /// <summary>The file concerned, when known.</summary>
    public string? FileName { get; }

    /// <summary>Byte offset in <see cref="FileName"/>, when known.</summary>
    public long? Offset { get; }

    /// <summary>The same trouble with the place filled in where it was not known before.</summary>
    /// <param name="fileName">The file the data came from.</param>
    /// <param name="baseOffset">Offset of the data in that file; an offset already known counts from there.</param>
    public ModelPackException At(string fileName, long baseOffset) =>
        FileName is not null ? this : new(Error, Reason, fileName, PlaceIn(baseOffset), InnerException ?? this);

    /// <summary>The same trouble with the place filled in, in the file of the source that holds it.</summary>
    /// <param name="source">What the data came from.</param>
    /// <param name="baseOffset">Offset of the data in the source; an offset already known counts from there.</param>
    internal ModelPackException In(Primitives.ByteSource source, long baseOffset)
    {
        if (FileName is not null || PlaceIn(baseOffset) is not { } place)
        {
            return At(source.Name, baseOffset);
        }

        (string name, long offset) = source.Locate(place);
        return new(Error, Reason, name, offset, InnerException ?? this);
    }

    /// <summary>The same trouble seen from data that holds the data concerned, in a file not known yet.</summary>
    /// <param name="baseOffset">Offset of the data concerned in the data around it.</param>
    internal ModelPackException Within(long baseOffset) =>
        new(Error, Reason, fileName: null, baseOffset + (Offset ?? 0), InnerException ?? this);

    // Trouble without a place in data that starts the file is trouble with the file as a whole.
    private long? PlaceIn(long baseOffset) => Offset is null && baseOffset == 0 ? null : baseOffset + (Offset ?? 0);

    private static string Compose(string reason, string? fileName, long? offset) => (fileName, offset) switch
    {
        (null, null) => reason,
        (null, { } at) => $"at offset {at}: {reason}",
        ({ } file, null) => $"{file}: {reason}",
        ({ } file, { } at) => $"{file}: at offset {at}: {reason}",
    };
}
