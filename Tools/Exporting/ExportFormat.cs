namespace OnnxActNN.Tools.Exporting;

/// <summary>What <c>export</c> can write.</summary>
internal enum ExportFormat
{
    /// <summary>One line per buffer.</summary>
    Csv,

    /// <summary>One line per node, with the bytes alive then, by category.</summary>
    TimelineCsv,

    /// <summary>For chrome://tracing and Perfetto.</summary>
    ChromeTrace,

    /// <summary>For the viewer of PyTorch's memory snapshots.</summary>
    MemoryViz,

    /// <summary>Node data of Model Explorer.</summary>
    ModelExplorer,

    /// <summary>The model with properties at its nodes, which Netron shows.</summary>
    Netron,
}
