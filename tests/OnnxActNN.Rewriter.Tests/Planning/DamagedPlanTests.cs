using System.Text.Json.Nodes;
using CsCheck;
using FluentAssertions;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Planning;

/// <summary>
/// Damaged plans and profiles give errors of our own kind, or are read; what was read can be used or is refused.
/// </summary>
public sealed class DamagedPlanTests
{
    private const int Files = 1500;

    private static readonly byte[] s_model = ModelWriter.Write(TestModelCatalog.Find("residual").Build());

    private static readonly RewriteOptions s_options =
        new() { Dimensions = new Dictionary<string, long> { ["batch"] = 4 }, MinimumBytes = 0 };

    [Fact]
    public void Damaged_plans_give_typed_errors_only()
    {
        var plan = PlanFile.ToBytes(TrainingGraphPlanner.Plan(
            s_model, new PlanRequest { Budget = new PlanBudget(BudgetKind.AverageBits, 2), Rewrite = s_options }));
        var (read, refused) = Count(plan, bytes =>
        {
            try
            {
                var parsed = PlanFile.Parse(bytes, "damaged");
                TrainingGraphRewriter.Rewrite(s_model, s_options with { Plan = parsed }).ToBytes();
                return true;
            }
            catch (OnnxActNNException)
            {
                return false;
            }
        });
        read.Should().BePositive("some damage is harmless");
        refused.Should().BeGreaterThan(Files / 5, "most damage is not");
    }

    [Theory]
    [InlineData("\"tensors\":", "\"tensors\":null,\"unused\":")]
    [InlineData("\"tensors\":", "\"tensors\":[null],\"unused\":")]
    [InlineData("\"budget\":", "\"budget\":null,\"unused\":")]
    [InlineData("\"model\":", "\"model\":null,\"unused\":")]
    [InlineData("\"name\":", "\"name\":null,\"unused\":")]
    [InlineData("\"dimensions\":", "\"dimensions\":null,\"unused\":")]
    public void Null_where_there_must_be_something_is_refused(string field, string with)
    {
        var plan = PlanFile.ToBytes(TrainingGraphPlanner.Plan(
            s_model, new PlanRequest { Budget = new PlanBudget(BudgetKind.AverageBits, 2), Rewrite = s_options }));
        var text = JsonNode.Parse(plan)!.ToJsonString();
        text.Should().Contain(field);
        var place = text.IndexOf(field, StringComparison.Ordinal);
        var damaged = text[..place] + with + text[(place + field.Length)..];
        var parse = () => PlanFile.Parse(System.Text.Encoding.UTF8.GetBytes(damaged), "damaged");
        parse.Should().Throw<PlanFormatException>().WithMessage("*'damaged'*");
    }

    [Fact]
    public void Damaged_profiles_give_typed_errors_only()
    {
        using var folder = new TempFolder();
        var path = folder.PathTo("profile.json");
        ProfileFile.Write(Profile(), path);
        var (read, refused) = Count(File.ReadAllBytes(path), bytes =>
        {
            File.WriteAllBytes(path, bytes);
            try
            {
                var profile = ProfileFile.Read(path);
                TrainingGraphPlanner.Plan(s_model, new PlanRequest
                {
                    Budget = new PlanBudget(BudgetKind.AverageBits, 2),
                    Rewrite = s_options,
                    Profile = profile,
                });
                return true;
            }
            catch (Exception problem) when (problem is OnnxActNNException or InvalidDataException)
            {
                return false;
            }
        });
        read.Should().BePositive("some damage is harmless");
        refused.Should().BeGreaterThan(Files / 5, "most damage is not");
    }

    [Theory]
    [InlineData("tensors")]
    [InlineData("parameters")]
    [InlineData("probed")]
    [InlineData("measured")]
    public void What_has_no_name_or_stands_twice_is_refused(string list)
    {
        using var folder = new TempFolder();
        var path = folder.PathTo("profile.json");
        ProfileFile.Write(Profile(), path);
        var sound = File.ReadAllText(path);
        var damages = new Action<JsonArray>[]
        {
            entries => entries[0]!.AsObject().Remove("name"),
            entries => entries.Add(entries[0]!.DeepClone()),
        };
        foreach (var damage in damages)
        {
            var json = JsonNode.Parse(sound)!;
            damage(json[list]!.AsArray());
            File.WriteAllText(path, json.ToJsonString());
            var read = () => ProfileFile.Read(path);
            read.Should().Throw<InvalidDataException>().WithMessage("*profile.json*");
        }
    }

    /// <summary>A profile of one tensor that the graph has.</summary>
    private static ActivationProfile Profile() => new()
    {
        Model = ModelFingerprint.Of(ModelReader.Read(s_model)),
        Dimensions = s_options.Dimensions,
        Tensors =
        [
            new TensorProfile
            {
                Name = "/stem/Conv_output_0",
                Role = ProfileRole.Activation,
                Dimensions = [4, 8, 28, 28],
                Runs = 1,
                TotalElements = 25088,
                Elements = 25088,
                Groups = 32,
                Zeros = 0,
                NonFinite = 0,
                Minimum = -1,
                Maximum = 1,
                RelativeRanges = 1e5,
                PeakedSums = 1e5,
                RangeExponents = new Dictionary<int, long> { [0] = 32 },
                Samples = new SampleProfile
                {
                    Elements = [25088],
                    Squares = [8000],
                    SquaredRanges = [9000],
                    SquaredPeaks = [9000],
                },
            },
        ],
        Parameters = [new ParameterProfile("stem.weight", 72, 1, 1)],
        Probed = [new ProbedSensitivity("/stem/Conv_output_0", ZeroExact: false, 2, 1, 1)],
        Measured = [new MeasuredSensitivity("/stem/Conv_output_0", 4, ZeroExact: false, 2, 1, 0)],
    };

    private static (int Read, int Refused) Count(byte[] sound, Func<byte[], bool> isRead)
    {
        var (read, refused) = (0, 0);
        Mutation.Of(sound, sound).Sample(
            bytes => { _ = isRead(bytes) ? read++ : refused++; }, iter: Files, threads: 1);
        return (read, refused);
    }
}
