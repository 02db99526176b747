using System.CommandLine;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Profiling;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>profile MODEL -o profile.json</c>: runs some steps of an instrumented graph and writes what was measured.
/// </summary>
internal static class ProfileCommand
{
    public static Command Create()
    {
        var model = CommonOptions.ModelOrFolder();
        var target = CommonOptions.OutputOr("profile.json");
        var steps = new Option<int>("--steps")
        {
            Description = "Steps to merge.",
            DefaultValueFactory = _ => new ProfileRequest().Steps,
        };
        var probes = new Option<int>("--probes")
        {
            Description = "Draws of noise at each tensor whose noise goes on through the backward pass, two steps "
                + "each; 0 for none.",
            DefaultValueFactory = _ => new ProfileRequest().Probes,
        };
        var draws = new Option<int>("--measure")
        {
            Description = "Also pack each tensor alone and draw its noise so many times (0: do not; else at least 2).",
        };
        var every = CommonOptions.Every();
        var threads = CommonOptions.Threads();
        var inputs = new StepInputOptions();
        var options = new RewriteOptionSet();
        var command = new Command(
            "profile", "Measures what a training graph saves, and how much its gradients mind noise there.")
        {
            model, target, steps, probes, draws, every, threads,
        };
        inputs.AddTo(command, hasDimensions: false);
        options.AddTo(command);
        steps.RequireAtLeast(1);
        probes.RequireAtLeast(0);
        draws.Require(value => value is 0 or >= 2, "is 0, or at least 2");
        command.SetAction(parsed =>
        {
            var rewrite = options.Read(parsed);
            var read = inputs.Read(parsed, parsed.GetValue(model)!, rewrite.Dimensions);
            var profile = ProfileRunner.Run(read, new ProfileRequest
            {
                Steps = parsed.GetValue(steps),
                Probes = parsed.GetValue(probes),
                Draws = parsed.GetValue(draws),
                Every = parsed.GetValue(every),
                Rewrite = rewrite with { Dimensions = read.Dimensions },
                Session = new SessionSettings { Threads = parsed.GetValue(threads) },
            });
            ProfileFile.Write(profile, parsed.GetValue(target)!);
            ProfileTable.Write(parsed.InvocationConfiguration.Output, profile, parsed.GetValue(target)!);
            return ExitCode.Done;
        });
        return command;
    }
}
