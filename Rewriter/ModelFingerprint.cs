using System.Security.Cryptography;
using System.Text;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter;

/// <summary>
/// What tells one graph from another: nodes, names, attributes and declared types, but neither the parameters' values
/// nor how the file is laid out. Profiles and plans carry it.
/// </summary>
internal static class ModelFingerprint
{
    private const int Digits = 32;

    /// <summary>The fingerprint of a graph as it was read; passes change it.</summary>
    public static string Of(Model model)
    {
        var opsets = string.Join(' ', model.OpsetImports.OrderBy(import => import.Key, StringComparer.Ordinal)
            .Select(import => $"{import.Key}:{import.Value}"));
        var text = opsets + '\n' + GraphPrinter.Print(model.Graph);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Digits];
    }
}
