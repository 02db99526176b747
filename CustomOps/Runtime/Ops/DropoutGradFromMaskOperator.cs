using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>DropoutGradFromMask (dY, packed, ratio) → dX: the gradient of Dropout from one bit per element.</summary>
/// <remarks>
/// As ONNX Runtime 1.19.2's DropoutGrad, bit for bit: dropped elements are multiplied by 0, and a ratio of 0 hands dY
/// on whatever the mask says.
/// </remarks>
internal sealed unsafe class DropoutGradFromMaskOperator(ElementType type) : IOperatorKernel
{
    private const int RatioInput = 2;

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.DropoutGradFromMask.Name,
        Inputs = [type, OrtElementType.UInt8, OrtElementType.Float32],
        Outputs = [type],
        OverwritableInput = 0,
        RunsOnCuda = true,
        HostInput = RatioInput,
        CreateKernel = _ => new DropoutGradFromMaskOperator((ElementType)type),
    };

    public void Compute(OrtKernelContext context)
    {
        var ratio = ReadRatio(context.Input(RatioInput));
        MaskGradientDispatch.Scale(
            context, type, context.Input(0), context.Input(1),
            new MaskFactors<float>(Kept: 1, Dropped: ratio == 0 ? 1 : 0, Divisor: 1 - ratio));
    }

    private static float ReadRatio(OrtTensor tensor)
    {
        if (tensor.Count != 1) throw new ArgumentException($"input 'ratio' has {tensor.Count} elements, not one.");
        var ratio = *(float*)tensor.Data;
        return ratio is >= 0 and < 1 ? ratio : throw new ArgumentException($"ratio {ratio} is not from 0 up to 1.");
    }
}
