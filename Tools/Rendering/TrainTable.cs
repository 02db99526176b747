using OnnxActNN.Training.Loops;

namespace OnnxActNN.Tools.Rendering;

/// <summary>Where people see the figures of a training: live on a terminal, line by line elsewhere.</summary>
internal static class TrainTable
{
    /// <summary>Shows them while <paramref name="train"/> runs.</summary>
    /// <returns>What <paramref name="train"/> returns.</returns>
    public static bool Show(TextWriter output, Func<ITrainingListener, bool> train) => Terminal.IsTerminal(output)
        ? LiveTrainTable.Show(Terminal.Over(output), train)
        : train(new TrainLines(output));
}
