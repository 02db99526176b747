namespace OnnxActNN.CustomOps.Cuda;

/// <summary>Where a kernel's work goes: a stream of the current context, in the order it is put there.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Handle">CUstream; 0 is the default stream.</param>
internal readonly record struct CudaStream(CudaKernels Kernels, nint Handle)
{
    /// <summary>Whether the stream's work is being recorded into a CUDA graph instead of done.</summary>
    public bool IsCapturing => Kernels.Driver.IsCapturing(Handle);

    /// <summary>Puts a kernel of some buffers and one structure of arguments, in this order, on the stream.</summary>
    /// <param name="module">The PTX file.</param>
    /// <param name="entry">The kernel.</param>
    /// <param name="blocks">Thread blocks.</param>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="arguments">Passed by value.</param>
    /// <param name="buffers">Addresses on the device.</param>
    public unsafe void Launch<TArguments>(
        string module, string entry, long blocks, uint threads, in TArguments arguments,
        params ReadOnlySpan<nint> buffers)
        where TArguments : unmanaged
    {
        if (blocks > int.MaxValue)
            throw new OperatorException($"{entry} would need {blocks} thread blocks; CUDA has at most {int.MaxValue}.");
        fixed (TArguments* structure = &arguments)
        fixed (nint* addresses = buffers)
        {
            var parameters = stackalloc void*[buffers.Length + 1];
            for (var i = 0; i < buffers.Length; i++) parameters[i] = addresses + i;
            parameters[buffers.Length] = structure;
            Kernels.Driver.Launch(Kernels.Get(module, entry, Handle), (uint)blocks, threads, Handle, parameters);
        }
    }

    /// <summary>A table that kernels on this stream may read; copied when it is first asked for.</summary>
    public nint Table(float[] numbers) => Kernels.Tables.Get(numbers, Handle);

    /// <summary>To be called before work that draws random numbers by the number of its run.</summary>
    /// <exception cref="OperatorException">
    /// The stream is being captured: a graph that is replayed would draw the same random numbers in every run.
    /// </exception>
    public void RequireRandomNumbers()
    {
        if (!IsCapturing) return;
        throw new OperatorException(
            "cannot be part of a CUDA graph: its run number comes from the host, so all replays would draw the same "
            + "random numbers. Turn the provider option enable_cuda_graph off.");
    }

    /// <summary>Memory of the host that kernels on this stream may write to.</summary>
    public CudaHostBuffer AllocateOnHost(long bytes) => new(Kernels.Driver, bytes);

    /// <summary>
    /// Memory of the device for what kernels on this stream tell each other; to be given back when all of them are on
    /// it.
    /// </summary>
    public CudaWorkspace.Lease TakeWorkspace(long bytes) => Kernels.WorkspaceOf(Handle).Take(bytes);

    /// <summary>Puts zeros into memory of the device.</summary>
    public void Clear(nint address, long bytes) => Kernels.Driver.Clear(address, bytes, Handle);

    /// <summary>Waits until all work on the stream is done.</summary>
    public void Synchronize() => Kernels.Driver.Synchronize(Handle);

    /// <summary>Puts a copy within the device on the stream.</summary>
    public unsafe void Copy(void* target, void* source, long bytes) =>
        Kernels.Driver.CopyOnDevice(target, source, bytes, Handle);
}
