namespace ModelPack.Planes.Kernels;

/// <summary>Every kernel, and the order in which they are chosen.</summary>
internal static unsafe class PlaneKernels
{
    public const string Avx512 = "AVX-512";
    public const string Avx2 = "AVX2";
    public const string Vector128 = "Vector128";
    public const string Scalar = "scalar";

    /// <summary>All kernels; of those of one layout, the best first. Each layout ends with one that runs everywhere.</summary>
    public static IReadOnlyList<PlaneKernel> BestFirst { get; } =
    [
        .. Vectors<BFloat16Group<Lanes512>, BFloat16Group<Lanes256>, BFloat16Group<Lanes128>, BFloat16Format>(PlaneLayoutId.BFloat16),
        .. Vectors<Float16Group<Lanes512>, Float16Group<Lanes256>, Float16Group<Lanes128>, Float16Format>(PlaneLayoutId.Float16),
        .. Vectors<Float32Group<Lanes512>, Float32Group<Lanes256>, Float32Group<Lanes128>, Float32Format>(PlaneLayoutId.Float32),
        .. Vectors<Float64Group<Lanes512>, Float64Group<Lanes256>, Float64Group<Lanes128>, Float64Format>(PlaneLayoutId.Float64),
        .. Vectors<Bytes2Group<Lanes512>, Bytes2Group<Lanes256>, Bytes2Group<Lanes128>, IntegerFormat<TwoBytes>>(PlaneLayoutId.Bytes2),
        .. Vectors<Bytes4Group<Lanes512>, Bytes4Group<Lanes256>, Bytes4Group<Lanes128>, IntegerFormat<FourBytes>>(PlaneLayoutId.Bytes4),
        .. Vectors<Bytes8Group<Lanes512>, Bytes8Group<Lanes256>, Bytes8Group<Lanes128>, IntegerFormat<EightBytes>>(PlaneLayoutId.Bytes8),
        new(PlaneLayoutId.Bytes, Scalar, IsSupported: true, Copy.Split, Copy.Merge),
    ];

    private static readonly PlaneKernel[] Best = [.. Enum.GetValues<PlaneLayoutId>().Select(ChooseBest)];

    /// <summary>The fastest kernel of a defined layout that this machine can run.</summary>
    public static PlaneKernel BestFor(PlaneLayoutId layout) => Best[(int)layout];

    private static PlaneKernel ChooseBest(PlaneLayoutId layout) => BestFirst.First(kernel => kernel.Layout == layout && kernel.IsSupported);

    private static PlaneKernel[] Vectors<T512, T256, T128, TFormat>(PlaneLayoutId layout)
        where T512 : struct, IElementGroup
        where T256 : struct, IElementGroup
        where T128 : struct, IElementGroup
        where TFormat : struct, IElementFormat =>
    [
        new(layout, Avx512, Lanes512.IsSupported, VectorLoop<T512, TFormat>.Split, VectorLoop<T512, TFormat>.Merge),
        new(layout, Avx2, Lanes256.IsSupported, VectorLoop<T256, TFormat>.Split, VectorLoop<T256, TFormat>.Merge),
        new(layout, Vector128, Lanes128.IsSupported, VectorLoop<T128, TFormat>.Split, VectorLoop<T128, TFormat>.Merge),
        new(layout, Scalar, IsSupported: true, ScalarLoop<TFormat>.Split, ScalarLoop<TFormat>.Merge),
    ];

    /// <summary>One plane: the bytes themselves (SPEC.md, "Bytes").</summary>
    private static class Copy
    {
        public static void Split(byte* elements, byte* planes, int stride, int count) => Buffer.MemoryCopy(elements, planes, count, count);

        public static bool Merge(byte* planes, int stride, byte* elements, int count)
        {
            Buffer.MemoryCopy(planes, elements, count, count);
            return true;
        }
    }
}
