using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// The functions of NVIDIA's driver that the operators need, under their C names. The driver is part of the machine, so
/// it is looked for when it is first wanted, and a machine may have none.
/// </summary>
internal sealed unsafe class CudaDriver
{
    private const int Success = 0;
    private const int LogBytes = 8192;

    /// <summary>CUjit_option numbers: where the driver's compiler writes what is wrong.</summary>
    private const int ErrorLogBuffer = 5;

    private const int ErrorLogBufferBytes = 6;

    private readonly delegate* unmanaged<nint*, int> _getCurrentContext;
    private readonly delegate* unmanaged<nint, int> _setCurrentContext;
    private readonly delegate* unmanaged<nint, nint*, int> _getContextOfStream;
    private readonly delegate* unmanaged<nint*, byte*, uint, int*, void**, int> _loadModule;
    private readonly delegate* unmanaged<nint*, nint, byte*, int> _getFunction;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>
        _launch;
    private readonly delegate* unmanaged<nint, int*, int> _isCapturing;
    private readonly delegate* unmanaged<nint, nint, nuint, nint, int> _copyOnDevice;
    private readonly delegate* unmanaged<nint*, nuint, int> _allocateOnDevice;
    private readonly delegate* unmanaged<nint, void*, nuint, nint, int> _copyToDevice;
    private readonly delegate* unmanaged<nint, byte, nuint, nint, int> _fill;
    private readonly delegate* unmanaged<nint, int> _synchronize;
    private readonly delegate* unmanaged<nint*, nuint, uint, int> _allocateOnHost;
    private readonly delegate* unmanaged<nint, int> _freeOnHost;
    private readonly delegate* unmanaged<int, byte**, int> _getErrorName;
    private readonly delegate* unmanaged<int, byte**, int> _getErrorString;

    /// <exception cref="EntryPointNotFoundException">The library is no driver, or one from before CUDA 11.</exception>
    /// <exception cref="OperatorException">
    /// The driver is too old, or finds no device that the kernels are for.
    /// </exception>
    public CudaDriver(nint library)
    {
        Library = library;
        _getErrorName = (delegate* unmanaged<int, byte**, int>)Function("cuGetErrorName");
        _getErrorString = (delegate* unmanaged<int, byte**, int>)Function("cuGetErrorString");
        _getCurrentContext = (delegate* unmanaged<nint*, int>)Function("cuCtxGetCurrent");
        _setCurrentContext = (delegate* unmanaged<nint, int>)Function("cuCtxSetCurrent");
        _getContextOfStream = (delegate* unmanaged<nint, nint*, int>)Function("cuStreamGetCtx");
        _loadModule = (delegate* unmanaged<nint*, byte*, uint, int*, void**, int>)Function("cuModuleLoadDataEx");
        _getFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Function("cuModuleGetFunction");
        _launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)
            Function("cuLaunchKernel");
        _isCapturing = (delegate* unmanaged<nint, int*, int>)Function("cuStreamIsCapturing");
        _copyOnDevice = (delegate* unmanaged<nint, nint, nuint, nint, int>)Function("cuMemcpyDtoDAsync_v2");
        _allocateOnDevice = (delegate* unmanaged<nint*, nuint, int>)Function("cuMemAlloc_v2");
        _copyToDevice = (delegate* unmanaged<nint, void*, nuint, nint, int>)Function("cuMemcpyHtoDAsync_v2");
        _fill = (delegate* unmanaged<nint, byte, nuint, nint, int>)Function("cuMemsetD8Async");
        _synchronize = (delegate* unmanaged<nint, int>)Function("cuStreamSynchronize");
        _allocateOnHost = (delegate* unmanaged<nint*, nuint, uint, int>)Function("cuMemHostAlloc");
        _freeOnHost = (delegate* unmanaged<nint, int>)Function("cuMemFreeHost");
        Check(((delegate* unmanaged<uint, int>)Function("cuInit"))(0), "cuInit");
        CudaRequirements.Require(DriverVersion, ComputeCapabilities());
    }

    /// <summary>Handle of the loaded library, for functions that only tests and measurements need.</summary>
    public nint Library { get; }

    private int DriverVersion
    {
        get
        {
            int version;
            Check(((delegate* unmanaged<int*, int>)Function("cuDriverGetVersion"))(&version), "cuDriverGetVersion");
            return version;
        }
    }

    /// <summary>
    /// The context that is current on this thread: ONNX Runtime's, while it runs an operator. A thread that has done
    /// nothing on the device yet has none; it gets the stream's.
    /// </summary>
    /// <exception cref="OperatorException">
    /// There is none, and the stream is the default one, which is every context's.
    /// </exception>
    public nint ContextFor(nint stream)
    {
        nint context;
        Check(_getCurrentContext(&context), "cuCtxGetCurrent");
        if (context != 0) return context;
        if (stream == 0)
            throw new OperatorException(
                "no CUDA context is current; only ONNX Runtime's CUDA provider runs this operator.");
        Check(_getContextOfStream(stream, &context), "cuStreamGetCtx");
        Check(_setCurrentContext(context), "cuCtxSetCurrent");
        return context;
    }

    /// <summary>Compiles PTX for the current context's device.</summary>
    /// <param name="ptx">The text and a 0.</param>
    /// <exception cref="OperatorException">
    /// The driver refuses it; the message holds what its compiler wrote.
    /// </exception>
    public nint LoadModule(ReadOnlySpan<byte> ptx)
    {
        var log = stackalloc byte[LogBytes];
        log[0] = 0;
        var options = stackalloc int[] { ErrorLogBuffer, ErrorLogBufferBytes };
        var values = stackalloc void*[] { log, (void*)LogBytes };
        nint module;
        fixed (byte* image = ptx)
        {
            var result = _loadModule(&module, image, 2, options, values);
            if (result != Success)
                throw new OperatorException(
                    $"{Describe(result, "cuModuleLoadDataEx")} {Marshal.PtrToStringUTF8((nint)log)}".TrimEnd());
        }
        return module;
    }

    /// <summary>The kernel of that name.</summary>
    public nint GetFunction(nint module, string entry)
    {
        nint function;
        var name = Marshal.StringToCoTaskMemUTF8(entry);
        try
        {
            Check(_getFunction(&function, module, (byte*)name), $"cuModuleGetFunction({entry})");
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }
        return function;
    }

    /// <summary>Puts a kernel on a stream; returns before it has run.</summary>
    /// <param name="function">From <see cref="GetFunction"/>.</param>
    /// <param name="blocks">Thread blocks, 1 to 2^31 − 1.</param>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="stream">CUstream.</param>
    /// <param name="parameters">The address of each parameter's value; read before the call returns.</param>
    public void Launch(nint function, uint blocks, uint threads, nint stream, void** parameters) =>
        Check(_launch(function, blocks, 1, 1, threads, 1, 1, 0, stream, parameters, null), "cuLaunchKernel");

    /// <summary>Whether the stream's work is being recorded into a CUDA graph instead of done.</summary>
    public bool IsCapturing(nint stream)
    {
        int status;
        Check(_isCapturing(stream, &status), "cuStreamIsCapturing");
        return status != 0;
    }

    /// <summary>Puts a copy within the device on a stream.</summary>
    public void CopyOnDevice(void* target, void* source, long bytes, nint stream) =>
        Check(_copyOnDevice((nint)target, (nint)source, (nuint)bytes, stream), "cuMemcpyDtoDAsync");

    /// <summary>Memory of the current context's device.</summary>
    public nint AllocateOnDevice(long bytes)
    {
        nint address;
        Check(_allocateOnDevice(&address, (nuint)bytes), "cuMemAlloc");
        return address;
    }

    /// <summary>Puts a copy from the host on a stream. The bytes may be changed when the call is back.</summary>
    public void CopyToDevice(nint target, ReadOnlySpan<byte> source, nint stream)
    {
        fixed (byte* first = source)
            Check(_copyToDevice(target, first, (nuint)source.Length, stream), "cuMemcpyHtoDAsync");
    }

    /// <summary>Puts zeros into memory of the device, on a stream.</summary>
    public void Clear(nint address, long bytes, nint stream) =>
        Check(_fill(address, 0, (nuint)bytes, stream), "cuMemsetD8Async");

    /// <summary>Waits until all work on a stream is done.</summary>
    public void Synchronize(nint stream) => Check(_synchronize(stream), "cuStreamSynchronize");

    /// <summary>Memory of the host that devices of the current context can write to, under the same address.</summary>
    public nint AllocateOnHost(long bytes)
    {
        const uint Mapped = 2;
        nint address;
        Check(_allocateOnHost(&address, (nuint)bytes, Mapped), "cuMemHostAlloc");
        return address;
    }

    public void FreeOnHost(nint address) => Check(_freeOnHost(address), "cuMemFreeHost");

    /// <summary>The one place where a driver's result becomes an exception.</summary>
    /// <exception cref="OperatorException">The call failed.</exception>
    public void Check(int result, string call)
    {
        if (result != Success) throw new OperatorException(Describe(result, call));
    }

    /// <summary>Major and minor number of each device.</summary>
    private List<(int Major, int Minor)> ComputeCapabilities()
    {
        const int MajorAttribute = 75;
        const int MinorAttribute = 76;
        int count;
        Check(((delegate* unmanaged<int*, int>)Function("cuDeviceGetCount"))(&count), "cuDeviceGetCount");
        var getDevice = (delegate* unmanaged<int*, int, int>)Function("cuDeviceGet");
        var getAttribute = (delegate* unmanaged<int*, int, int, int>)Function("cuDeviceGetAttribute");
        var capabilities = new List<(int, int)>();
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            int device, major, minor;
            Check(getDevice(&device, ordinal), "cuDeviceGet");
            Check(getAttribute(&major, MajorAttribute, device), "cuDeviceGetAttribute");
            Check(getAttribute(&minor, MinorAttribute, device), "cuDeviceGetAttribute");
            capabilities.Add((major, minor));
        }
        return capabilities;
    }

    private nint Function(string name) => NativeLibrary.GetExport(Library, name);

    private string Describe(int result, string call)
    {
        byte* name = null;
        byte* text = null;
        _ = _getErrorName(result, &name);
        _ = _getErrorString(result, &text);
        var known = name is null ? $"error {result}" : Marshal.PtrToStringUTF8((nint)name);
        return $"{call}: {known}{(text is null ? "" : $" ({Marshal.PtrToStringUTF8((nint)text)})")}.";
    }
}
