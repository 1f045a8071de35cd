using System.Globalization;

namespace ModelPack.Pipeline.Recovery;

/// <summary>Adds to an error about a damaged container what the damage costs, as far as a short look tells.</summary>
internal static class DamageAdvice
{
    private const int MostTensors = 3;

    private const string More = "verify lists all that is lost, unpack --keep-going restores the rest";

    public static ModelPackException AddTo(ModelPackException exception, string packed, CancellationToken cancellationToken)
    {
        try
        {
            using var recovery = ContainerRecovery.Open(packed, cancellationToken);
            (string? file, long? offset) = (exception.FileName, exception.Offset);
            string? found = recovery.PartFaults.Count > 0 ? null : Describe(recovery, exception, ref file, ref offset);
            string advice = found is null ? "" : $"; {found}";
            return new ModelPackException(exception.Error, $"{exception.Reason}{advice}; {More}", file, offset, exception);
        }
        catch (Exception other) when (other is ModelPackException or IOException or UnauthorizedAccessException)
        {
            // The first error says what can be said.
            return exception;
        }
    }

    private static string? Describe(ContainerRecovery recovery, ModelPackException exception, ref string? damagedFile, ref long? damagedOffset)
    {
        if (!recovery.HasIndex && recovery.IsCut)
        {
            int complete = recovery.Files.Count(static file => file.IsComplete);
            string progress = recovery.Files is [.., { IsComplete: false } last]
                ? string.Create(CultureInfo.InvariantCulture, $", {last.SoundLength} of {last.Length} bytes of '{last.Start.Path}'")
                : "";
            return string.Create(CultureInfo.InvariantCulture, $"{recovery.PresentLength} bytes are there, with {complete} whole files{progress}");
        }

        foreach (FoundFile file in recovery.Files)
        {
            FoundBlock? block = file.Blocks.Find(block =>
                recovery.Locate(block.FrameOffset) is var (name, offset) && name == exception.FileName && offset <= exception.Offset && exception.Offset < offset + block.FrameLength);
            if (block is { Start: >= 0 })
            {
                (string part, long at, _) = recovery.PlaceOf(exception, block.FrameOffset, block.FrameLength);
                (damagedFile, damagedOffset) = part == damagedFile ? (damagedFile, damagedOffset) : (part, at);
                IReadOnlyList<string> tensors = file.TensorsIn(block.Start, block.Length);
                string names = tensors.Count == 0 ? "" : $" (tensors {string.Join(", ", tensors.Take(MostTensors))}{(tensors.Count > MostTensors ? $" and {tensors.Count - MostTensors} more" : "")})";
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"lost is block {file.BlockNumber(block.Ordinal)} of '{file.Start.Path}', its bytes {block.Start}-{block.Start + block.Length - 1}{names}");
            }
        }

        return null;
    }
}
