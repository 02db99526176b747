using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>
/// A session straight on the C API, for native libraries too old for the managed layer of the tests. Takes one float32
/// input and gives named outputs.
/// </summary>
internal sealed unsafe class NativeSession : IDisposable
{
    // Positions in OrtApi; see OrtApiSlot.
    private const OrtApiSlot CreateEnv = (OrtApiSlot)3;
    private const OrtApiSlot CreateSessionFromArray = (OrtApiSlot)8;
    private const OrtApiSlot RunSession = (OrtApiSlot)9;
    private const OrtApiSlot CreateSessionOptions = (OrtApiSlot)10;
    private const OrtApiSlot CreateTensorWithDataAsOrtValue = (OrtApiSlot)49;
    private const OrtApiSlot CreateCpuMemoryInfo = (OrtApiSlot)69;
    private const OrtApiSlot ReleaseEnv = (OrtApiSlot)92;
    private const OrtApiSlot ReleaseMemoryInfo = (OrtApiSlot)94;
    private const OrtApiSlot ReleaseSession = (OrtApiSlot)95;
    private const OrtApiSlot ReleaseValue = (OrtApiSlot)96;
    private const OrtApiSlot ReleaseSessionOptions = (OrtApiSlot)100;
    private const int OnlyFatalErrors = 4;

    private readonly OrtApi _api;
    private readonly nint _environment;
    private readonly nint _options;
    private readonly nint _memory;
    private readonly nint _session;

    /// <param name="apiBase">The native library.</param>
    /// <param name="model">The bytes of an .onnx file.</param>
    /// <param name="register">Makes the operators known to the options (OrtSessionOptions*).</param>
    public NativeSession(OrtApiBase* apiBase, byte[] model, Action<nint> register)
    {
        _api = apiBase->GetApi();
        nint environment, options, memory, session;
        fixed (byte* name = "tests\0"u8)
            Check(((delegate* unmanaged<int, byte*, nint*, nint>)_api[CreateEnv])(OnlyFatalErrors, name, &environment));
        Check(((delegate* unmanaged<nint*, nint>)_api[CreateSessionOptions])(&options));
        register(options);
        Check(((delegate* unmanaged<int, int, nint*, nint>)_api[CreateCpuMemoryInfo])(0, 0, &memory));
        fixed (byte* bytes = model)
        {
            Check(((delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)_api[CreateSessionFromArray])(
                environment, bytes, (nuint)model.Length, options, &session));
        }
        (_environment, _options, _memory, _session) = (environment, options, memory, session);
    }

    /// <summary>Runs the model on the input "x"; the outputs' bytes, in the order asked for.</summary>
    public byte[][] Run(float[] x, long[] dimensions, params string[] outputs)
    {
        var names = outputs.Prepend("x").Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        var values = new nint[outputs.Length];
        fixed (float* data = x)
        fixed (long* sizes = dimensions)
        fixed (nint* namesFirst = names, valuesFirst = values)
        {
            nint input;
            Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, OrtElementType, nint*, nint>)
                _api[CreateTensorWithDataAsOrtValue])(
                _memory, data, (nuint)x.Length * sizeof(float), sizes, (nuint)dimensions.Length, OrtElementType.Float32,
                &input));
            Check(((delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)_api[RunSession])(
                _session, 0, namesFirst, &input, 1, namesFirst + 1, (nuint)outputs.Length, valuesFirst));
            Release(ReleaseValue, input);
        }
        var bytes = values.Select(Copy).ToArray();
        foreach (var value in values) Release(ReleaseValue, value);
        foreach (var name in names) Marshal.FreeCoTaskMem(name);
        return bytes;
    }

    public void Dispose()
    {
        Release(ReleaseSession, _session);
        Release(ReleaseMemoryInfo, _memory);
        Release(ReleaseSessionOptions, _options);
        Release(ReleaseEnv, _environment);
    }

    private byte[] Copy(nint value)
    {
        var tensor = OrtTensor.Of(_api, value);
        var length = (int)tensor.Count * OrtElementTypes.BytesOf(tensor.ElementType);
        return new ReadOnlySpan<byte>(tensor.Data, length).ToArray();
    }

    private void Check(nint status) => OrtStatus.ThrowIfError(_api, status);

    private void Release(OrtApiSlot slot, nint handle) => ((delegate* unmanaged<nint, void>)_api[slot])(handle);
}
