namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>Takes the pieces of a packed tensor, each from the thread that decoded it.</summary>
internal delegate void PieceReader(in Piece piece);
