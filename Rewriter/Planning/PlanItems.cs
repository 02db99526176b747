using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// What there is to choose from for each tensor: exact, and every width that its readers stand; or to be rebuilt.
/// </summary>
/// <remarks>
/// The planned tensors are those that a rewrite without a plan packs or rebuilds.
/// 1. What the storage policy rebuilds has that one way, but for tensors that are to have a code of their own.
/// 2. The noise of a tensor that others are rebuilt from counts at their readers too.
/// 3. Exact is not offered to a tensor that others are rebuilt from, for they need its codes; nor to one that shares
/// its buffer with another saved tensor: it would keep the whole buffer, whatever the other got.
/// 4. A nonlinear reader's tensor has widths below 8 bits only where its bias was measured and so enters the cost.
/// 5. Where the profile tells what smaller groups span, these are offered too, with metadata of 8 bits, as are groups
/// of the options' size. What their metadata take more or less than those of the tensor's own groups counts as code
/// bits.
/// 6. With a profile no width is ruled out because experience says that readers of its kind want more.
/// 7. Codes of an activation's derivative count as codes of values with the derivative's range
/// (<see cref="TensorPlan.Code"/>).
/// 8. Groups or samples may have widths of their own where that is asked for and the profile knows how they spread:
/// from each width on, at each of some averages, the shares that make the variance least. The table of widths, and the
/// room that shorter groups leave, count as code bits.
/// </remarks>
internal sealed class PlanItems
{
    /// <summary>
    /// Where the profile has nothing of a tensor: as if its gradient were of this size, the same for all.
    /// </summary>
    private const double NoProfile = 1;

    /// <summary>Stored bits an element that shares of groups are offered at.</summary>
    private static readonly double[] Averages = [1.125, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 5, 6];

    private readonly PlanRequest _request;
    private readonly IReadOnlyList<SavedTensor> _saved;
    private readonly SensitivityTable _sensitivities;
    private readonly IReadOnlySet<string> _coded;

    /// <param name="request">Widths are chosen here; the rest is as its options say.</param>
    /// <param name="saved">The saved tensors.</param>
    /// <param name="sensitivities">What their noise does.</param>
    /// <param name="coded">Tensors that are to have a code of their own where they could be rebuilt.</param>
    public PlanItems(
        PlanRequest request, IReadOnlyList<SavedTensor> saved, SensitivityTable sensitivities,
        IReadOnlySet<string> coded)
    {
        (_request, _saved, _sensitivities, _coded) = (request, saved, sensitivities, coded);
        Decided = Policy(request.Rewrite.Width, request.Rewrite.AllowBiased, leastWidths: true).Decide(saved);
        Rebuilt = new RebuiltReaders(Decided);
        Items = [.. Describe()];
    }

    /// <summary>The decisions at the options' width.</summary>
    public IReadOnlyList<TensorPlan> Decided { get; }

    public RebuiltReaders Rebuilt { get; }

    public IReadOnlyList<PlanItem> Items { get; }

    private IEnumerable<PlanItem> Describe()
    {
        var unbiased = AtEveryWidth(_request.Rewrite.AllowBiased, policy => policy.Decide(_saved));
        var biased = AtEveryWidth(allowBiased: true, policy => policy.Decide(_saved));
        var alone = AtEveryWidth(_request.Rewrite.AllowBiased, policy => policy.DecideAlone(_saved));
        var sharing = _saved.CountBy(tensor => tensor.Buffer).ToDictionary();
        for (var index = 0; index < _saved.Count; index++)
        {
            var tensor = _saved[index];
            // Rule 7.
            var sensitivity = Decided[index].HasDerivativeAlone
                ? _sensitivities.OfDerivative(tensor)
                : _sensitivities.Of(tensor, Rebuilt);
            if (Decided[index].Decision == StorageDecision.Rebuild)
            {
                // Rule 1.
                yield return Item(
                    tensor, sensitivity, [RebuiltOption(Decided[index])], Coded(alone.Value, index, sensitivity));
                continue;
            }
            if (Decided[index].Code is null) continue;
            // Rule 4.
            var options = Coded((sensitivity is { IsMeasured: true } ? biased : unbiased).Value, index, sensitivity);
            if (options.Count == 0) continue;
            if (Decided[index].Format is not null && sensitivity is not null)
                options.AddRange(Mixed(tensor, options, sensitivity)); // Rule 8.
            if (sharing[tensor.Buffer] == 1 && !Rebuilt.Of(tensor).Any()) options.Add(ExactOption(tensor)); // Rule 3.
            yield return Item(tensor, sensitivity, options, []);
        }
    }

    /// <summary>Decisions cost more than all that is done with them, and few graphs need them all.</summary>
    private Lazy<List<IReadOnlyList<TensorPlan>>> AtEveryWidth(
        bool allowBiased, Func<StoragePolicy, IReadOnlyList<TensorPlan>> decide) =>
        // Rule 6.
        new(
            () => [
                .. CodeWidths.All.Select(
                    width => decide(Policy(width, allowBiased, leastWidths: _request.Profile is null)))]);

    private StoragePolicy Policy(CodeWidth width, bool allowBiased, bool leastWidths) => new(_request.Rewrite with
    {
        Width = width,
        AllowBiased = allowBiased,
        LeastWidths = leastWidths,
        Plan = BitPlan.Of(_coded.Select(name =>
            new PlannedTensor { Name = name, Decision = StorageDecision.Quantize, Levels = CodeWidths.Levels(width) })),
    });

    private PlanItem Item(
        SavedTensor tensor, TensorSensitivity? sensitivity, IReadOnlyList<PlanOption> options,
        IReadOnlyList<PlanOption> codes) =>
        new(tensor, ElementsOf(tensor), BytesOf(tensor, Store.Exact()), options, sensitivity, codes);

    private List<PlanOption> Coded(
        IEnumerable<IReadOnlyList<TensorPlan>> byWidth, int index, TensorSensitivity? sensitivity)
    {
        var same = NoProfile * ElementsOf(_saved[index]);
        var known = sensitivity ?? new TensorSensitivity(same, same, same);
        return [
            .. byWidth.Select(plans => plans[index]).Where(plan => plan.Code is not null).DistinctBy(plan => plan.Code)
            .SelectMany(plan => WithGroups(plan, known))];
    }

    /// <summary>A code with the groups that it has, and with others.</summary>
    private IEnumerable<PlanOption> WithGroups(TensorPlan plan, TensorSensitivity known)
    {
        var (tensor, own) = (plan.Tensor, plan.Code!);
        var codes = ElementsOf(tensor) * CodeWidths.StoredBits(own.Width) / 8;
        var bytes = plan.Stores.Sum(store => BytesOf(tensor, store));
        yield return Option(own, bytes);
        if (plan.HasDerivativeAlone) yield break;
        var before = PackedLayout.BytesOf(SizesOf(tensor), own);
        if (known.Finer.Count == 0) yield break;
        var finer = known.Finer.Select(shares => shares.GroupSize);
        foreach (var size in finer.Append(_request.Rewrite.GroupSize).Distinct()) // Rule 5.
        {
            var other = own with { GroupSize = size, Metadata = MetadataFormat.EightBits };
            if (other != own)
                yield return Option(other, bytes - before + PackedLayout.BytesOf(SizesOf(tensor), other)) with
                {
                    GroupSize = size,
                };
        }

        PlanOption Option(PackFormat code, long kept) =>
            new(StorageDecision.Quantize, code, kept, known.VarianceAt(code), known.CostAt(code), codes + kept - bytes);
    }

    /// <summary>Rule 8.</summary>
    private List<PlanOption> Mixed(SavedTensor tensor, List<PlanOption> uniform, TensorSensitivity sensitivity)
    {
        return
        [
            .. from ofWidth in uniform.GroupBy(option => option.Format!.Width)
               where ofWidth.Key != CodeWidth.EightBits
               from way in Ways(ofWidth.First().Format!)
               from narrowest in ofWidth
               select Mix(narrowest, narrowest.Format! with { Order = way.Order, Shares = way.Shares }),
        ];

        // The same for groups of any size.
        IEnumerable<(WidthOrder Order, WidthShares Shares)> Ways(PackFormat narrowest) =>
            from order in Orders()
            let ordered = narrowest with { Order = order }
            from shares in Averages.Where(bits => bits > narrowest.StoredBits)
                .Select(bits => sensitivity.SharesAt(ordered, bits)).Distinct()
            where shares is { IsUniform: false }
            select (order, shares.Value);

        PlanOption Mix(PlanOption narrowest, PackFormat mixed)
        {
            var more = BytesOf(tensor, Store.Quantize(mixed)) - BytesOf(tensor, Store.Quantize(narrowest.Format!));
            return narrowest with
            {
                Format = mixed,
                Bytes = narrowest.Bytes + more,
                Variance = sensitivity.VarianceAt(mixed),
                Cost = sensitivity.CostAt(mixed),
                CodeBytes = narrowest.CodeBytes + more,
            };
        }
    }

    /// <summary>Orders that were asked for; a sensitivity knows those that suit the tensor's readers.</summary>
    private IEnumerable<WidthOrder> Orders() =>
        Enum.GetValues<WidthOrder>().Where(order => order.IsOfSamples() ? _request.PerSample : _request.PerGroup);

    private PlanOption RebuiltOption(TensorPlan plan)
    {
        var bytes = plan.Stores.Sum(store => BytesOf(plan.Tensor, store));
        return new PlanOption(
            StorageDecision.Rebuild, null, bytes, 0, 0,
            plan.Stores.Any(store => store.Bits is not null) ? ElementsOf(plan.Tensor) / 8 : 0);
    }

    private PlanOption ExactOption(SavedTensor tensor)
    {
        var bytes = BytesOf(tensor, Store.Exact());
        return new PlanOption(StorageDecision.Exact, null, bytes, 0, 0, bytes);
    }

    private long BytesOf(SavedTensor tensor, Store store) => store.BytesOf(tensor.Type!.ElementType, SizesOf(tensor));

    private double ElementsOf(SavedTensor tensor) => SizesOf(tensor).Aggregate(1.0, (product, size) => product * size);

    private long[] SizesOf(SavedTensor tensor) => TensorSize.Nominal(tensor.Type, _request.Rewrite.Dimensions)!;
}
