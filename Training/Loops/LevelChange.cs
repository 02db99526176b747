namespace OnnxActNN.Training.Loops;

/// <summary>One tensor's levels before and after planning anew.</summary>
/// <param name="Tensor">Name of the tensor.</param>
/// <param name="From">Levels before; null where there was no plan.</param>
/// <param name="To">Levels now; 0 for exact.</param>
internal sealed record LevelChange(string Tensor, int? From, int To)
{
    public override string ToString() => From is { } before ? $"{Tensor} {Name(before)} to {Name(To)}" : $"{Tensor} {Name(To)}";

    private static string Name(int levels) => levels == 0 ? "exact" : $"{levels}";
}
