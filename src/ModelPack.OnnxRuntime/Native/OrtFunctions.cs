using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ModelPack.OnnxRuntime.Native;

/// <summary>
/// Functions of ONNX Runtime's C interface that its C# one leaves out. They stand in a table (<c>struct OrtApi</c> of
/// onnxruntime_c_api.h) to which functions are only ever appended, so their places never change.
/// </summary>
internal static unsafe partial class OrtFunctions
{
    // AddExternalInitializersFromFilesInMemory came with 1.18.
    private const uint Version = 18;

    private const int GetErrorMessage = 2;
    private const int CloneSessionOptions = 12;
    private const int ReleaseStatus = 93;
    private const int AddExternalInitializersFromFilesInMemory = 279;

    /// <summary>A copy of session options; the caller owns it.</summary>
    /// <param name="options">Options that stay as they are.</param>
    public static nint Clone(SessionOptions options)
    {
        void** api = Table();
        bool held = false;
        try
        {
            options.DangerousAddRef(ref held);
            nint clone;
            Check(api, ((delegate* unmanaged<nint, nint*, nint>)api[CloneSessionOptions])(options.DangerousGetHandle(), &clone));
            return clone;
        }
        finally
        {
            if (held)
            {
                options.DangerousRelease();
            }
        }
    }

    /// <summary>Gives sessions made with the options a file that is in memory, for initializers whose external data lie there.</summary>
    /// <param name="options">Options to add to.</param>
    /// <param name="location">The file's name in the model.</param>
    /// <param name="address">Where its bytes are.</param>
    /// <param name="length">How many there are.</param>
    public static void AddFileInMemory(SessionOptions options, string location, nint address, long length)
    {
        void** api = Table();
        nint name = OperatingSystem.IsWindows() ? Marshal.StringToCoTaskMemUni(location) : Marshal.StringToCoTaskMemUTF8(location);
        bool held = false;
        try
        {
            options.DangerousAddRef(ref held);
            nuint bytes = (nuint)length;
            Check(api, ((delegate* unmanaged<nint, nint*, nint*, nuint*, nuint, nint>)api[AddExternalInitializersFromFilesInMemory])(
                options.DangerousGetHandle(), &name, &address, &bytes, 1));
        }
        finally
        {
            if (held)
            {
                options.DangerousRelease();
            }

            Marshal.FreeCoTaskMem(name);
        }
    }

    private static void** Table()
    {
        // struct OrtApiBase begins with OrtApi* GetApi(uint32_t version).
        void** table = (void**)((delegate* unmanaged<uint, void*>)OrtGetApiBase()[0])(Version);
        return table is not null
            ? table
            : throw new ModelPackException(ModelPackError.Unsupported, $"the ONNX Runtime library is older than 1.{Version}");
    }

    private static void Check(void** api, nint status)
    {
        if (status == 0)
        {
            return;
        }

        string message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)api[GetErrorMessage])(status)) ?? "";
        ((delegate* unmanaged<nint, void>)api[ReleaseStatus])(status);
        throw new ModelPackException(ModelPackError.Unsupported, $"ONNX Runtime: {message}");
    }

    [LibraryImport("onnxruntime")]
    private static partial void** OrtGetApiBase();
}
