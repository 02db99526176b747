using System.Diagnostics;
using System.Globalization;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>How long a step took, in milliseconds.</summary>
/// <param name="Gradients">Forward and backward pass.</param>
/// <param name="Optimizer">The optimizer's step.</param>
internal readonly record struct StepTime(double Gradients, double Optimizer)
{
    public double Total => Gradients + Optimizer;

    public static StepTime Measure(Action gradients, Action optimizer)
    {
        var watch = Stopwatch.StartNew();
        gradients();
        var between = watch.Elapsed;
        optimizer();
        return new StepTime(between.TotalMilliseconds, (watch.Elapsed - between).TotalMilliseconds);
    }

    public static StepTime Parse(string line)
    {
        var numbers = line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToList();
        return new StepTime(numbers[0], numbers[1]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Gradients:R} {Optimizer:R}");
}
