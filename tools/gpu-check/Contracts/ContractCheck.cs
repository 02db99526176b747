using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Every kernel on the device against the scalar reference, byte for byte.</summary>
internal static class ContractCheck
{
    /// <summary>Checks all kernels; says what is wrong on the writer.</summary>
    public static ContractResult Run(CudaDevice device, TextWriter log)
    {
        var result = new ContractResult(log);
        foreach (var type in Enum.GetValues<ElementType>())
        {
            PackContract.Run(device, type, result);
            MixedContract.Run(device, type, result);
            MaskContract.Run(device, type, result);
            PoolingContract.Run(device, type, result);
            DerivativeContract.Run(device, type, result);
            ProfileContract.Run(device, type, result);
        }
        InPlaceNormalizationContract.Run(device, result);
        NormalizationContract.Run(device, result);
        LayerNormalizationContract.Run(device, result);
        SoftmaxContract.Run(device, result);
        LossContract.Run(device, result);
        SumContract.Run(device, result);
        return result;
    }
}
