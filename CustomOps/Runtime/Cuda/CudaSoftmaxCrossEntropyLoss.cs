using OnnxActNN.CustomOps.Cpu.Losses;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// The gradient of softmax and its cross entropy from packed probabilities on a CUDA device: the same numbers as
/// <see cref="SoftmaxCrossEntropyLossGradFromPacked"/>; a NaN may have other bits. A buffer that is no pack of that
/// shape gives NaN instead of an error; so does a label that is no class, for its part of the gradient, and with
/// <see cref="LossReduction.Mean"/> for all labels that count.
/// </summary>
internal static class CudaSoftmaxCrossEntropyLoss
{
    private const string Module = "softmax_cross_entropy_loss";
    private const uint Threads = 256;
    private const long BlockElements = Threads / 32 * 1024;

    /// <summary>Puts dX = r · (P − onehot(label)) on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="factors">What r is.</param>
    /// <param name="dY">The gradient of the loss: one number, or without reduction one for each label.</param>
    /// <param name="packed">P, packed, float32; aligned to 8 bytes. Any bytes are safe.</param>
    /// <param name="dims">Dimensions of P, at least 2.</param>
    /// <param name="labels">The labels, in the order of P without its classes.</param>
    /// <param name="weights">A number for each class; 0 for none.</param>
    /// <param name="dX">Room for all elements; all are written.</param>
    public static void Gradient(
        CudaStream stream, LabelFactors factors, nint dY, DeviceBytes packed, ReadOnlySpan<long> dims,
        LabelAddresses labels, nint weights, nint dX)
    {
        var arguments = new LossArguments(packed.Count, dims, factors, labels, weights != 0);
        var count = arguments.Tensor.ElementCount;
        if (count == 0) return;
        // Every parameter of a kernel is an address; that of absent weights is not used.
        var ofClasses = weights != 0 ? weights : packed.Address;
        if (factors.Reduction != LossReduction.Mean)
        {
            Write(0, count);
            return;
        }
        // There is no memory for the sum of the weights but the last element's, which is written when all others are.
        stream.Launch(
            Module, "label_weight_sum", 1, LabelFactors.PartialSums, arguments,
            labels.Address, ofClasses, dX + (nint)((count - 1) * sizeof(float)));
        Write(0, count - 1);
        Write(count - 1, count);

        void Write(long first, long end)
        {
            if (first == end) return;
            (arguments.First, arguments.End) = (first, end);
            stream.Launch(
                Module, "softmax_cross_entropy_loss_grad_from_packed", (end - first - 1) / BlockElements + 1, Threads,
                arguments, dY, packed.Address, labels.Address, ofClasses, dX, dX);
        }
    }
}
