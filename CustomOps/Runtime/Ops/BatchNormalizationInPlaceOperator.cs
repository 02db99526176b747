using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// BatchNormalizationInPlace (X, scale, B, input_mean, input_var) → (Y, running_mean, running_var, saved_mean,
/// saved_inv_std): see <see cref="BatchNormalizationInPlace"/>.
/// </summary>
internal sealed unsafe class BatchNormalizationInPlaceOperator(float epsilon, float momentum) : IOperatorKernel
{
    private const float DefaultEpsilon = 1e-5f;
    private const float DefaultMomentum = 0.9f;
    private const int RunningMean = 3;
    private const int RunningVariance = 4;

    /// <summary>For float32.</summary>
    public static OperatorDefinition Definition { get; } = new()
    {
        Name = OperatorSchema.BatchNormalizationInPlace.Name,
        Inputs = [.. Enumerable.Repeat(OrtElementType.Float32, OperatorSchema.BatchNormalizationInPlace.Inputs.Count)],
        Outputs = [
            .. Enumerable.Repeat(OrtElementType.Float32, OperatorSchema.BatchNormalizationInPlace.Outputs.Count)],
        OverwritableInput = 0,
        UpdatesRunningStatistics = true,
        RunsOnCuda = true,
        CreateKernel = info => new BatchNormalizationInPlaceOperator(
            info.GetFloat("epsilon", DefaultEpsilon), info.GetFloat("momentum", DefaultMomentum)),
    };

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        var shape = PlaneShape.Of(x.Dimensions);
        long[] numbers = [shape.Channels];
        var newMean = (float*)context.Output(1, numbers).Data;
        var newVariance = (float*)context.Output(2, numbers).Data;
        var channels = new NormalizationChannels
        {
            Scale = Numbers(context, 1, shape),
            Bias = Numbers(context, 2, shape),
            RunningMean = Numbers(context, RunningMean, shape),
            RunningVariance = Numbers(context, RunningVariance, shape),
            NewRunningMean = newMean,
            NewRunningVariance = newVariance,
            Mean = (float*)context.Output(3, numbers).Data,
            InverseDeviation = (float*)context.Output(4, numbers).Data,
            Epsilon = epsilon,
            Momentum = momentum,
        };
        var y = context.Output(0, x.Dimensions);
        var stream = context.Cuda;
        if (stream is { } device)
            CudaBatchNormalizationInPlace.Run(device, shape, (float*)x.Data, channels, (float*)y.Data);
        else
            BatchNormalizationInPlace.Run(shape, (float*)x.Data, channels, (float*)y.Data, context.LoopOver(x.Count));
        if (context.HonoursAliases) return;
        // A training session reads the running statistics off what it gave to the graph.
        CopyBack(stream, newMean, channels.RunningMean, shape);
        CopyBack(stream, newVariance, channels.RunningVariance, shape);
    }

    private static float* Numbers(OrtKernelContext context, int input, PlaneShape shape)
    {
        var tensor = context.Input(input);
        if (tensor.Count == shape.Channels) return (float*)tensor.Data;
        throw new ArgumentException(
            $"input '{OperatorSchema.BatchNormalizationInPlace.Inputs[input]}' has {tensor.Count} numbers for "
                + $"{shape.Channels} channels.");
    }

    private static void CopyBack(CudaStream? stream, float* result, float* input, PlaneShape shape)
    {
        var bytes = shape.Channels * sizeof(float);
        if (stream is { } device)
            device.Copy(input, result, bytes);
        else
            Buffer.MemoryCopy(result, input, bytes, bytes);
    }
}
