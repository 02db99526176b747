using OnnxActNN.Training;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Testing;

/// <summary>Steps of a training session on a zoo entry's recorded inputs.</summary>
internal static class SessionTraining
{
    /// <summary>One thread, so that sums have one order.</summary>
    public static SessionSettings OneThread { get; } = new() { Threads = 1 };

    /// <summary>Losses of so many steps, each with the inputs of its number, followed by an optimizer step.</summary>
    public static List<double> Train(this TrainingSession session, ZooGraph zoo, int steps, int firstStep = 0)
    {
        var losses = new List<double>(steps);
        for (var step = firstStep; step < firstStep + steps; step++)
        {
            using var feeds = zoo.Feeds(step);
            session.LazyResetGrad();
            losses.Add(session.Loss(feeds));
            session.OptimizerStep();
        }
        return losses;
    }

    /// <summary>The loss of one forward and backward pass.</summary>
    public static float Loss(this TrainingSession session, FeedBatch feeds)
    {
        using var outputs = session.TrainStep(feeds.InOrder(session.InputNames(training: true)));
        return outputs[0].GetTensorDataAsSpan<float>()[0];
    }

    /// <summary>A copy of the gradients, by parameter.</summary>
    public static Dictionary<string, float[]> CopyGradients(this TrainingSession session) =>
        session.Gradients.Names.ToDictionary(name => name, name => session.Gradients[name].ToArray());

    /// <summary>The largest relative difference of two runs' losses at the same step.</summary>
    public static double LargestDifference(IEnumerable<double> losses, IEnumerable<double> expected) =>
        losses.Zip(expected, (loss, want) => Math.Abs(loss - want) / Math.Abs(want)).Max();

    /// <summary>The losses that an entry's makers recorded of native training.</summary>
    public static List<double> RecordedLosses(this ZooGraph zoo) =>
        [.. zoo.Oracle().GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble())];
}
