namespace OnnxActNN.Tools.Diagnosing;

/// <summary>How much a finding matters.</summary>
internal enum FindingState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Something optional is not there.</summary>
    Absent,

    /// <summary>Rewritten graphs cannot run here.</summary>
    Broken,
}
