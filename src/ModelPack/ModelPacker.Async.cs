namespace ModelPack;

/// <content>
/// The same on a thread of the pool. Packing is work for the processor and not waiting, so these methods move it away from the caller's
/// thread, which need not stand still; they need the same threads and time. Streams are read and written synchronously there.
/// </content>
public static partial class ModelPacker
{
    /// <inheritdoc cref="Pack(string, string, PackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<PackResult> PackAsync(
        string source, string target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Pack(source, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Pack(string, Stream, PackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<PackResult> PackAsync(
        string source, Stream target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Pack(source, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Pack(Stream, string, string, PackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<PackResult> PackAsync(
        Stream source, string name, string target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Pack(source, name, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Pack(Stream, string, Stream, PackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<PackResult> PackAsync(
        Stream source, string name, Stream target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Pack(source, name, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Pack(ReadOnlyMemory{byte}, string, Stream, PackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<PackResult> PackAsync(
        ReadOnlyMemory<byte> source, string name, Stream target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Pack(source, name, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Unpack(string, string, UnpackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<UnpackResult> UnpackAsync(
        string packed, string target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Unpack(packed, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="UnpackInto(string, string, UnpackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<UnpackResult> UnpackIntoAsync(
        string packed, string folder, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => UnpackInto(packed, folder, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Unpack(string, Stream, UnpackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<UnpackResult> UnpackAsync(
        string packed, Stream target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Unpack(packed, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Unpack(Stream, string, string, UnpackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<UnpackResult> UnpackAsync(
        Stream packed, string name, string target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Unpack(packed, name, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Unpack(Stream, string, Stream, UnpackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<UnpackResult> UnpackAsync(
        Stream packed, string name, Stream target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Unpack(packed, name, target, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Unpack(ReadOnlyMemory{byte}, Memory{byte}, UnpackOptions?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<UnpackResult> UnpackAsync(
        ReadOnlyMemory<byte> packed, Memory<byte> target, UnpackOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Unpack(packed, target, options, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Verify(string, VerifyOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<VerifyResult> VerifyAsync(
        string packed, VerifyOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Verify(packed, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Verify(Stream, string, VerifyOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    /// <remarks>Runs on a thread of the pool, beside the workers that the options ask for.</remarks>
    public static Task<VerifyResult> VerifyAsync(
        Stream packed, string name, VerifyOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Verify(packed, name, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Diagnose(string, DiagnoseOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    public static Task<ContainerDiagnosis> DiagnoseAsync(
        string packed, DiagnoseOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Diagnose(packed, options, progress, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Salvage(string, string, UnpackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    public static Task<ContainerDiagnosis> SalvageAsync(
        string packed, string target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Salvage(packed, target, options, progress, cancellationToken), cancellationToken);
}
