using System.CommandLine;

namespace OnnxActNN.Tools;

/// <summary>Which values an option may have.</summary>
internal static class OptionRules
{
    /// <summary>Refuses values that the rule is not true of: "--measure is 0, or at least 2."</summary>
    public static void Require<T>(this Option<T> option, Func<T?, bool> isRight, string rule) =>
        option.Validators.Add(result =>
        {
            if (!isRight(result.GetValue(option))) result.AddError($"{option.Name} {rule}.");
        });

    /// <summary>Refuses smaller values.</summary>
    public static void RequireAtLeast(this Option<int> option, int least) =>
        option.Require(value => value >= least, $"is at least {least}");
}
