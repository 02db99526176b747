using System.Text.Json.Serialization;

namespace OnnxActNN.Training.Measurement;

/// <summary>The JSON form of requests and results: snake_case names, numbers that are no numbers as texts.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true,
    WriteIndented = false)]
[JsonSerializable(typeof(MeasureRequest))]
[JsonSerializable(typeof(MeasureReply))]
[JsonSerializable(typeof(MeasuredModel))]
[JsonSerializable(typeof(MeasureRatios))]
internal sealed partial class MeasureJson : JsonSerializerContext;
