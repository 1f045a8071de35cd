using System.IO.Hashing;
using ModelPack.Container;

namespace ModelPack.Pipeline.Targets;

/// <summary>Blocks that an earlier process has coded of the same container. Safe to use from several threads at once.</summary>
/// <param name="earlier">What it left.</param>
/// <param name="features">The features of the container.</param>
internal sealed class EarlierBlocks(PackStream earlier, ContainerFeatures features)
{
    /// <summary>
    /// Takes over the frame of a block, when it is intact and restores what the original holds now. The plan is the same, so
    /// coding would give the same bytes.
    /// </summary>
    /// <param name="slot">The block, its original bytes read; receives the frame.</param>
    public bool TryReuse(PackPipeline.Slot slot)
    {
        // The header is the first write, frames follow.
        if (!earlier.TryReadEarlier((int)(slot.Ordinal + 1), ref slot.Frame, out int length) || length <= FrameHeader.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> frame = slot.Frame.AsSpan(0, length);
        try
        {
            var header = FrameHeader.Read(frame, slot.Ordinal, offset: 0, features);
            if (header.Kind != FrameKind.Block || header.Form == BlockForm.Repeat || header.FrameLength != length
                || header.RestoredLength != slot.Plan.Length || header.IsKept != slot.Plan.Role.IsKept
                || header.Checksum != XxHash3.HashToUInt64(slot.Original.Span))
            {
                return false;
            }

            if (header.Form == BlockForm.Coded)
            {
                slot.Directory.Read(frame[FrameHeader.Length..], slot.Plan.Length, BlockDecoder.PlaneCountOf);
            }

            slot.Form = header.Form;
            slot.Encoded = new EncodedBlock(0, length, header.Checksum);
            return true;
        }
        catch (ModelPackException)
        {
            return false;
        }
    }
}
