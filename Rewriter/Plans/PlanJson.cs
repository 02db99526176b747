using System.Text.Json.Serialization;

namespace OnnxActNN.Rewriter.Plans;

/// <summary>The JSON form of plans: snake_case names, for people to edit.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(BitPlan))]
internal sealed partial class PlanJson : JsonSerializerContext;
