namespace OnnxActNN.Tools.Commands;

/// <summary>The options of one <c>train</c> command; see <see cref="TrainCommand"/> for what they mean.</summary>
internal sealed record TrainRequest(
    string Artifacts, string Data, int Epochs, int BatchSize, string Bits, float LearningRate, bool Evaluate,
    string? Csv, ulong Seed, string Save, string? Resume, bool Compare, int Threads, int ReplanEvery,
    double? AverageBits);
