using Microsoft.ML.OnnxRuntime;
using ModelPack.OnnxRuntime.Native;
using ModelPack.OnnxRuntime.Packed;
using ModelPack.OnnxRuntime.Stub;
using ModelPack.OnnxRuntime.Weights;

namespace ModelPack.OnnxRuntime;

/// <summary>Opens packed ONNX models in ONNX Runtime without restoring them to disk.</summary>
/// <remarks>
/// <para>
/// The session reads a copy of the model file without its large tensors; those are decoded on all processors to the
/// memory that the session takes its weights from, and are not copied from there. Weights in external data files may
/// have any size.
/// </para>
/// <para>
/// Tensors in subgraphs (the branches of <c>If</c>, the bodies of <c>Loop</c> and <c>Scan</c>) and functions, strings and
/// sparse tensors stay in the model file, as ONNX Runtime does not look for them elsewhere; with them it may have at most
/// 2 GiB.
/// </para>
/// </remarks>
public static class PackedOnnxModel
{
    private const string UseBuffersDirectly = "session.use_external_initializer_file_buffers_directly";

    /// <summary>Opens the ONNX model of a container.</summary>
    /// <param name="path">Path of the container.</param>
    /// <param name="options">
    /// Options for the session; they stay as they are, may be used again and may be disposed of at once. Null means the default.
    /// </param>
    /// <param name="file">Path of the ONNX file in the container; null when there is only one.</param>
    /// <param name="cancellationToken">Cancels decoding; ONNX Runtime's own part is not cancelled.</param>
    /// <exception cref="ModelPackException">
    /// The container is damaged, holds no ONNX file of that name or several without a name given, was packed as a difference
    /// to a base (open it with <see cref="PackedModel.Open(string, string, CancellationToken)"/>), or is not for ONNX Runtime.
    /// </exception>
    /// <exception cref="IOException">The container cannot be read.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model.</exception>
    public static PackedOnnxSession CreateSession(string path, SessionOptions? options = null, string? file = null, CancellationToken cancellationToken = default)
    {
        using PackedModel model = PackedModel.Open(path, cancellationToken: cancellationToken);
        return CreateSession(model, options, file, cancellationToken);
    }

    /// <summary>Opens an ONNX model of a container that is open already; it is not needed any more once this returns.</summary>
    /// <inheritdoc cref="CreateSession(string, SessionOptions?, string?, CancellationToken)"/>
    /// <param name="model">The container.</param>
    /// <param name="options">Options for the session; they stay as they are.</param>
    /// <param name="file">Path of the ONNX file in the container; null when there is only one.</param>
    /// <param name="cancellationToken">Cancels decoding; ONNX Runtime's own part is not cancelled.</param>
    public static PackedOnnxSession CreateSession(PackedModel model, SessionOptions? options = null, string? file = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxStub stub = MakeStub(model, PackedOnnxFiles.Find(model, file), cancellationToken);
        if (stub.Weights.Count == 0)
        {
            using SessionOptions plain = Copy(options);
            return new PackedOnnxSession(stub.Model, plain, weights: null);
        }

        WeightMemory weights = WeightLoader.Load(stub.Weights, stub.MemoryLength, cancellationToken);
        try
        {
            using SessionOptions own = Copy(options);
            own.AddSessionConfigEntry(UseBuffersDirectly, "1");
            OrtFunctions.AddFileInMemory(own, OnnxStub.MemoryLocation, weights.Address, weights.Length);
            return new PackedOnnxSession(stub.Model, own, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The ONNX files of a container, each of which <see cref="CreateSession(PackedModel, SessionOptions?, string?, CancellationToken)"/> takes.</summary>
    public static IReadOnlyList<PackedFile> FindFiles(PackedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return PackedOnnxFiles.All(model);
    }

    private static OnnxStub MakeStub(PackedModel model, PackedFile file, CancellationToken cancellationToken)
    {
        var files = new PackedOnnxFiles(model, file);
        using var builder = new StubBuilder(files.Model, files.OpenData, cancellationToken);
        return builder.Build();
    }

    private static SessionOptions Copy(SessionOptions? options) => options is null ? new SessionOptions() : new SessionOptionsCopy(options);
}
