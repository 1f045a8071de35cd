using Microsoft.ML.OnnxRuntime;
using ModelPack.OnnxRuntime.Weights;

namespace ModelPack.OnnxRuntime;

/// <summary>
/// An <see cref="InferenceSession"/> that owns the memory its weights lie in. It is used as any other; disposing of it
/// ends the session and then frees the memory. As of any session, no run may be under way then.
/// </summary>
public sealed class PackedOnnxSession : InferenceSession
{
    // Null while the base class constructs the session: if that fails, the memory is the maker's to free.
    private readonly WeightMemory? _weights;

    internal PackedOnnxSession(byte[] stub, SessionOptions options, WeightMemory? weights)
        : base(stub, options)
    {
        _weights = weights;
    }

    /// <summary>Bytes of memory that hold weights for the session; what ONNX Runtime makes of them comes on top.</summary>
    public long WeightBytes => _weights?.Length ?? 0;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);

        // A finalizer leaves it to the memory's own, which runs after those of sessions.
        if (disposing)
        {
            _weights?.Dispose();
        }
    }
}
