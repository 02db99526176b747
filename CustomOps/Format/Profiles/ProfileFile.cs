using System.Text.Json;

namespace OnnxActNN.Format.Profiles;

/// <summary>Profiles as JSON files.</summary>
public static class ProfileFile
{
    /// <summary>Reads a profile.</summary>
    /// <exception cref="InvalidDataException">The file is no profile, or one of another version.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ActivationProfile Read(string path)
    {
        try
        {
            var profile = JsonSerializer.Deserialize(File.ReadAllBytes(path), ProfileJson.Default.ActivationProfile);
            if (profile is { Schema: ActivationProfile.SchemaName, Version: ActivationProfile.CurrentVersion })
            {
                profile = ProfileCheck.Complete(profile);
                return ProfileCheck.Problem(profile) is { } problem
                    ? throw new InvalidDataException($"'{path}' {problem}; make it again with 'onnxactnn profile'.")
                    : profile;
            }
            throw new InvalidDataException(
                $"'{path}' is no {ActivationProfile.SchemaName} of version {ActivationProfile.CurrentVersion}; make "
                    + "it again with 'onnxactnn profile'.");
        }
        catch (JsonException reason)
        {
            throw new InvalidDataException($"'{path}' is no profile: {reason.Message}", reason);
        }
    }

    /// <summary>Writes a profile.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(ActivationProfile profile, string path) =>
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(profile, ProfileJson.Default.ActivationProfile));
}
