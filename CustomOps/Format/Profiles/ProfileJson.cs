using System.Text.Json.Serialization;

namespace OnnxActNN.Format.Profiles;

/// <summary>The JSON form of profiles: snake_case names; what follows from other fields is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    IgnoreReadOnlyProperties = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = false)]
[JsonSerializable(typeof(ActivationProfile))]
internal sealed partial class ProfileJson : JsonSerializerContext;
