namespace OnnxActNN.GpuCheck;

/// <summary>How many tensors were compared with the reference.</summary>
internal sealed class ContractResult
{
    public int Checks { get; set; }

    public int Failures { get; set; }
}
