using ModelPack.Comparison.Analysis;
using ModelPack.Comparison.Packing;
using ModelPack.Formats;
using ModelPack.Pipeline;

namespace ModelPack.Comparison.Reporting;

/// <summary>Joins what passes and analysis found, as far as they came, into the report of a model.</summary>
internal sealed class SourceReportBuilder(ModelSource source)
{
    /// <summary>What tensors share their place with in totals by dtype and kind.</summary>
    public const string Structure = "(structure)";

    private readonly List<(string Name, PackPass Pass)> _levels = [];
    private readonly List<(string Name, PlaneCoder Coder, PackPass Pass)> _coders = [];

    public ModelAnalysis? Analysis { get; set; }

    public ContextAnalysis? Contexts { get; set; }

    public CompressorsReport? Compressors { get; set; }

    /// <summary>The files that the first pass began.</summary>
    public IReadOnlyList<SurveyedFile> Files => _levels.Count == 0 ? [] : [.. _levels[0].Pass.Files.Select(static file => file.File)];

    public void AddLevel(PackLevel level, PackPass pass) => _levels.Add((Naming.Of(level), pass));

    public void AddCoder(PlaneCoder coder, PackPass pass) => _coders.Add((Naming.Of(coder), coder, pass));

    public SourceReport Build()
    {
        List<ComparedTensor> tensors = [];
        List<ComparedFile> files = [];
        var exponents = new ExponentTotals();
        for (int file = 0; file < Files.Count; file++)
        {
            SegmentMap map = Files[file].Map;
            long[] lengths = new long[map.Tensors.Length];
            foreach (Segment segment in map.Segments.Where(static segment => !segment.IsStructure))
            {
                lengths[segment.TensorIndex] += segment.Length;
            }

            int first = tensors.Count;
            for (int tensor = 0; tensor < lengths.Length; tensor++)
            {
                tensors.Add(MakeTensor(file, tensor, lengths[tensor]));
                exponents.Add(map.Tensors[tensor].Dtype, Analysis?.Of(file, tensor)?.Exponents);
            }

            files.Add(MakeFile(file, tensors[first..]));
        }

        long original = source.Input.TotalLength;
        Dictionary<string, long> packed = [];
        foreach ((string name, PackPass pass) in _levels.Where(static level => level.Pass.PackedLength is not null))
        {
            packed.Add(name, pass.PackedLength!.Value);
        }

        double? bound = Analysis is { IsComplete: true } ? tensors.Sum(static tensor => tensor.BoundBytes) + Analysis.StructureBoundBytes : null;
        ComparedGroup structure = MakeStructure(tensors, original, packed);
        return new SourceReport(
            source.Path,
            source.IsPacked,
            original,
            packed,
            RatioOf(original, packed),
            bound,
            files,
            [.. Groups.Make(tensors, static tensor => tensor.Dtype), structure],
            [.. Groups.Make(tensors, static tensor => tensor.Kind), structure],
            tensors,
            exponents.Reports,
            Compressors,
            null);
    }

    private static double? RatioOf(long original, Dictionary<string, long> packed) =>
        original > 0 && packed.TryGetValue(Naming.Of(PackLevel.Default), out long length) ? (double)length / original : null;

    private ComparedFile MakeFile(int file, List<ComparedTensor> tensors)
    {
        SurveyedFile surveyed = Files[file];
        Dictionary<string, long> packed = [];
        foreach ((string name, PackPass pass) in _levels)
        {
            if (file < pass.Files.Count && pass.Files[file].PackedLength is { } length)
            {
                packed.Add(name, length);
            }
        }

        double? bound = tensors.All(static tensor => tensor.BoundBytes is not null) ? tensors.Sum(static tensor => tensor.BoundBytes) : null;
        return new ComparedFile(
            surveyed.File.Path, Naming.Of(surveyed.Map.Format), tensors.Count, surveyed.Map.FileLength, packed, RatioOf(surveyed.Map.FileLength, packed), bound);
    }

    private ComparedGroup MakeStructure(List<ComparedTensor> tensors, long original, Dictionary<string, long> packed)
    {
        // What the container costs beyond the tensors: structure, side files, frames and the index.
        Dictionary<string, long> rest = [];
        foreach ((string name, long length) in packed)
        {
            rest.Add(name, length - tensors.Sum(tensor => tensor.PackedBytes.GetValueOrDefault(name) ?? 0));
        }

        long bytes = original - tensors.Sum(static tensor => tensor.OriginalBytes);
        return new ComparedGroup(Structure, 0, bytes, rest, RatioOf(bytes, rest), Analysis is { IsComplete: true } ? Analysis.StructureBoundBytes : null);
    }

    private ComparedTensor MakeTensor(int file, int tensor, long length)
    {
        SurveyedFile surveyed = Files[file];
        TensorInfo info = surveyed.Map.Tensors[tensor];
        AnalysedTensor? analysed = Analysis?.Of(file, tensor);
        long elements = TensorAnalyser.ElementCount(info.Shape.AsSpan());
        Dictionary<string, long?> packed = [];
        foreach ((string name, PackPass pass) in _levels)
        {
            if (pass.Of(file, tensor) is { } result)
            {
                packed.Add(name, result.PackedLength);
            }
        }

        if (_coders.Count > 0)
        {
            packed.Add(Naming.Of(PlaneCoder.Stored), length);
        }

        foreach ((string name, PlaneCoder coder, PackPass pass) in _coders)
        {
            if (pass.Of(file, tensor) is { } result)
            {
                packed.Add(name, result.Planes.Any(plane => plane.Coder == coder) ? result.PackedLength : null);
            }
        }

        PassTensor? byDefault = _levels.Count > 0 ? _levels[0].Pass.Of(file, tensor) : null;
        double? bound = analysed?.BoundBytes;
        return new ComparedTensor(
            surveyed.File.Path,
            info.Name,
            LayerKind.Of(info),
            info.Dtype.DisplayName(),
            Naming.Of(info.Encoding),
            [.. info.Shape],
            elements < 0 ? null : elements,
            length,
            byDefault?.RepeatedLength ?? 0,
            packed,
            length > 0 ? (double?)byDefault?.PackedLength / length : null,
            elements > 0 ? 8.0 * byDefault?.PackedLength / elements : null,
            bound,
            elements > 0 ? 8.0 * bound / elements : null,
            bound > 0 ? (byDefault?.PackedLength / bound) - 1 : null,
            analysed is null ? [] : [.. analysed.Planes.Select((plane, index) => MakePlane(file, tensor, plane, index, analysed.Planes.Count))],
            analysed is null ? null : new EntropyReport(
                analysed.Elements.Exponent,
                analysed.Elements.ExponentAndTopMantissaBit,
                analysed.Elements.TopMantissaBitGivenExponent,
                analysed.Elements.SymbolGivenClass,
                analysed.Elements.SymbolGivenPrevious)
            {
                SymbolGivenContext = Contexts?.Of(file, tensor) is { } contexts ? contexts.Bits / contexts.Symbols : null,
            },
            analysed?.Statistics is { Count: > 0 } statistics ? MakeValues(statistics) : null);
    }

    private ComparedPlane MakePlane(int file, int tensor, AnalysedPlane plane, int index, int planes)
    {
        Dictionary<string, string> picks = [];
        Dictionary<string, long?> packed = [];
        foreach ((string name, PackPass pass) in _levels)
        {
            if (PlaneOf(pass) is { } result)
            {
                picks.Add(name, Naming.Of(result.Coder));
                packed.Add(name, result.PackedLength);
            }
        }

        if (_coders.Count > 0)
        {
            packed.Add(Naming.Of(PlaneCoder.Stored), plane.Symbols);
        }

        foreach ((string name, PlaneCoder coder, PackPass pass) in _coders)
        {
            if (PlaneOf(pass) is { } result)
            {
                packed.Add(name, result.Coder == coder ? result.PackedLength : null);
            }
        }

        double? contextBound = index == 0 && Contexts?.Of(file, tensor) is { } contexts ? contexts.Bits / 8 : null;
        string max = Naming.Of(PackLevel.Max);
        bool isPicked = picks.GetValueOrDefault(max) == Naming.Of(PlaneCoder.ContextAns);
        return new ComparedPlane(plane.Name, plane.Symbols, plane.DistinctValues, plane.EntropyBits, plane.BoundBytes, picks, packed)
        {
            ContextBoundBytes = contextBound,
            ContextDistance = isPicked && contextBound > 0 ? (packed[max] / contextBound) - 1 : null,
        };

        PassPlane? PlaneOf(PackPass pass) => pass.Of(file, tensor) is { } result && result.Planes.Count == planes ? result.Planes[index] : null;
    }

    private static ValueReport MakeValues(ValueStatistics statistics)
    {
        bool hasFinite = statistics.Finite.Count > 0;
        double count = statistics.Count;
        return new ValueReport(
            hasFinite ? statistics.Finite.Least : null,
            hasFinite ? statistics.Finite.Largest : null,
            hasFinite ? statistics.Finite.Mean : null,
            hasFinite ? statistics.Finite.StandardDeviation : null,
            statistics.Zeros / count,
            statistics.NaNs / count,
            statistics.Infinities / count,
            statistics.Denormals / count);
    }
}
