using ModelPack.Container;
using ModelPack.Pipeline;
using ModelPack.Pipeline.External;
using ModelPack.Pipeline.Recovery;
using ModelPack.Pipeline.Targets;

namespace ModelPack;

/// <summary>
/// Packs model files into <c>.mpk</c> containers, restores them byte for byte and verifies them. All methods are safe to
/// call from several threads at once.
/// </summary>
/// <remarks>
/// Every method throws <see cref="ModelPackException"/> for bad data or requests, <see cref="IOException"/> or
/// <see cref="UnauthorizedAccessException"/> when the system refuses, and <see cref="OperationCanceledException"/> when
/// cancelled. A target is written under a temporary name beside it, flushed and renamed, so that it is either complete
/// or untouched. Long operations report to <c>progress</c> from worker threads, in order.
/// </remarks>
public static partial class ModelPacker
{
    /// <summary>
    /// Packs a file, or every file of a folder, into a container file. An ONNX model takes the files with its external data
    /// along; the container then holds a folder with these files.
    /// </summary>
    public static PackResult Pack(
        string source, string target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new PackOptions();
        using PackInput input = DataFiles.Along(PackInput.FromPath(source, options.Filter), source, target, options, cancellationToken);
        using var output = PackTarget.Create(target, options);
        PackResult result = PackPipeline.Run(input, output.Stream, options, options.Resume ? output.Earlier : null, progress, cancellationToken);
        output.Commit(cancellationToken);
        return result with { PartCount = output.PartCount };
    }

    /// <summary>Packs a file, or every file of a folder, and writes the container to a stream, front to back.</summary>
    public static PackResult Pack(
        string source, Stream target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new PackOptions();
        using PackInput input = DataFiles.Along(PackInput.FromPath(source, options.Filter), source, target: null, options, cancellationToken);
        return PackPipeline.Run(input, target, options, progress, cancellationToken);
    }

    /// <summary>
    /// Packs what a stream delivers as one file. A reader must see the whole file to find its tensors, so the stream is
    /// first copied to a temporary file, which is deleted at the end.
    /// </summary>
    /// <param name="source">Read to its end; not closed.</param>
    /// <param name="name">The file's name in the container; its extension helps to recognise the format.</param>
    /// <param name="target">Path of the container.</param>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static PackResult Pack(
        Stream source, string name, string target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new PackOptions();
        if (options.Resume)
        {
            throw new ModelPackException(ModelPackError.InvalidRequest, "what comes through a stream cannot be read again, so its packing cannot be resumed", target);
        }

        using var output = PackTarget.Create(target, options);
        using PackInput input = PackInput.FromStream(source, name, cancellationToken);
        PackResult result = PackPipeline.Run(input, output.Stream, options, progress, cancellationToken);
        output.Commit(cancellationToken);
        return result with { PartCount = output.PartCount };
    }

    /// <inheritdoc cref="Pack(Stream, string, string, PackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    public static PackResult Pack(
        Stream source, string name, Stream target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using PackInput input = PackInput.FromStream(source, name, cancellationToken);
        return PackPipeline.Run(input, target, options ?? new PackOptions(), progress, cancellationToken);
    }

    /// <summary>Packs bytes in memory as one file.</summary>
    /// <param name="source">The original bytes; must not change meanwhile.</param>
    /// <param name="name">The file's name in the container; its extension helps to recognise the format.</param>
    /// <param name="target">Receives the container, front to back.</param>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static PackResult Pack(
        ReadOnlyMemory<byte> source, string name, Stream target, PackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using PackInput input = PackInput.FromMemory(source, name);
        return PackPipeline.Run(input, target, options ?? new PackOptions(), progress, cancellationToken);
    }

    /// <summary>Restores a container: a file container to the file <paramref name="target"/>, a folder container to that folder.</summary>
    public static UnpackResult Unpack(
        string packed, string target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        try
        {
            using Stream stream = ContainerFile.OpenSequential(packed);
            return UnpackPipeline.ToPath(stream, packed, target, options ?? new UnpackOptions(), progress, cancellationToken);
        }
        catch (ModelPackException exception) when (exception.Error == ModelPackError.Corrupt)
        {
            throw DamageAdvice.AddTo(exception, packed, cancellationToken);
        }
    }

    /// <summary>
    /// Restores an ONNX model that was packed with its data files (<see cref="PackedModel.LeadingFile"/>) into a folder that is
    /// there already, with the data files where the model looks for them. Files of these names are refused unless to be
    /// replaced; all others stay as they are.
    /// </summary>
    /// <param name="packed">Path of the container.</param>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static UnpackResult UnpackInto(
        string packed, string folder, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return BesideRestore.Run(packed, folder, options ?? new UnpackOptions(), progress, cancellationToken);
        }
        catch (ModelPackException exception) when (exception.Error == ModelPackError.Corrupt)
        {
            throw DamageAdvice.AddTo(exception, packed, cancellationToken);
        }
    }

    /// <summary>Restores a container of one file to a stream. What was written before an error was found is not sound as a whole.</summary>
    public static UnpackResult Unpack(
        string packed, Stream target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        try
        {
            using Stream stream = ContainerFile.OpenSequential(packed);
            return UnpackPipeline.ToStream(stream, packed, target, options ?? new UnpackOptions(), progress, cancellationToken);
        }
        catch (ModelPackException exception) when (exception.Error == ModelPackError.Corrupt)
        {
            throw DamageAdvice.AddTo(exception, packed, cancellationToken);
        }
    }

    /// <summary>Restores a container that arrives through a stream, front to back.</summary>
    /// <param name="packed">Read to its end; not closed.</param>
    /// <param name="name">What to call the stream in messages.</param>
    /// <param name="target">File or folder to write.</param>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static UnpackResult Unpack(
        Stream packed, string name, string target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        UnpackPipeline.ToPath(packed, name, target, options ?? new UnpackOptions(), progress, cancellationToken);

    /// <inheritdoc cref="Unpack(Stream, string, string, UnpackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>
    public static UnpackResult Unpack(
        Stream packed, string name, Stream target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        UnpackPipeline.ToStream(packed, name, target, options ?? new UnpackOptions(), progress, cancellationToken);

    /// <summary>Restores a container of one file from memory to memory.</summary>
    /// <param name="packed">The whole container.</param>
    /// <param name="target">As long as the original file (<see cref="PackedFile.Length"/>). Not sound after an exception.</param>
    /// <param name="options">What to do.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static UnpackResult Unpack(
        ReadOnlyMemory<byte> packed, Memory<byte> target, UnpackOptions? options = null, CancellationToken cancellationToken = default) =>
        UnpackPipeline.ToMemory(packed, target, options ?? new UnpackOptions(), cancellationToken);

    /// <summary>
    /// Restores a container without writing anything and checks every checksum; also compares it with an original and
    /// with an expected hash where the options ask for it.
    /// </summary>
    public static VerifyResult Verify(
        string packed, VerifyOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using Stream stream = ContainerFile.OpenSequential(packed);
        return VerifyPipeline.Run(ContainerInput.From(stream), packed, options ?? new VerifyOptions(), progress, cancellationToken);
    }

    /// <summary>Says what can be restored of a container that is damaged or not there as a whole, going on behind damage.</summary>
    /// <param name="packed">Path of the container, or of one of its parts.</param>
    /// <param name="options">How closely to look.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ModelPackException">There is no container at all, or its base was not named.</exception>
    public static ContainerDiagnosis Diagnose(
        string packed, DiagnoseOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var recovery = ContainerRecovery.Open(packed, cancellationToken);
        recovery.Check(options ?? new DiagnoseOptions(), progress, cancellationToken);
        return Diagnosis.Of(recovery);
    }

    /// <summary>
    /// Restores what is sound of a damaged container. A file that is not complete gets <c>.damaged</c> added to its name; zeros
    /// stand for what is lost, up to the last sound byte.
    /// </summary>
    /// <param name="packed">Path of the container, or of one of its parts.</param>
    /// <param name="target">File or folder to write, as for <see cref="Unpack(string, string, UnpackOptions?, IProgress{ModelPackProgress}?, CancellationToken)"/>.</param>
    /// <param name="options">What to do.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static ContainerDiagnosis Salvage(
        string packed, string target, UnpackOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new UnpackOptions();
        using var recovery = ContainerRecovery.Open(packed, cancellationToken);
        recovery.Check(new DiagnoseOptions { Threads = options.Threads, Base = options.Base, MaxExpansion = options.MaxExpansion }, progress, cancellationToken);
        IReadOnlyList<string> written = SalvagePipeline.Run(recovery, target, options, cancellationToken);
        return Diagnosis.Of(recovery) with { Written = written };
    }

    /// <summary>Verifies a container that arrives through a stream.</summary>
    /// <param name="packed">Read to its end; not closed.</param>
    /// <param name="name">What to call the stream in messages.</param>
    /// <param name="options">What to check.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static VerifyResult Verify(
        Stream packed, string name, VerifyOptions? options = null, IProgress<ModelPackProgress>? progress = null, CancellationToken cancellationToken = default) =>
        VerifyPipeline.Run(ContainerInput.From(packed), name, options ?? new VerifyOptions(), progress, cancellationToken);
}
