using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>The gradients that read a mask, on the device of the call.</summary>
internal static unsafe class MaskGradientDispatch
{
    /// <summary>dX = dY where the mask's bit is 1, else 0.</summary>
    public static void KeepOrZero(OrtKernelContext context, ElementType type, OrtTensor dY, OrtTensor packed)
    {
        var dX = context.Output(0, dY.Dimensions);
        if (context.Cuda is { } stream)
        {
            CudaMasks.KeepOrZero(stream, type, dY.Data, dY.Count, packed.Data, packed.Count, dX.Data);
            return;
        }
        MaskGradient.KeepOrZero(
            KernelTiers.Current, type, dY.Data, dY.Count, packed.Data, packed.Count, dX.Data,
            context.LoopOver(dY.Count));
    }

    /// <summary>dX = dY · kept / divisor where the mask's bit is 1, else dY · dropped / divisor.</summary>
    public static void Scale(
        OrtKernelContext context, ElementType type, OrtTensor dY, OrtTensor packed, MaskFactors<float> factors)
    {
        var dX = context.Output(0, dY.Dimensions);
        if (context.Cuda is { } stream)
        {
            CudaMasks.Scale(stream, type, dY.Data, dY.Count, packed.Data, packed.Count, factors, dX.Data);
            return;
        }
        MaskGradient.Scale(
            KernelTiers.Current, type, dY.Data, dY.Count, packed.Data, packed.Count, factors, dX.Data,
            context.LoopOver(dY.Count));
    }
}
