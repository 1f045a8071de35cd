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

            (string container, long offset) = recovery.Locate(block.FrameOffset);
            if (last == i - 1 && damages[^1] is var before && before.ContainerFile == container)
            {
                damages[^1] = before with
                {
                    BlockCount = before.BlockCount + 1,
                    Length = before.Length + block.Length,
                    ContainerLength = before.ContainerLength + block.FrameLength,
                    Tensors = before.Offset < 0 ? [] : file.TensorsIn(before.Offset, before.Length + block.Length),
                };
            }
            else
            {
                damages.Add(new ContainerDamage(
                    file.Start.Path, i, 1, block.Start, block.Length, container, offset, block.FrameLength, ReasonFor(fault, container), block.Start < 0 ? [] : file.TensorsIn(block.Start, block.Length)));
            }

            last = i;
        }
    }

    private static void AddGaps(ContainerRecovery recovery, FoundFile file, List<ContainerDamage> damages)
    {
        foreach (FrameGap gap in file.Gaps)
        {
            (string container, long offset) = recovery.Locate(gap.Offset);
            FoundBlock? before = gap.BlocksBefore > 0 && gap.BlocksBefore <= file.Blocks.Count ? file.Blocks[gap.BlocksBefore - 1] : null;
            long start = gap.BlocksBefore == 0 ? 0 : before is { Start: >= 0 } ? before.Start + before.Length : -1;
            long end = gap.BlocksBefore < file.Blocks.Count ? file.Blocks[gap.BlocksBefore].Start : file.Length;
            long length = start >= 0 && end >= start ? end - start : 0;
            damages.Add(new ContainerDamage(
                file.Start.Path, gap.BlocksBefore, 0, start, length, container, offset, gap.Length, ReasonFor(gap.Fault, container), length == 0 ? [] : file.TensorsIn(start, length)));
        }
    }

    // A block that begins in one part and ends in another, or repeats a block elsewhere, is damaged there.
    private static string ReasonFor(ModelPackException fault, string container) => fault.FileName is { } file && file != container ? $"{file}: {fault.Reason}" : fault.Reason;
}
