namespace OnnxActNN.Tools.Commands;

/// <summary>
/// The options of one <c>train</c> command; <see cref="TrainOptionSet"/> says what they mean and their defaults.
/// </summary>
internal sealed record TrainRequest
{
    public required string Artifacts { get; init; }

    public required string Data { get; init; }

    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required string Bits { get; init; }

    public required float LearningRate { get; init; }

    public required bool Evaluate { get; init; }

    public required string? Csv { get; init; }

    public required ulong Seed { get; init; }

    public required string Save { get; init; }

    public required string? Resume { get; init; }

    public required bool Compare { get; init; }

    public required int Threads { get; init; }

    public required int ReplanEvery { get; init; }

    public required double? AverageBits { get; init; }
}
