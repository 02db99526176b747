using System.Collections.Concurrent;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// The kernels of this assembly on the devices of a driver. Each module is compiled once per context, when first used.
/// </summary>
internal sealed class CudaKernels(CudaDriver driver)
{
    private readonly ConcurrentDictionary<(nint Context, string Entry), nint> _functions = [];
    private readonly ConcurrentDictionary<(nint Context, string Module), Lazy<nint>> _modules = [];
    private readonly ConcurrentDictionary<(nint Context, nint Stream), CudaWorkspace> _workspaces = [];

    public CudaDriver Driver { get; } = driver;

    public CudaTables Tables { get; } = new(driver);

    /// <summary>A kernel for the current context.</summary>
    /// <param name="module">Name of the PTX resource, without its ending.</param>
    /// <param name="entry">Name of the kernel in it.</param>
    /// <param name="stream">Where it will run.</param>
    /// <exception cref="OperatorException">The driver refuses the module, or has no such kernel.</exception>
    public nint Get(string module, string entry, nint stream)
    {
        var context = Driver.ContextFor(stream);
        return _functions.GetOrAdd(
            (context, entry), static (key, own) => own.Kernels.Find(key.Context, own.Module, key.Entry),
            (Kernels: this, Module: module));
    }

    /// <summary>The memory that the operators on a stream share.</summary>
    public CudaWorkspace WorkspaceOf(nint stream) => _workspaces.GetOrAdd(
        (Driver.ContextFor(stream), stream), static (_, driver) => new CudaWorkspace(driver), Driver);

    private nint Find(nint context, string module, string entry)
    {
        var loaded = _modules.GetOrAdd(
            (context, module),
            static (key, driver) => new Lazy<nint>(() => driver.LoadModule(PtxFile.Read(key.Module))), Driver);
        return Driver.GetFunction(loaded.Value, entry);
    }
}
