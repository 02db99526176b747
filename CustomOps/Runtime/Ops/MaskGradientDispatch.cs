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
            KernelTiers.Current, type, dY.Data, dY.Count, packed.Data, packed.Count, dX.Data, context.Loop);
    }

    /// <summary>dX = dY · kept where the mask's bit is 1, else dY · dropped.</summary>
    public static void Multiply(
        OrtKernelContext context, ElementType type, OrtTensor dY, OrtTensor packed, float kept, float dropped)
    {
        var dX = context.Output(0, dY.Dimensions);
        if (context.Cuda is { } stream)
        {
            CudaMasks.Multiply(stream, type, dY.Data, dY.Count, packed.Data, packed.Count, kept, dropped, dX.Data);
            return;
        }
        MaskGradient.Multiply(
            KernelTiers.Current, type, dY.Data, dY.Count, packed.Data, packed.Count, kept, dropped, dX.Data, context.Loop);
    }
}
