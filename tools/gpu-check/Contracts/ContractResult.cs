namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>How many tensors were compared with the reference.</summary>
/// <param name="log">Gets a line for each that differs.</param>
internal sealed class ContractResult(TextWriter log)
{
    public int Checks { get; private set; }

    public int Failures { get; private set; }

    /// <summary>Counts a comparison.</summary>
    /// <param name="found">What the device gave.</param>
    /// <param name="expected">What the CPU gives.</param>
    /// <param name="what">The kernel and its tensor.</param>
    public void Compare(ReadOnlySpan<byte> found, ReadOnlySpan<byte> expected, string what)
    {
        Checks++;
        if (found.SequenceEqual(expected)) return;
        Failures++;
        log.WriteLine($"differs from the CPU: {what}");
    }
}
