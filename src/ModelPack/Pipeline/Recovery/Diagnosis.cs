namespace ModelPack.Pipeline.Recovery;

/// <summary>What a recovery found, in the public types.</summary>
internal static class Diagnosis
{
    public static ContainerDiagnosis Of(ContainerRecovery recovery)
    {
        List<ContainerDamage> damages = [];
        foreach (FrameGap gap in recovery.Outside)
        {
            (string container, long offset) = recovery.Locate(gap.Offset);
            string reason = recovery.HasIndex ? gap.Fault.Reason + "; its contents are in the index as well, nothing is lost" : gap.Fault.Reason;
            damages.Add(new ContainerDamage("", -1, 0, -1, 0, container, offset, gap.Length, reason, []));
        }

        foreach (FoundFile file in recovery.Files)
        {
            AddBlocks(recovery, file, damages);
            AddGaps(recovery, file, damages);
        }

        PartDiagnosis[] parts = [.. recovery.PartFaults.Select(static fault => new PartDiagnosis(fault.Path, fault.Number, fault.Available, fault.Length, fault.Reason))];
        return new ContainerDiagnosis(
            recovery.Name,
            recovery.PresentLength,
            recovery.ContainerLength,
            recovery.HasIndex,
            [.. recovery.Files.Select(Describe)],
            parts,
            [.. damages.Take(ContainerDiagnosis.MostDamages)],
            damages.Count)
        {
            IsCut = recovery.IsCut || (!recovery.HasIndex && parts is [.., { Number: var last }] && last == recovery.PartCount),
        };
    }

    private static FileDiagnosis Describe(FoundFile file)
    {
        List<string> lost = [];
        foreach ((long offset, long length) in file.LostRanges())
        {
            foreach (string name in file.TensorsIn(offset, length))
            {
                if (lost.Count == 0 || lost[^1] != name)
                {
                    lost.Add(name);
                }
            }
        }

        return new FileDiagnosis(file.Start.Path, (ModelFormat)file.Start.Format, file.Length, file.SoundLength, file.IsComplete, file.Tensors?.Count ?? -1, lost);
    }

    /// <summary>Blocks that stand beside each other, in one file on disk, become one entry.</summary>
    private static void AddBlocks(ContainerRecovery recovery, FoundFile file, List<ContainerDamage> damages)
    {
        int last = -2;
        for (int i = 0; i < file.Blocks.Count; i++)
        {
            if (file.Blocks[i] is not { Fault: { } fault } block)
            {
                continue;
            }

            (string container, long offset, long length) = recovery.PlaceOf(fault, block.FrameOffset, block.FrameLength);
            if (last == i - 1 && damages[^1] is var before && before.ContainerFile == container && before.FirstBlock + before.BlockCount == file.BlockNumber(block.Ordinal))
            {
                damages[^1] = before with
                {
                    BlockCount = before.BlockCount + 1,
                    Length = before.Length + block.Length,
                    ContainerLength = before.ContainerLength == 0 || length == 0 ? 0 : before.ContainerLength + length,
                    Tensors = before.Offset < 0 ? [] : file.TensorsIn(before.Offset, before.Length + block.Length),
                };
            }
            else
            {
                damages.Add(new ContainerDamage(
                    file.Start.Path,
                    file.BlockNumber(block.Ordinal),
                    1,
                    block.Start,
                    block.Length,
                    container,
                    offset,
                    length,
                    fault.Reason,
                    block.Start < 0 ? [] : file.TensorsIn(block.Start, block.Length)));
            }

            last = i;
        }
    }

    private static void AddGaps(ContainerRecovery recovery, FoundFile file, List<ContainerDamage> damages)
    {
        foreach (FrameGap gap in file.Gaps)
        {
            (string container, long offset, long length) = recovery.PlaceOf(gap.Fault, gap.Offset, gap.Length);
            FoundBlock? before = gap.BlocksBefore > 0 ? file.Blocks[gap.BlocksBefore - 1] : null;
            long start = gap.BlocksBefore == 0 ? 0 : before is { Start: >= 0 } ? before.Start + before.Length : -1;
            long end = gap.BlocksBefore < file.Blocks.Count ? file.Blocks[gap.BlocksBefore].Start : file.Length;
            long lost = start >= 0 && end >= start ? end - start : 0;
            damages.Add(new ContainerDamage(
                file.Start.Path, file.BlockNumber(gap.Ordinal), gap.Count, start, lost, container, offset, length, gap.Fault.Reason, lost == 0 ? [] : file.TensorsIn(start, lost)));
        }

        // Blocks behind a gap that is followed by another: their place in the file is not known.
        int unplaced = file.Blocks.Count(static block => block is { Fault: null, Start: < 0 });
        if (unplaced > 0)
        {
            FoundBlock first = file.Blocks.First(static block => block is { Fault: null, Start: < 0 });
            (string container, long offset) = recovery.Locate(first.FrameOffset);
            long length = file.Blocks.Where(static block => block is { Fault: null, Start: < 0 }).Sum(static block => (long)block.Length);
            damages.Add(new ContainerDamage(
                file.Start.Path, file.BlockNumber(first.Ordinal), unplaced, -1, length, container, offset, 0, "sound, but without the index their place in the file is not known", []));
        }
    }
}
