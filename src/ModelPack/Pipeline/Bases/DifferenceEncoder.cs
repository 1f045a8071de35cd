using System.IO.Hashing;
using ModelPack.Coding;
using ModelPack.Container;
using ModelPack.Planes;

namespace ModelPack.Pipeline.Bases;

/// <summary>
/// Original bytes of a block → frame, where the base has a counterpart: coded plainly and as each kind of difference, and the
/// smallest kept. Holds the buffers of one thread.
/// </summary>
internal sealed class DifferenceEncoder(ChooserPolicy policy, BaseFiles bases)
{
    private readonly BlockEncoder _encoder = new(policy);
    private readonly BlockPlan _elements = new();
    private BlockDirectory _directory = new();
    private byte[] _reference = [];
    private byte[] _base = [];
    private byte[] _difference = [];
    private byte[] _frame = [];

    /// <param name="original">The bytes that the plan covers.</param>
    /// <param name="plan">How they are cut.</param>
    /// <param name="reference">Where the base has counterparts.</param>
    /// <param name="directory">Receives what was chosen; may be exchanged for another.</param>
    /// <param name="frame">Receives the frame; may be exchanged for another buffer.</param>
    /// <param name="form">The form of the block.</param>
    public EncodedBlock Encode(
        ReadOnlySpan<byte> original, BlockPlan plan, BaseReference reference, ref BlockDirectory directory, ref byte[] frame, out BlockForm form)
    {
        Buffers.Reserve(ref _base, original.Length);
        Span<byte> counterpart = _base.AsSpan(0, original.Length);
        bases.Read(reference, counterpart);
        reference.Operation = BaseOperation.Same;
        Buffers.Reserve(ref _reference, reference.MaxWrittenLength);
        Span<byte> prefix = _reference.AsSpan(0, reference.Write(_reference));
        if (reference.HasAll && original.SequenceEqual(counterpart))
        {
            form = BlockForm.Difference;
            directory.Clear();
            Buffers.Reserve(ref frame, FrameHeader.Length + prefix.Length);
            prefix.CopyTo(frame.AsSpan(FrameHeader.Length));
            return new EncodedBlock(0, FrameHeader.Length + prefix.Length, XxHash3.HashToUInt64(original));
        }

        EncodedBlock plain = _encoder.Encode(original, plan, directory, ref frame);
        EncodedBlock best = Smaller(plain, BaseOperation.Xor, plan, original, counterpart, prefix, ref directory, ref frame);
        if (plan.Classes.Length == 1)
        {
            (BaseOperation operation, Dtype dtype) = SubtractionFor(plan.Classes[0]);
            _elements.Clear(plan.Offset);
            _elements.Add(new BlockClass(dtype, TensorEncoding.Raw), original.Length, tensorIndex: -1);
            best = Smaller(best, operation, _elements, original, counterpart, prefix, ref directory, ref frame);
        }

        form = best.Length < plain.Length ? BlockForm.Difference : BlockForm.Coded;
        return best;
    }

    /// <summary>The best block so far, or the one of another kind of difference where it is smaller.</summary>
    private EncodedBlock Smaller(
        EncodedBlock best,
        BaseOperation operation,
        BlockPlan plan,
        ReadOnlySpan<byte> original,
        ReadOnlySpan<byte> counterpart,
        Span<byte> prefix,
        ref BlockDirectory directory,
        ref byte[] frame)
    {
        Buffers.Reserve(ref _difference, original.Length);
        Span<byte> difference = _difference.AsSpan(0, original.Length);
        BaseDifference.Make(operation, original, counterpart, difference);
        EncodedBlock coded = _encoder.Encode(difference, plan, _directory, ref _frame, prefix.Length);
        if (coded.Length >= best.Length)
        {
            return best;
        }

        prefix[0] = (byte)operation;
        prefix.CopyTo(_frame.AsSpan(coded.Start + FrameHeader.Length));
        (_frame, frame) = (frame, _frame);
        (_directory, directory) = (directory, _directory);
        return coded with { Checksum = best.Checksum };
    }

    private static (BaseOperation Operation, Dtype Dtype) SubtractionFor(BlockClass blockClass) =>
        PlaneLayout.For(blockClass.Dtype, blockClass.Encoding).ElementSize switch
        {
            2 => (BaseOperation.Subtract2, Dtype.U16),
            4 => (BaseOperation.Subtract4, Dtype.U32),
            8 => (BaseOperation.Subtract8, Dtype.U64),
            _ => (BaseOperation.Subtract1, Dtype.U8),
        };
}
