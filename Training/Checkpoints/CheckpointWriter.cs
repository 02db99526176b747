using OnnxActNN.Rewriter.Onnx;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>
/// Writes checkpoints that ONNX Runtime's training sessions load; the mirror of <see cref="CheckpointReader"/>.
/// </summary>
public static class CheckpointWriter
{
    /// <summary>Appended to the checkpoint's name: the file for data that does not fit inside.</summary>
    public const string ExternalSuffix = ".data";

    /// <summary>
    /// Checkpoints with more data than this (1 GiB) keep it in a file of its own: a FlatBuffers file ends at 2 GB.
    /// </summary>
    internal const long InlineLimit = 1L << 30;

    /// <summary>Writes a checkpoint, so that a file of that name is complete or as it was before.</summary>
    /// <remarks>
    /// <c>PATH.data</c> keeps the data of the checkpoint that is replaced until the next one is written, so that this
    /// one holds if the process ends in between: it may be twice as long as its data, three times where tensors grew.
    /// It is written in place; who wants to keep it copies it.
    /// </remarks>
    /// <param name="checkpoint">What to write.</param>
    /// <param name="path">The file. Data of more than 1 GiB goes to <c>PATH.data</c>, tensor by tensor.</param>
    /// <exception cref="ArgumentException">
    /// A tensor's data do not have the size that its type and shape ask for.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteFile(Checkpoint checkpoint, string path) => WriteFile(checkpoint, path, InlineLimit);

    internal static void WriteFile(Checkpoint checkpoint, string path, long inlineLimit)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Check(checkpoint);
        if (checkpoint.IsNominal || AllTensors(checkpoint).Sum(tensor => (long)tensor.Data.Length) <= inlineLimit)
        {
            var inline = CheckpointBuilder.Build(checkpoint, offsets: null);
            AtomicFile.Write(path, stream => stream.Write(inline.AsSpan()));
            return;
        }
        var data = CheckpointDataFile.Write(path, AllTensors(checkpoint));
        var content = CheckpointBuilder.Build(checkpoint, data.Offsets);
        AtomicFile.Write(path, stream => stream.Write(content.AsSpan()));
        data.DropOld();
    }

    private static IEnumerable<CheckpointTensor> AllTensors(Checkpoint checkpoint) => checkpoint.Parameters.Concat(
        checkpoint.OptimizerGroups.SelectMany(group => group.States).SelectMany(state => state.Momentums));

    private static void Check(Checkpoint checkpoint)
    {
        foreach (var tensor in AllTensors(checkpoint))
        {
            var expected = checkpoint.IsNominal ? 0 : tensor.ExpectedBytes();
            if (tensor.Data.Length != expected)
            {
                throw new ArgumentException(
                    $"'{tensor.Name}' should have {expected} bytes of data and has {tensor.Data.Length}.", nameof(
                        checkpoint));
            }
        }
    }
}
