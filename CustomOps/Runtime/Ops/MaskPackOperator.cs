using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>MaskPack (X) → (packed, shape, passthrough): keeps one bit per element of X and hands X on.</summary>
internal sealed unsafe class MaskPackOperator : IOperatorKernel
{
    private readonly OrtElementType _type;
    private readonly KeyRange _range;

    private MaskPackOperator(OrtElementType type, OrtKernelInfo info)
    {
        _type = type;
        _range = type == OrtElementType.Bool ? ReadBoolTest(info) : ReadTest((ElementType)type, info);
    }

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.MaskPack.Name,
        Inputs = [type],
        Outputs = [OrtElementType.UInt8, OrtElementType.UInt8, type],
        PassThroughOutput = 2,
        RunsOnCuda = true,
        CreateKernel = info => new MaskPackOperator(type, info),
    };

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        var packed = context.Output(0, [MaskFormat.BytesOf(x.Count)]);
        context.Output(1, ShapeTensor.DimensionsFor(x.Dimensions));
        if (context.Cuda is { } stream)
            CudaMasks.Pack(stream, OrtElementTypes.BytesOf(_type), x.Data, x.Count, _range, packed.Data);
        else if (_type == OrtElementType.Bool)
            MaskPack.RunBool(KernelTiers.Current, x.Data, x.Count, packed.Data, context.LoopOver(x.Count));
        else
            MaskPack.Run(
                KernelTiers.Current, (ElementType)_type, x.Data, x.Count, _range, packed.Data,
                context.LoopOver(x.Count));
        PassThrough.Write(context, 2, x);
    }

    private static KeyRange ReadBoolTest(OrtKernelInfo info) =>
        MaskAttributes.TestFrom(info.GetText(MaskAttributes.Test, MaskAttributes.TestNonzero)) == MaskTest.Nonzero
            ? KeyRange.Bool
            : throw new ArgumentException(
                $"attribute '{MaskAttributes.Test}' of a bool tensor can only be \"{MaskAttributes.TestNonzero}\".");

    private static KeyRange ReadTest(ElementType type, OrtKernelInfo info) => KeyRange.Of(
        type,
        MaskAttributes.TestFrom(info.GetText(MaskAttributes.Test, MaskAttributes.TestPositive)),
        info.GetFloat(MaskAttributes.Min, float.NegativeInfinity),
        info.GetFloat(MaskAttributes.Max, float.PositiveInfinity));
}
