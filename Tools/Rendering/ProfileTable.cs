using System.Globalization;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.Tools.Rendering;

/// <summary>One line on a profile, and warnings on what a code cannot keep.</summary>
internal static class ProfileTable
{
    public static void Write(TextWriter output, ActivationProfile profile, string path)
    {
        var activations = profile.Tensors.Where(tensor => tensor.Role == ProfileRole.Activation).ToList();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{activations.Count} saved tensors and {profile.Tensors.Count - activations.Count} gradients measured, "
                + $"{profile.Measured.Count} of the tensors packed alone; written to {path}."));
        foreach (var tensor in activations.Where(tensor => tensor.NonFinite > 0))
            output.WriteLine($"{tensor.Name} has {tensor.NonFinite} elements that are NaN or infinite.");
    }
}
