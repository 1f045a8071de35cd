using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ModelPack.Coding.ContextAns;

/// <summary>
/// Range ANS with tables for contexts that follow from where in a tensor a value lies and how large those around it are
/// (SPEC.md). Weights differ in scale from output to output, input to input and tile to tile.
/// </summary>
internal sealed class ContextAnsCoder : IPlaneCoder
{
    public static readonly ContextAnsCoder Instance = new();

    /// <summary><see cref="Name"/>, for messages.</summary>
    public const string CoderName = "context-ans";

    public CoderId Id => CoderId.ContextAns;

    public string Name => CoderName;

    public long? EstimateEncodedLength(PlaneHistogram histogram, CodingWorkspace workspace) => null;

    /// <inheritdoc/>
    /// <remarks>Without a geometry, runs of a plane stand for rows.</remarks>
    public bool TryEncode(ReadOnlySpan<byte> plane, PlaneHistogram histogram, Span<byte> coded, CodingWorkspace workspace, out int written) =>
        TryEncode(plane, histogram, default, coded, workspace, out written);

    /// <summary><see cref="TryEncode(ReadOnlySpan{byte}, PlaneHistogram, Span{byte}, CodingWorkspace, out int)"/> of a plane that is part of a tensor.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="histogram">Counts of exactly this plane.</param>
    /// <param name="geometry">Where in the tensor its elements lie.</param>
    /// <param name="coded">Room for the coded bytes.</param>
    /// <param name="workspace">The calling thread's workspace.</param>
    /// <param name="written">Bytes written; 0 when the result is false.</param>
    public static bool TryEncode(
        ReadOnlySpan<byte> plane, PlaneHistogram histogram, in PlaneGeometry geometry, Span<byte> coded, CodingWorkspace workspace, out int written)
    {
        written = 0;
        ContextAnsWorkspace own = workspace.ContextAns;
        ContextAnsPlan plan = own.Plan;
        plan.Make(plane, histogram, geometry, own.Header);
        if (!own.Header.TryWrite(coded, out int at) || coded.Length - at < ContextAnsHeader.LaneBytes + plan.Literals.Length)
        {
            return false;
        }

        ContextAnsEncoder.FillTable(own.Header.Tables, own.EncodeTable);
        Span<ushort> words = own.Words(plan.Indices.Length + 1);
        words = words[ContextAnsEncoder.Encode(plan.Indices, own.EncodeTable, own.States, words)..];
        if (coded.Length - at - ContextAnsHeader.LaneBytes - plan.Literals.Length < words.Length * sizeof(ushort))
        {
            return false;
        }

        foreach (uint state in own.States)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(coded[at..], state);
            at += sizeof(uint);
        }

        plan.Literals.CopyTo(coded[at..]);
        at += plan.Literals.Length;
        WriteWords(words, coded[at..]);
        written = at + (words.Length * sizeof(ushort));
        return true;
    }

    public void Decode(ReadOnlySpan<byte> coded, Span<byte> plane, CodingWorkspace workspace)
    {
        ContextAnsWorkspace own = workspace.ContextAns;
        ContextAnsHeader header = own.Header;
        ReadOnlySpan<byte> left = coded[header.Read(coded, plane.Length)..];
        if (left.Length < ContextAnsHeader.LaneBytes + header.LiteralCount || (left.Length - header.LiteralCount) % sizeof(ushort) != 0)
        {
            ContextAnsThrow.Corrupt($"has {left.Length} bytes behind the header for states, {header.LiteralCount} literals and words");
        }

        foreach (ref uint state in own.States.AsSpan())
        {
            state = BinaryPrimitives.ReadUInt32LittleEndian(left);
            left = left[sizeof(uint)..];
            if (state < ContextAnsDecoder.LeastState)
            {
                ContextAnsThrow.Corrupt($"begins with a state of {state}, at least {ContextAnsDecoder.LeastState} is allowed");
            }
        }

        ReadOnlySpan<byte> literals = left[..header.LiteralCount];
        ReadOnlySpan<byte> words = left[header.LiteralCount..];
        Span<byte> scales = own.Scales(header.Shape.GroupCount(plane.Length) * ContextAnsModel.Lanes);
        header.Shape.FillScales(plane.Length, header.Rows, header.Columns, scales);
        own.Decode.Build(header);
        int used = ContextAnsDecoder.Decode(own.Decode, header, scales, own.States, words, plane);
        if (used != words.Length / sizeof(ushort))
        {
            ContextAnsThrow.Corrupt($"has {words.Length / sizeof(ushort)} words, {used} are needed");
        }

        if (own.States.AsSpan().IndexOfAnyExcept(ContextAnsDecoder.LeastState) >= 0)
        {
            ContextAnsThrow.Corrupt("the states do not end where an encoder starts");
        }

        PutLiterals(literals, header.Marker, plane);
        if (header.IsInGroupOrder)
        {
            ContextAnsOrder.ToGroups(plane);
        }
    }

    private static void WriteWords(ReadOnlySpan<ushort> words, Span<byte> coded)
    {
        Span<ushort> to = MemoryMarshal.Cast<byte, ushort>(coded[..(words.Length * sizeof(ushort))]);
        if (BitConverter.IsLittleEndian)
        {
            words.CopyTo(to);
        }
        else
        {
            BinaryPrimitives.ReverseEndianness(words, to);
        }
    }

    private static void PutLiterals(ReadOnlySpan<byte> literals, byte marker, Span<byte> plane)
    {
        int count = literals.Length;
        for (int at = plane.IndexOf(marker); at >= 0; at = plane.IndexOf(marker))
        {
            if (literals.IsEmpty)
            {
                ContextAnsThrow.Corrupt($"has {count} literals, more are needed");
            }

            plane[at] = literals[0];
            literals = literals[1..];
            plane = plane[(at + 1)..];
        }

        if (!literals.IsEmpty)
        {
            ContextAnsThrow.Corrupt($"has {count} literals, {count - literals.Length} are needed");
        }
    }
}
