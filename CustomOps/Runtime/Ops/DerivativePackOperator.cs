using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// DerivativePack (X) → (packed, shape, passthrough): codes an activation's derivative at X and hands X on.
/// </summary>
internal sealed unsafe class DerivativePackOperator : IOperatorKernel
{
    private readonly ElementType _type;
    private readonly DerivativeFormat _format;
    private readonly PackKeys _keys;

    private DerivativePackOperator(OrtElementType type, OrtKernelInfo info)
    {
        _type = (ElementType)type;
        _format = new DerivativeFormat(
            ActivationDerivative.Named(info.GetText(DerivativeAttributes.Function, "")).Function,
            CodeWidths.FromLevels(info.GetInt(PackAttributes.Levels, PackAttributes.DefaultLevels)),
            PackAttributes.RoundingFrom(info.GetText(PackAttributes.Rounding, PackAttributes.RoundingDither)))
        {
            Alpha = info.GetFloat(DerivativeAttributes.Alpha, DerivativeAttributes.DefaultAlpha),
        };
        _keys = new PackKeys(info);
    }

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.DerivativePack.Name,
        Inputs = [type],
        Outputs = [OrtElementType.UInt8, OrtElementType.UInt8, type],
        PassThroughOutput = 2,
        RunsOnCuda = true,
        CreateKernel = info => new DerivativePackOperator(type, info),
    };

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        var layout = DerivativeLayout.Create(_format, _keys.Next(), x.Count);
        var packed = context.Output(0, [layout.TotalBytes]);
        context.Output(1, ShapeTensor.DimensionsFor(x.Dimensions));
        if (context.Cuda is { } stream)
            CudaDerivatives.Pack(stream, _type, x.Data, layout.Format.Alpha, layout, packed.Data);
        else
            DerivativePack.Run(KernelTiers.Current, _type, x.Data, layout, packed.Data, context.LoopOver(x.Count));
        PassThrough.Write(context, 2, x);
    }
}
