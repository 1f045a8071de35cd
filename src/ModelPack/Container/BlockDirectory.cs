using System.Runtime.InteropServices;

namespace ModelPack.Container;

/// <summary>A run of bytes of a block that belong to one class.</summary>
internal readonly record struct BlockRun(int ClassIndex, int Length);

/// <summary>How one plane of a class is coded.</summary>
internal readonly record struct CodedPlane(byte Coder, int Length);

/// <summary>
/// The start of a block's payload: which bytes belong together, how they split into planes and how each plane is coded
/// (FORMAT.md, "Block payload"). Reused from block to block.
/// </summary>
internal sealed class BlockDirectory
{
    private readonly byte[] _layouts = new byte[ContainerLimits.MaxClasses];
    private readonly int[] _classLengths = new int[ContainerLimits.MaxClasses];
    private readonly List<BlockRun> _runs = [];
    private readonly List<CodedPlane> _planes = [];

    /// <summary>Number of classes, 1 to 16.</summary>
    public int ClassCount { get; private set; }

    /// <summary>The runs in file order.</summary>
    public ReadOnlySpan<BlockRun> Runs => CollectionsMarshal.AsSpan(_runs);

    /// <summary>The coded planes: those of class 0, then those of class 1….</summary>
    public ReadOnlySpan<CodedPlane> Planes => CollectionsMarshal.AsSpan(_planes);

    public byte Layout(int classIndex) => _layouts[classIndex];

    /// <summary>Bytes of the class in the whole block.</summary>
    public int ClassLength(int classIndex) => _classLengths[classIndex];

    public void Clear()
    {
        ClassCount = 0;
        Array.Clear(_classLengths);
        _runs.Clear();
        _planes.Clear();
    }

    /// <summary>Adds a class and returns its index.</summary>
    public int AddClass(byte layout)
    {
        _layouts[ClassCount] = layout;
        return ClassCount++;
    }

    /// <summary>Adds a run, joined to the one before when both are of one class.</summary>
    public void AddRun(int classIndex, int length)
    {
        if (_runs.Count > 0 && _runs[^1].ClassIndex == classIndex)
        {
            _runs[^1] = new BlockRun(classIndex, _runs[^1].Length + length);
        }
        else
        {
            _runs.Add(new BlockRun(classIndex, length));
        }

        _classLengths[classIndex] += length;
    }

    /// <summary>Gives the last class added to another layout, forgetting the planes that it got in the one before.</summary>
    public void ChangeLayout(int classIndex, byte layout, int planes)
    {
        _layouts[classIndex] = layout;
        _planes.RemoveRange(_planes.Count - planes, planes);
    }

    public void AddPlane(byte coder, int length) => _planes.Add(new CodedPlane(coder, length));

    /// <summary>Bytes that <see cref="Write"/> needs at most.</summary>
    public int MaxWrittenLength =>
        1 + ClassCount + Varint.MaxLength + (_runs.Count * (1 + Varint.MaxLength)) + (_planes.Count * (1 + Varint.MaxLength));

    /// <summary>Writes the directory and returns its length.</summary>
    public int Write(Span<byte> destination)
    {
        int position = 0;
        destination[position++] = (byte)ClassCount;
        _layouts.AsSpan(0, ClassCount).CopyTo(destination[position..]);
        position += ClassCount;
        if (ClassCount > 1)
        {
            position += Varint.Write(destination[position..], (uint)_runs.Count);
            foreach (BlockRun run in _runs)
            {
                destination[position++] = (byte)run.ClassIndex;
                position += Varint.Write(destination[position..], (uint)run.Length);
            }
        }

        foreach (CodedPlane plane in _planes)
        {
            destination[position++] = plane.Coder;
            position += Varint.Write(destination[position..], (uint)plane.Length);
        }

        return position;
    }

    /// <summary>Reads a directory, forgetting the one before.</summary>
    /// <param name="payload">The block's payload.</param>
    /// <param name="restoredLength">Original bytes of the block.</param>
    /// <param name="planeCount">Number of planes of a layout, 0 when there is no such layout.</param>
    /// <returns>Length of the directory; the coded planes follow it and fill the payload.</returns>
    /// <exception cref="ModelPackException">The directory breaks a rule; the offset counts from the start of the payload.</exception>
    public int Read(ReadOnlySpan<byte> payload, int restoredLength, Func<byte, int> planeCount)
    {
        Clear();
        if (payload.IsEmpty || payload[0] is 0 or > ContainerLimits.MaxClasses || payload.Length < 1 + payload[0])
        {
            ContainerThrow.Corrupt($"a block has no sound class list in its payload of {payload.Length} bytes", 0);
        }

        int position = 1 + payload[0];
        int planes = 0;
        foreach (byte layout in payload[1..position])
        {
            int count = planeCount(layout);
            if (count == 0)
            {
                ContainerThrow.Unsupported($"a block uses plane layout {layout}, which this program does not know", AddClass(layout) + 1);
            }

            planes += count;
            AddClass(layout);
        }

        if (ClassCount == 1)
        {
            AddRun(0, restoredLength);
        }
        else
        {
            position = ReadRuns(payload, position, restoredLength);
        }

        long coded = 0;
        for (int plane = 0; plane < planes; plane++)
        {
            if (position >= payload.Length)
            {
                ContainerThrow.Corrupt("the list of planes is cut off", position);
            }

            byte coder = payload[position++];
            uint length = Varint.Read(payload, ref position);
            coded += length;
            if (coded > payload.Length - position)
            {
                ContainerThrow.Corrupt($"the planes have at least {coded} coded bytes, the payload has {payload.Length - position} left", position);
            }

            AddPlane(coder, (int)length);
        }

        if (coded != payload.Length - position)
        {
            ContainerThrow.Corrupt($"the planes have {coded} coded bytes, the payload has {payload.Length - position}", position);
        }

        return position;
    }

    private int ReadRuns(ReadOnlySpan<byte> payload, int position, int restoredLength)
    {
        int start = position;
        uint runs = Varint.Read(payload, ref position);
        if (runs < ClassCount || runs > ContainerLimits.MaxRuns || runs > (payload.Length - position) / 2)
        {
            ContainerThrow.Corrupt($"a block of {ClassCount} classes has {runs} runs", start);
        }

        long left = restoredLength;
        int seen = 0;
        int before = -1;
        for (uint run = 0; run < runs; run++)
        {
            start = position;
            int classIndex = position < payload.Length ? payload[position++] : ContainerLimits.MaxClasses;
            uint length = Varint.Read(payload, ref position);
            if (classIndex > seen || classIndex >= ClassCount || classIndex == before || length == 0 || length > left)
            {
                ContainerThrow.Corrupt($"run {run} has {length} bytes of class {classIndex} where {left} bytes are left", start);
            }

            seen = Math.Max(seen, classIndex + 1);
            before = classIndex;
            left -= length;
            AddRun(classIndex, (int)length);
        }

        if (left != 0 || seen != ClassCount)
        {
            ContainerThrow.Corrupt($"the runs leave {left} bytes of the block and use {seen} of {ClassCount} classes", position);
        }

        return position;
    }
}
