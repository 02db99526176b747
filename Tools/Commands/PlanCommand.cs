using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Tools.Commands;

/// <summary><c>plan MODEL -o plan.json</c>: how many levels each saved tensor gets under a budget.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var model = CommonOptions.ModelOrFolder();
        var target = CommonOptions.OutputOr("plan.json");
        var profile = new Option<string?>("--profile")
        {
            Description = "A profile of the same graph; without it all elements count the same.",
        };
        var budget = new BudgetOptions();
        var exact = new Option<bool>("--exact")
        {
            Description = "Look for the best plan, not only for one close to it.",
        };
        var json = CommonOptions.Json();
        var all = CommonOptions.All();
        var options = new RewriteOptionSet();
        var command = new Command("plan", "Decides how many bits each saved tensor gets under a budget.")
        {
            model, target, profile, exact, json, all,
        };
        budget.AddTo(command);
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var plan = TrainingGraphPlanner.PlanFile(
                TrainingArtifacts.Find(parsed.GetValue(model)!).TrainingModel, new PlanRequest
                {
                    Budget = budget.Read(parsed),
                    Profile = parsed.GetValue(profile) is { } path ? ProfileFile.Read(path) : null,
                    Rewrite = budget.Restrict(parsed, options.Read(parsed)),
                    Exact = parsed.GetValue(exact),
                    PerGroup = budget.IsPerGroup(parsed),
                    PerSample = budget.IsPerSample(parsed),
                });
            PlanFile.Write(plan, parsed.GetValue(target)!);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, JsonNode.Parse(PlanFile.ToBytes(plan))!);
            else PlanTable.Write(output, plan, parsed.GetValue(all));
            return plan.Verdict == PlanVerdict.Fits ? ExitCode.Done : ExitCode.CheckFailed;
        });
        return command;
    }
}
