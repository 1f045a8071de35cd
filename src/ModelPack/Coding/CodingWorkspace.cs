namespace ModelPack.Coding;

/// <summary>Tables and buffers that one thread reuses from plane to plane. Not thread-safe.</summary>
internal sealed class CodingWorkspace
{
    public LaneAns.LaneAnsWorkspace LaneAns => field ??= new LaneAns.LaneAnsWorkspace();
}
