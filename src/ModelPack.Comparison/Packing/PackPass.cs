using ModelPack.Container.Wire;
using ModelPack.Formats;
using ModelPack.Pipeline;

namespace ModelPack.Comparison.Packing;

/// <summary>What packing made of a plane.</summary>
/// <param name="Coder">The coder of most of its bytes.</param>
/// <param name="PackedLength">Coded bytes.</param>
internal readonly record struct PassPlane(PlaneCoder Coder, long PackedLength);

/// <summary>What packing made of a tensor.</summary>
/// <param name="PackedLength">Bytes of the container spent on it.</param>
/// <param name="RepeatedLength">Bytes of it that the container has elsewhere.</param>
/// <param name="BaseLength">Bytes of it that are a difference to a base.</param>
/// <param name="Planes">Its planes, if it has bytes of its own.</param>
internal sealed record PassTensor(long PackedLength, long RepeatedLength, long BaseLength, IReadOnlyList<PassPlane> Planes);

/// <summary>What packing made of a file, as far as it came.</summary>
/// <param name="File">The file.</param>
internal sealed record PassFile(SurveyedFile File)
{
    /// <summary>Bytes of the container spent on it; null while it is not complete.</summary>
    public long? PackedLength { get; set; }

    /// <summary>For each tensor; null where its last byte was not reached.</summary>
    public PassTensor?[] Tensors { get; set; } = [];
}

/// <summary>Packs a model as the library does, throws the container away and keeps what each tensor cost.</summary>
internal sealed class PackPass : IPackObserver
{
    private readonly List<PassFile> _files = [];
    private TensorTally? _tally;
    private long _reached;

    private PackPass()
    {
    }

    /// <summary>The files that were begun.</summary>
    public IReadOnlyList<PassFile> Files => _files;

    /// <summary>Bytes of the whole container; null when packing was cancelled.</summary>
    public long? PackedLength { get; private set; }

    public IReadOnlyList<ModelPackWarning> Warnings { get; private set; } = [];

    /// <summary>Packs until all is packed or <paramref name="cancellationToken"/> says to stop: then what is there is kept.</summary>
    public static PackPass Run(PackInput input, PackOptions options, IProgress<ModelPackProgress>? progress, CancellationToken cancellationToken)
    {
        var pass = new PackPass();
        try
        {
            PackResult result = PackPipeline.Run(input, Stream.Null, options, pass, progress, cancellationToken);
            pass.PackedLength = result.PackedLength;
            pass.Warnings = result.Warnings;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (pass._tally is not null)
            {
                pass.KeepTensors();
            }
        }

        return pass;
    }

    public PassTensor? Of(int file, int tensor) => file < _files.Count ? _files[file].Tensors.ElementAtOrDefault(tensor) : null;

    void IPackObserver.OnFileBegin(SurveyedFile file, TensorTally tally)
    {
        _files.Add(new PassFile(file));
        _tally = tally;
        _reached = 0;
    }

    void IPackObserver.OnPacked(long end) => _reached = end;

    void IPackObserver.OnFileEnd(long packedLength)
    {
        _reached = _files[^1].File.Map.FileLength;
        _files[^1].PackedLength = packedLength;
        Keep(_files[^1]);
        _tally = null;
    }

    private void KeepTensors()
    {
        _tally!.Finish();
        Keep(_files[^1]);
    }

    private void Keep(PassFile file)
    {
        SegmentMap map = file.File.Map;
        bool[] isOpen = new bool[map.Tensors.Length];
        foreach (Segment segment in map.Segments)
        {
            if (!segment.IsStructure && segment.End > _reached)
            {
                isOpen[segment.TensorIndex] = true;
            }
        }

        file.Tensors = [.. _tally!.Entries.Select((entry, tensor) => isOpen[tensor] ? null : Make(entry))];
    }

    private static PassTensor Make(TensorEntry entry)
    {
        var planes = new PassPlane[entry.PlaneCoders.Length];
        for (int plane = 0; plane < planes.Length; plane++)
        {
            planes[plane] = new PassPlane((PlaneCoder)entry.PlaneCoders[plane], (long)entry.PlanePackedLengths[plane]);
        }

        return new PassTensor((long)entry.PackedLength, (long)entry.RepeatedLength, (long)entry.BaseLength, planes);
    }
}
