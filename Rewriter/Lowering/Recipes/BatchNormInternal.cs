using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Batch normalization in training mode, with the batch's mean and inverse deviation as outputs 3 and 4 for the
/// backward pass. mean = E[X], variance = E[(X − mean)²] over all axes but the channels'; Y = BatchNormalization(X) at
/// those statistics; running statistic = momentum·old + (1 − momentum)·new. Source: ONNX BatchNormalization-15;
/// batch_norm.h of ONNX Runtime 1.19.2.
/// </summary>
/// <remarks>ONNX Runtime's CUDA provider has BatchNormalization at given statistics, not in training mode.</remarks>
internal sealed class BatchNormInternal : IRecipe
{
    private const float DefaultMomentum = 0.9f;
    private const float DefaultEpsilon = 1e-5f;

    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "BatchNormInternal");

    public long Opset => 14;

    public void Write(NodeWriter writer)
    {
        if (writer.Node.Attributes.GetInt("training_mode", 1) == 0) throw NodeWriter.Fail("training_mode is 0");
        var epsilon = writer.Node.Attributes.GetFloat("epsilon", DefaultEpsilon);
        var x = writer.Input(0);
        var axes = ChannelStatistics.OtherAxes(writer.RankOf(0));
        var mean = ReduceMean(x, axes);
        var centered = x - mean;
        var variance = ReduceMean(centered * centered, axes, keepAxes: false);
        var flatMean = Reshape(mean, -1);
        writer.Return(0, writer.Write(
            "BatchNormalization", [x, writer.Input(1), writer.Input(2), flatMean, variance],
            attributes => attributes.Set("epsilon", new AttributeValue.Float(epsilon))));
        ReturnStatistics(writer, flatMean, variance, epsilon);
    }

    private static void ReturnStatistics(NodeWriter writer, Term mean, Term variance, float epsilon)
    {
        var momentum = writer.Node.Attributes.GetFloat("momentum", DefaultMomentum);
        if (writer.IsWanted(1)) writer.Return(1, Running(writer.Input(3), mean, momentum));
        if (writer.IsWanted(2)) writer.Return(2, Running(writer.Input(4), variance, momentum));
        writer.Return(3, mean);
        if (writer.IsWanted(4)) writer.Return(4, Reciprocal(Sqrt(variance + epsilon)));
    }

    private static Term Running(Term old, Term batch, float momentum) => momentum * old + (1 - momentum) * batch;
}
