using System.Collections.Frozen;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering.Recipes;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>One recipe per operator.</summary>
internal static class RecipeTable
{
    private static readonly FrozenDictionary<OperatorId, IRecipe> Rows = new IRecipe[]
    {
        // Activations.
        new ReluGrad(),
        new LeakyReluGrad(),
        new SigmoidGrad(),
        new TanhGrad(),
        new GeluGrad(),
        new FastGeluGrad(),
        new QuickGeluGrad(),
        new BiasGeluGrad("BiasGeluGrad_dX", GeluGrad.Gradient),
        new BiasGeluGrad("BiasFastGeluGrad_dX", FastGeluGrad.Gradient),
        new SoftmaxGrad("SoftmaxGrad", defaultAxis: 1, toTheLastAxis: true),
        new SoftmaxGrad("SoftmaxGrad_13", defaultAxis: -1, toTheLastAxis: false),
        new LogSoftmaxGrad("LogSoftmaxGrad", defaultAxis: 1, toTheLastAxis: true),
        new LogSoftmaxGrad("LogSoftmaxGrad_13", defaultAxis: -1, toTheLastAxis: false),

        // Convolutions and pools.
        new ConvGrad(),
        new ConvTransposeGrad(),
        new MaxPoolGrad(),
        new AveragePoolGrad(),
        new ResizeGrad(),

        // Normalizations and dropout.
        new BatchNormInternal(),
        new BatchNormalizationGrad(),
        new LayerNormalizationGrad("LayerNormalizationGrad", hasMean: true),
        new LayerNormalizationGrad("SimplifiedLayerNormalizationGrad", hasMean: false),
        new DropoutGrad(),

        // Recurrent networks.
        new LSTMTraining(),
        new LSTMGrad(),

        // Losses.
        new SoftmaxCrossEntropyLossGrad("SoftmaxCrossEntropyLossGrad"),
        new SoftmaxCrossEntropyLossGrad("SoftmaxCrossEntropyLossInternalGrad"),
        new SoftmaxCrossEntropyLossInternal(),

        // Moves, sums and products.
        new GatherGrad(),
        new GatherElementsGrad(),
        new GatherNDGrad(),
        new SliceGrad(),
        new ConcatTraining(),
        new SplitTraining(),
        new ReduceSumTraining(),
        new BroadcastGradientArgs(),
        new Scale(),
        new DivGrad(),
    }.ToFrozenDictionary(recipe => recipe.Operator);

    /// <summary>Every recipe.</summary>
    public static IEnumerable<IRecipe> All => Rows.Values;

    public static IRecipe? Find(OperatorId op) => Rows.GetValueOrDefault(op);
}
