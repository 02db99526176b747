namespace OnnxActNN.Training.Optimizers;

/// <summary>
/// The arithmetic of an optimizer, element by element. It keeps no state: the session owns the moments.
/// </summary>
/// <remarks>
/// Called from several threads at once, each with another part of the parameters, so an implementation must not write
/// to itself.
/// </remarks>
public interface IOptimizer
{
    /// <summary>
    /// Moments kept per parameter, 0 to 2, each as large as the parameter. In a checkpoint they are called
    /// <c>momentum0</c> and <c>momentum1</c>; all start at zero.
    /// </summary>
    public int Moments { get; }

    /// <summary>Updates one part of a parameter and of its moments in place.</summary>
    /// <param name="step">Number of this step and the learning rate.</param>
    /// <param name="part">The elements, at most <see cref="OptimizerPart.LargestLength"/>.</param>
    public void Update(OptimizerStep step, OptimizerPart part);
}
