using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Codes of activations' derivatives on a CUDA device: the same bytes as <see cref="DerivativePack"/> and
/// <see cref="ActivationGradient"/>. The header is checked on the device: a buffer that is no derivative of so many
/// elements gives gradients of NaN instead of an error.
/// </summary>
internal static unsafe class CudaDerivatives
{
    private const string Module = "derivatives";
    private const uint Threads = 256;

    /// <summary>A warp has one group.</summary>
    private const long GroupsPerBlock = Threads / 32;

    /// <summary>Puts a DerivativePack on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements, on the device.</param>
    /// <param name="alpha">Factor of x.</param>
    /// <param name="layout">Where everything goes.</param>
    /// <param name="packed"><see cref="DerivativeLayout.TotalBytes"/> bytes on the device, aligned to 8 bytes.</param>
    /// <exception cref="OperatorException">The driver refuses the launch, or the stream is being captured.</exception>
    public static void Pack(
        CudaStream stream, ElementType type, void* x, float alpha, DerivativeLayout layout, byte* packed)
    {
        stream.RequireRandomNumbers();
        var table = DerivativeTable.Of(layout.Format.Function);
        stream.Launch(
            Module, $"derivative_pack_{CudaElements.NameOf(type)}", BlocksFor(layout.GroupCount), Threads,
            new DerivativePackArguments(layout, table, alpha), (nint)x, stream.Table(table.Pieces), (nint)packed);
    }

    /// <summary>Puts dX = dY · f′ on a stream; dX may be dY.</summary>
    public static void Gradient(
        CudaStream stream, ElementType type, void* dY, long count, byte* packed, long packedBytes, void* dX)
    {
        if (count == 0) return;
        stream.Launch(
            Module, $"activation_grad_{CudaElements.NameOf(type)}",
            BlocksFor((count - 1) / DerivativeLayout.GroupElements + 1), Threads,
            new DerivativeGradientArguments(count, packedBytes), (nint)dY, (nint)packed, (nint)dX);
    }

    /// <summary>At least one: an empty tensor has a header.</summary>
    private static long BlocksFor(long groups) => Math.Max(1, (groups - 1) / GroupsPerBlock + 1);
}
