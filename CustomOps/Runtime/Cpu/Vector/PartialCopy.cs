using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// Moves part of a vector through a buffer, where the machine has no masked loads and stores for its type.
/// </summary>
internal static unsafe class PartialCopy
{
    /// <summary>Fills a buffer of <paramref name="size"/> bytes from as many as there are; the others are 0.</summary>
    public static void Load(void* source, byte* buffer, int available, int size)
    {
        Unsafe.InitBlockUnaligned(buffer, 0, (uint)size);
        var bytes = Math.Clamp(available, 0, size);
        Buffer.MemoryCopy(source, buffer, bytes, bytes);
    }

    /// <summary>Stores the start of a buffer of <paramref name="size"/> bytes where there is room for it.</summary>
    public static void Store(byte* buffer, void* target, int available, int size)
    {
        var bytes = Math.Clamp(available, 0, size);
        Buffer.MemoryCopy(buffer, target, bytes, bytes);
    }
}
