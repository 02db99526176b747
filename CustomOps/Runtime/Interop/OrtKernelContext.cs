using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>The inputs and outputs of one call of a kernel, and ONNX Runtime's threads.</summary>
internal readonly unsafe ref struct OrtKernelContext(OrtApi api, nint context, CudaKernels? cuda)
{
    /// <summary>
    /// The session's stream, where ONNX Runtime runs the kernel on CUDA: then the tensors' bytes are on the device, and
    /// only their dimensions can be read. Null on the CPU.
    /// </summary>
    public CudaStream? Cuda
    {
        get
        {
            if (cuda is null) return null;
            nint stream;
            OrtStatus.ThrowIfError(
                api,
                ((delegate* unmanaged<nint, nint*, nint>)api[OrtApiSlot.KernelContext_GetGPUComputeStream])(
                    context, &stream));
            return new CudaStream(cuda, stream);
        }
    }

    /// <summary>Spreads work over the session's own threads, where there is enough of it.</summary>
    /// <param name="elements">Elements of the tensor that is worked on.</param>
    public IParallelLoop LoopOver(long elements) => OrtParallelLoop.Of(api, context, elements);

    /// <summary>Whether an output is an input's buffer where the operator says so.</summary>
    public bool HonoursAliases => api.Version >= OrtApi.Newest;

    public OrtTensor Input(int index) => OrtTensor.Of(api, ValueOf(index));

    /// <summary>An input that the node may leave out; <see cref="OrtTensor.IsAbsent"/> tells whether it does.</summary>
    public OrtTensor OptionalInput(int index) =>
        ValueOf(index) is not 0 and var value ? OrtTensor.Of(api, value) : default;

    /// <summary>Allocates an output; an aliased one is the input's buffer.</summary>
    public OrtTensor Output(int index, ReadOnlySpan<long> dimensions)
    {
        nint value;
        fixed (long* first = dimensions)
        {
            OrtStatus.ThrowIfError(
                api,
                ((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)api[OrtApiSlot.KernelContext_GetOutput])(
                    context, (nuint)index, first, (nuint)dimensions.Length, &value));
        }
        return OrtTensor.Of(api, value);
    }

    private nint ValueOf(int input)
    {
        nint value;
        OrtStatus.ThrowIfError(
            api,
            ((delegate* unmanaged<nint, nuint, nint*, nint>)api[OrtApiSlot.KernelContext_GetInput])(
                context, (nuint)input, &value));
        return value;
    }
}
