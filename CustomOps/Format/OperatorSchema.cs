using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.Format;

/// <summary>Names, inputs, outputs and attributes of the operators, as they stand in ONNX files.</summary>
public static class OperatorSchema
{
    /// <summary>Operator domain.</summary>
    public const string Domain = "ai.onnxactnn";

    /// <summary>Version of the operator set.</summary>
    public const int Version = 1;

    /// <summary>X → packed, shape, passthrough: packs a tensor and hands it on.</summary>
    public static class QuantizePack
    {
        /// <summary>Operator type.</summary>
        public const string Name = "QuantizePack";

        /// <summary>Inputs, in order.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>
        /// Outputs, in order: uint8[n] of <see cref="PackedLayout.TotalBytes"/>, uint8[dims(X)..., 0], and X itself.
        /// </summary>
        public static IReadOnlyList<string> Outputs { get; } = ["packed", "shape", "passthrough"];
    }

    /// <summary>packed, shape, trigger → Y: decodes late, when its consumer's gradient is there.</summary>
    public static class UnpackDequant
    {
        /// <summary>Operator type; with <see cref="SliceAttributes"/> Y is a slice of the samples.</summary>
        public const string Name = "UnpackDequant";

        /// <summary>Inputs, in order; trigger is never read, it orders the node and has the type of Y.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["packed", "shape", "trigger"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["Y"];
    }

    /// <summary>X → shape, passthrough: keeps the dimensions of a tensor and none of its bytes.</summary>
    public static class ShapeCarrier
    {
        /// <summary>Operator type.</summary>
        public const string Name = "ShapeCarrier";

        /// <summary>Inputs, in order.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["shape", "passthrough"];
    }

    /// <summary>X → passthrough: hands a tensor on and measures it into a profile.</summary>
    public static class ActProfile
    {
        /// <summary>Operator type.</summary>
        public const string Name = "ActProfile";

        /// <summary>Inputs, in order.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["passthrough"];
    }

    /// <summary>X → packed, shape, passthrough: one bit per element, whether it passes a test.</summary>
    public static class MaskPack
    {
        /// <summary>Operator type.</summary>
        public const string Name = "MaskPack";

        /// <summary>Inputs, in order; X is a floating-point or a bool tensor.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>
        /// Outputs, in order: uint8[n] of <see cref="MaskFormat.BytesOf"/>, uint8[dims(X)..., 0], and X itself.
        /// </summary>
        public static IReadOnlyList<string> Outputs { get; } = ["packed", "shape", "passthrough"];
    }

    /// <summary>packed, shape, trigger → Y: the bits of a MaskPack as a bool tensor.</summary>
    public static class MaskUnpack
    {
        /// <summary>Operator type.</summary>
        public const string Name = "MaskUnpack";

        /// <summary>Inputs, in order; trigger is never read, it orders the node.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["packed", "shape", "trigger"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["Y"];
    }

    /// <summary>dY, packed → dX = dY where the bit of a MaskPack is 1, else alpha·dY (0 without alpha).</summary>
    public static class ReluGradFromMask
    {
        /// <summary>Operator type.</summary>
        public const string Name = "ReluGradFromMask";

        /// <summary>Inputs, in order; the mask has as many elements as dY.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX"];
    }

    /// <summary>
    /// dY, packed, ratio → dX = dY/(1 − ratio) where the bit of a MaskPack is 1, else 0·dY/(1 − ratio); with ratio 0 dX
    /// = dY.
    /// </summary>
    public static class DropoutGradFromMask
    {
        /// <summary>Operator type.</summary>
        public const string Name = "DropoutGradFromMask";

        /// <summary>Inputs, in order; ratio is a float32 scalar from 0 up to, not including, 1.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed", "ratio"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX"];
    }

    /// <summary>dY, packed → dX = dY where the bit of a MaskPack is 1, else 0·dY.</summary>
    public static class ClipGradFromMask
    {
        /// <summary>Operator type.</summary>
        public const string Name = "ClipGradFromMask";

        /// <summary>Inputs, in order; the mask has as many elements as dY.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX"];
    }

    /// <summary>dY, packed → dX = dY where the code of a zero-exact QuantizePack is not 0, else 0.</summary>
    public static class ReluGradFromCodes
    {
        /// <summary>Operator type.</summary>
        public const string Name = "ReluGradFromCodes";

        /// <summary>Inputs, in order; packed holds a tensor of dY's type and dimensions.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX"];
    }

    /// <summary>X → packed, shape, passthrough: codes of an activation's derivative at X.</summary>
    public static class DerivativePack
    {
        /// <summary>Operator type.</summary>
        public const string Name = "DerivativePack";

        /// <summary>Inputs, in order; X is the activation's input, of Sigmoid and Tanh the output.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>
        /// Outputs, in order: uint8[n] of <see cref="DerivativeLayout.TotalBytes"/>, uint8[dims(X)..., 0], and X
        /// itself.
        /// </summary>
        public static IReadOnlyList<string> Outputs { get; } = ["packed", "shape", "passthrough"];
    }

    /// <summary>dY, packed → dX = dY · f′, with f′ as a DerivativePack stored it.</summary>
    public static class ActivationGradFromCodes
    {
        /// <summary>Operator type.</summary>
        public const string Name = "ActivationGradFromCodes";

        /// <summary>Inputs, in order; packed is of a tensor with as many elements as dY.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX"];
    }

    /// <summary>Indices, X → packed, shape: the offsets of MaxPool's indices in their windows.</summary>
    public static class IndexPack
    {
        /// <summary>Operator type.</summary>
        public const string Name = "IndexPack";

        /// <summary>
        /// Inputs, in order: MaxPool's second output, and its input, of which only the dimensions are read.
        /// </summary>
        public static IReadOnlyList<string> Inputs { get; } = ["Indices", "X"];

        /// <summary>
        /// Outputs, in order: uint8[n] of <see cref="IndexLayout.TotalBytes"/>, and uint8[dims(X)..., 0].
        /// </summary>
        public static IReadOnlyList<string> Outputs { get; } = ["packed", "shape"];
    }

    /// <summary>X → packed, shape, Y: MaxPool, with the offsets of its elements in their windows.</summary>
    public static class MaxPoolIndexPack
    {
        /// <summary>Operator type.</summary>
        public const string Name = "MaxPoolIndexPack";

        /// <summary>Inputs, in order.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>
        /// Outputs, in order: uint8[n] of <see cref="IndexLayout.TotalBytes"/>, uint8[dims(X)..., 0], and the pool's
        /// result.
        /// </summary>
        public static IReadOnlyList<string> Outputs { get; } = ["packed", "shape", "Y"];
    }

    /// <summary>dY, packed, shape → dX: each element of dY is added where its index says.</summary>
    public static class MaxPoolGradFromIndex
    {
        /// <summary>Operator type.</summary>
        public const string Name = "MaxPoolGradFromIndex";

        /// <summary>Inputs, in order.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed", "shape"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX"];
    }

    /// <summary>
    /// X, packed → passthrough: X itself, once packed is there. So a pack of a tensor that no forward node reads runs
    /// in the forward pass: its producer's other output goes through here.
    /// </summary>
    public static class Anchor
    {
        /// <summary>Operator type.</summary>
        public const string Name = "Anchor";

        /// <summary>Inputs, in order; packed is never read.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X", "packed"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["passthrough"];
    }

    /// <summary>
    /// packed X, shape, trigger, statistics, mask, addend → Y: what batch normalization, a residual sum and Relu made
    /// of X.
    /// </summary>
    public static class BatchNormalizationFromPacked
    {
        /// <summary>
        /// Operator type; with <see cref="SliceAttributes"/> Y and addend are a slice of the samples.
        /// </summary>
        public const string Name = "BatchNormalizationFromPacked";

        /// <summary>
        /// Inputs, in order. trigger is never read. scale, bias, mean and inv_std are float[C]; where X has more than C
        /// channels, the first C are read. mask is a MaskPack's; elements without a bit become the nearer of the
        /// attributes <see cref="MaskAttributes.Min"/> and <see cref="MaskAttributes.Max"/>, 0 where left out. addend,
        /// of Y's shape, is added before. Both may be left out.
        /// </summary>
        public static IReadOnlyList<string> Inputs { get; } =
            ["packed", "shape", "trigger", "scale", "bias", "mean", "inv_std", "mask", "addend"];

        /// <summary>Outputs, in order; Y takes over the buffer of addend.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["Y"];
    }

    /// <summary>
    /// dY, packed X, shape, statistics, mask → dX, dscale, dbias: the gradient of batch normalization.
    /// </summary>
    public static class BatchNormalizationGradFromPacked
    {
        /// <summary>Operator type.</summary>
        public const string Name = "BatchNormalizationGradFromPacked";

        /// <summary>
        /// Inputs, in order. scale, mean and inv_std are float[C]; where X has more than C channels, the first C are
        /// read. mask, a MaskPack's, may be left out; where it has no bit, dY is taken as 0.
        /// </summary>
        public static IReadOnlyList<string> Inputs { get; } =
            ["dY", "packed", "shape", "scale", "mean", "inv_std", "mask"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX", "dscale", "dbias"];
    }

    /// <summary>
    /// X, trigger → Y: a slice of a tensor's samples, once the trigger is there; see <see cref="Format.BatchSlice"/>.
    /// </summary>
    public static class BatchSlice
    {
        /// <summary>Operator type; attributes <see cref="SliceAttributes"/>.</summary>
        public const string Name = "BatchSlice";

        /// <summary>Inputs, in order; trigger, a bool tensor that may be left out, is never read.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X", "trigger"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["Y"];
    }

    /// <summary>
    /// A, B, trigger → C = A + B, in the place of A where nobody else reads it: ONNX Runtime's own sums take a buffer
    /// more.
    /// </summary>
    public static class AddInPlace
    {
        /// <summary>Operator type.</summary>
        public const string Name = "AddInPlace";

        /// <summary>
        /// Inputs, in order. A and B are of one shape, or B has more channels, of which those from
        /// <see cref="SumAttributes.First"/> on are added. trigger is never read, it orders the node; it may be left
        /// out.
        /// </summary>
        public static IReadOnlyList<string> Inputs { get; } = ["A", "B", "trigger"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["C"];
    }

    /// <summary>
    /// X, scale, bias, running statistics → Y and statistics: batch normalization in training, as com.microsoft's
    /// BatchNormInternal, in the place of X where nobody else reads it.
    /// </summary>
    public static class BatchNormalizationInPlace
    {
        /// <summary>Operator type; attributes epsilon and momentum as BatchNormInternal's.</summary>
        public const string Name = "BatchNormalizationInPlace";

        /// <summary>Inputs, in order; all but X are float[C].</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X", "scale", "B", "input_mean", "input_var"];

        /// <summary>
        /// Outputs, in order; running_mean and running_var take over the buffers of input_mean and input_var.
        /// </summary>
        public static IReadOnlyList<string> Outputs { get; } =
            ["Y", "running_mean", "running_var", "saved_mean", "saved_inv_std"];
    }

    /// <summary>
    /// dY, packed P, shape, sum → dX = P · (dY − sum): the gradient of softmax, the sum of P · dY over its axis being
    /// known.
    /// </summary>
    public static class SoftmaxGradFromPacked
    {
        /// <summary>Operator type.</summary>
        public const string Name = "SoftmaxGradFromPacked";

        /// <summary>Inputs, in order. sum has one number for each row of P, its last axis.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed", "shape", "sum"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX"];
    }

    /// <summary>
    /// dY, packed probabilities, shape, labels, weight → dX: the gradient of SoftmaxCrossEntropyLoss.
    /// </summary>
    public static class SoftmaxCrossEntropyLossGradFromPacked
    {
        /// <summary>Operator type.</summary>
        public const string Name = "SoftmaxCrossEntropyLossGradFromPacked";

        /// <summary>
        /// Inputs, in order. packed holds exp(log_prob), of dimensions [N, classes, ...]; labels are int64 or int32;
        /// weight, float[classes], may be left out.
        /// </summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed", "shape", "labels", "weight"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX"];
    }

    /// <summary>packed X, shape, trigger, scale, statistics, bias → Y: what layer normalization made of X.</summary>
    public static class LayerNormalizationFromPacked
    {
        /// <summary>Operator type.</summary>
        public const string Name = "LayerNormalizationFromPacked";

        /// <summary>
        /// Inputs, in order. trigger is never read. scale and bias are float[columns], inv_std and mean float[rows]
        /// with rows · columns elements of X, in any shape. mean, which a normalization by the root mean square does
        /// not have, and bias may be left out.
        /// </summary>
        public static IReadOnlyList<string> Inputs { get; } =
            ["packed", "shape", "trigger", "scale", "bias", "mean", "inv_std"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["Y"];
    }

    /// <summary>
    /// dY, packed X, shape, scale, statistics → dX, dscale, dbias: the gradient of layer normalization.
    /// </summary>
    public static class LayerNormalizationGradFromPacked
    {
        /// <summary>Operator type.</summary>
        public const string Name = "LayerNormalizationGradFromPacked";

        /// <summary>
        /// Inputs, in order, as those of <see cref="LayerNormalizationFromPacked"/>; mean may be left out.
        /// </summary>
        public static IReadOnlyList<string> Inputs { get; } = ["dY", "packed", "shape", "scale", "mean", "inv_std"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["dX", "dscale", "dbias"];
    }
}
