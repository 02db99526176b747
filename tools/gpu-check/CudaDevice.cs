using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.GpuCheck;

/// <summary>
/// The first device of a driver with its primary context, which ONNX Runtime uses too: memory, a stream and its clock.
/// To be used on one thread at a time; <see cref="MakeCurrent"/> changes the thread.
/// </summary>
internal sealed unsafe class CudaDevice : IDisposable
{
    private const int ComputeCapabilityMajor = 75;
    private const int ComputeCapabilityMinor = 76;

    private readonly CudaDriver _driver;
    private readonly int _device;
    private readonly nint _context;

    public CudaDevice(CudaKernels kernels)
    {
        _driver = kernels.Driver;
        int device;
        _driver.Check(((delegate* unmanaged<int*, int, int>)Function("cuDeviceGet"))(&device, 0), "cuDeviceGet");
        _device = device;
        nint context, stream;
        _driver.Check(
            ((delegate* unmanaged<nint*, int, int>)Function("cuDevicePrimaryCtxRetain"))(&context, device),
            "cuDevicePrimaryCtxRetain");
        _context = context;
        MakeCurrent();
        _driver.Check(
            ((delegate* unmanaged<nint*, uint, int>)Function("cuStreamCreate"))(&stream, 0), "cuStreamCreate");
        Stream = new CudaStream(kernels, stream);
    }

    public CudaStream Stream { get; }

    public string Name
    {
        get
        {
            var text = stackalloc byte[256];
            _driver.Check(
                ((delegate* unmanaged<byte*, int, int, int>)Function("cuDeviceGetName"))(text, 256, _device),
                "cuDeviceGetName");
            return Marshal.PtrToStringUTF8((nint)text) ?? "";
        }
    }

    /// <summary>For example 9.0.</summary>
    public string ComputeCapability => $"{Attribute(ComputeCapabilityMajor)}.{Attribute(ComputeCapabilityMinor)}";

    /// <summary>The newest CUDA release that the driver knows, for example 13.0.</summary>
    public string DriverVersion
    {
        get
        {
            int version;
            _driver.Check(
                ((delegate* unmanaged<int*, int>)Function("cuDriverGetVersion"))(&version), "cuDriverGetVersion");
            return $"{version / 1000}.{version % 1000 / 10}";
        }
    }

    /// <summary>Bytes of the device's memory that nobody has taken.</summary>
    public long FreeBytes
    {
        get
        {
            nuint free, total;
            _driver.Check(
                ((delegate* unmanaged<nuint*, nuint*, int>)Function("cuMemGetInfo_v2"))(&free, &total), "cuMemGetInfo");
            return (long)free;
        }
    }

    /// <summary>Makes the device's context the calling thread's.</summary>
    public void MakeCurrent() =>
        _driver.Check(((delegate* unmanaged<nint, int>)Function("cuCtxSetCurrent"))(_context), "cuCtxSetCurrent");

    /// <summary>Memory of the device; at least one byte, so that it has an address.</summary>
    public DeviceBuffer Allocate(long bytes)
    {
        var address = _driver.AllocateOnDevice(Math.Max(1, bytes));
        return new DeviceBuffer(this, (byte*)address, bytes);
    }

    public void Free(byte* address) =>
        _driver.Check(((delegate* unmanaged<nint, int>)Function("cuMemFree_v2"))((nint)address), "cuMemFree");

    /// <summary>Copies, and waits until the bytes are there for every stream.</summary>
    public void CopyToDevice(byte* target, ReadOnlySpan<byte> source)
    {
        _driver.CopyToDevice((nint)target, source, Stream.Handle);
        Synchronize();
    }

    /// <summary>Waits for the stream, then copies.</summary>
    public void CopyToHost(Span<byte> target, byte* source)
    {
        Synchronize();
        fixed (byte* first = target)
        {
            _driver.Check(
                ((delegate* unmanaged<void*, nint, nuint, int>)Function("cuMemcpyDtoH_v2"))(
                    first, (nint)source, (nuint)target.Length),
                "cuMemcpyDtoH");
        }
    }

    public void Synchronize() => Stream.Synchronize();

    /// <summary>Milliseconds that the device takes for what the action puts on the stream.</summary>
    public float Time(Action action)
    {
        nint start = CreateEvent(), end = CreateEvent();
        var record = (delegate* unmanaged<nint, nint, int>)Function("cuEventRecord");
        _driver.Check(record(start, Stream.Handle), "cuEventRecord");
        action();
        _driver.Check(record(end, Stream.Handle), "cuEventRecord");
        _driver.Check(((delegate* unmanaged<nint, int>)Function("cuEventSynchronize"))(end), "cuEventSynchronize");
        float milliseconds;
        _driver.Check(
            ((delegate* unmanaged<float*, nint, nint, int>)Function("cuEventElapsedTime"))(&milliseconds, start, end),
            "cuEventElapsedTime");
        var destroy = (delegate* unmanaged<nint, int>)Function("cuEventDestroy_v2");
        _driver.Check(destroy(start), "cuEventDestroy");
        _driver.Check(destroy(end), "cuEventDestroy");
        return milliseconds;
    }

    public void Dispose()
    {
        _driver.Check(
            ((delegate* unmanaged<nint, int>)Function("cuStreamDestroy_v2"))(Stream.Handle), "cuStreamDestroy");
        _driver.Check(
            ((delegate* unmanaged<int, int>)Function("cuDevicePrimaryCtxRelease_v2"))(_device),
            "cuDevicePrimaryCtxRelease");
    }

    private nint CreateEvent()
    {
        nint created;
        _driver.Check(((delegate* unmanaged<nint*, uint, int>)Function("cuEventCreate"))(&created, 0), "cuEventCreate");
        return created;
    }

    private int Attribute(int attribute)
    {
        int value;
        _driver.Check(
            ((delegate* unmanaged<int*, int, int, int>)Function("cuDeviceGetAttribute"))(&value, attribute, _device),
            "cuDeviceGetAttribute");
        return value;
    }

    private nint Function(string name) => NativeLibrary.GetExport(_driver.Library, name);
}
