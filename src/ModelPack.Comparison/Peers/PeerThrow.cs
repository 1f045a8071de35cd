using System.Diagnostics.CodeAnalysis;

namespace ModelPack.Comparison.Peers;

internal static class PeerThrow
{
    [DoesNotReturn]
    public static void NoRoom(IPeer peer, int room) => throw new InvalidDataException($"{peer.Name} does not fit into {room} bytes");

    /// <summary>Throws unless a peer restored as many bytes as it was given.</summary>
    public static void IfPartial(IPeer peer, long restored, int expected)
    {
        if (restored != expected)
        {
            throw new InvalidDataException($"{peer.Name} restored {restored} bytes of {expected}");
        }
    }
}
