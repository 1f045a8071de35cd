namespace ModelPack.Planes;

/// <summary>Wire ids of the plane layouts (SPEC.md). They never change.</summary>
internal enum PlaneLayoutId : byte
{
    Bytes = 0,
    Float16 = 1,
    BFloat16 = 2,
    Float32 = 3,
    Float64 = 4,
    Bytes2 = 5,
    Bytes4 = 6,
    Bytes8 = 7,
}
