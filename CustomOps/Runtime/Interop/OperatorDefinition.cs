using System.Collections.Immutable;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>An operator for one element type: its signature, and how its kernels are made.</summary>
/// <remarks>ONNX Runtime tells definitions of the same name apart by their input types.</remarks>
internal sealed class OperatorDefinition
{
    /// <summary>Makes the kernel of one node; throws when the node's attributes make no sense.</summary>
    public delegate IOperatorKernel KernelFactory(OrtKernelInfo info);

    public required string Name { get; init; }

    public required ImmutableArray<OrtElementType> Inputs { get; init; }

    public required ImmutableArray<OrtElementType> Outputs { get; init; }

    /// <summary>The output that is the first input's buffer; null where there is none.</summary>
    public int? PassThroughOutput { get; init; }

    /// <summary>Inputs from this one on may be left out; all are required where it is null.</summary>
    public int? FirstOptionalInput { get; init; }

    /// <summary>The input whose buffer the first output takes over; null where there is none.</summary>
    public int? OverwrittenInput { get; init; }

    /// <summary>
    /// The input whose buffer the first output may take over when nobody else reads it; null where there is none.
    /// </summary>
    public int? OverwritableInput { get; init; }

    /// <summary>
    /// Whether the outputs 1 and 2 take over the buffers of the inputs 3 and 4: a training session keeps running
    /// statistics in what it gives to the graph.
    /// </summary>
    public bool UpdatesRunningStatistics { get; init; }

    /// <summary>
    /// Whether its kernels also run on CUDA: on tensors of the device, with their work on
    /// <see cref="OrtKernelContext.Cuda"/>.
    /// </summary>
    public bool RunsOnCuda { get; init; }

    /// <summary>
    /// The input that is wanted in the host's memory on CUDA too, because its values are read; null where there is
    /// none.
    /// </summary>
    public int? HostInput { get; init; }

    public required KernelFactory CreateKernel { get; init; }
}
