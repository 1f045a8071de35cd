namespace ModelPack.Pipeline;

/// <summary>Sees what packing makes of each file while it goes on. Called in order, never by two threads at once.</summary>
internal interface IPackObserver
{
    /// <summary>A file begins.</summary>
    /// <param name="file">The file as it was mapped.</param>
    /// <param name="tally">What its tensors cost so far; grows until the file ends.</param>
    void OnFileBegin(SurveyedFile file, TensorTally tally);

    /// <summary>The tally now tells of all bytes of the file before this offset.</summary>
    void OnPacked(long end);

    /// <summary>A file is complete.</summary>
    /// <param name="packedLength">Bytes of the container spent on it, without the index.</param>
    void OnFileEnd(long packedLength);
}
