using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>What one kind of reader asks of a tensor's code.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Least">The narrowest width that a rewrite without a plan takes.</param>
/// <param name="Grid">Where the levels lie.</param>
/// <param name="Reason">For people.</param>
internal sealed record CodeRule(ReaderKind Kind, CodeWidth Least, CodeGrid Grid, string Reason);
