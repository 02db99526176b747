// LayerNormalizationGradFromPacked: the mirror of
// CustomOps/Runtime/Cpu/Normalization/LayerNormalizationGradFromPacked.cs. Sums of a column are taken over the rows of
// a block, then over the blocks; those of a row over 16 lanes within a piece, then over the pieces: in the CPU's order,
// so that they have the CPU's bits.
#include "layer_normalization.cuh"
#include "read_batches.cuh"

constexpr int64 MostBlocks = 32;
// A thread block of the first kernel has so many columns, a thread of it one of them in one block of rows.
constexpr uint32 SumColumns = 8;
constexpr uint32 ColumnThreads = SumColumns * MostBlocks;
// In the second kernel a team has a row.
constexpr uint32 TeamSize = 16;
constexpr uint32 RowThreads = 256;
constexpr uint32 RowsPerThreadBlock = RowThreads / TeamSize;

// How the CPU shares a packed tensor out to blocks: by units, which are whole rows of the layout and whole rows of
// columns.
struct RowBlocks
{
    int64 unit;
    int64 units;
    int64 count;

    DEVICE RowBlocks(const PackedLayout& layout, const LayerNormalizationArguments& arguments)
    {
        int64 elements = arguments.tensor.elementCount;
        unit = layout.rowLength % arguments.columns == 0 ? layout.rowLength
            : arguments.columns % layout.rowLength == 0  ? arguments.columns
                                                         : elements;
        units = elements / unit;
        count = smaller(MostBlocks, units);
    }

    // The first element of a block.
    DEVICE int64 start(int64 block) const { return units * block / count * unit; }

    DEVICE int64 blockOf(int64 element) const { return ((element / unit + 1) * count - 1) / units; }
};

struct ColumnSums
{
    float product;
    float gradient;
};

SHARED ColumnSums columnSums[ColumnThreads];

// What a block of rows adds to a column.
template <uint32 Levels>
DEVICE ColumnSums addColumn(
    const float* dY, const uint8* packed, const RowStatistics& statistics, const LayerNormalizationArguments& arguments,
    const RowBlocks& blocks, int64 block, int64 column)
{
    PackedElements<Levels> x(packed, sharedTensor);
    ColumnSums sums = {0, 0};
    int64 row = blocks.start(block) / arguments.columns;
    for (int64 end = blocks.start(block + 1) / arguments.columns; row < end; row++)
    {
        int64 i = row * arguments.columns + column;
        float normalized = (x.at(i) - (arguments.hasMean ? statistics.mean[row] : 0.0f)) * statistics.inverse[row];
        sums.product += dY[i] * normalized;
        sums.gradient += dY[i];
    }
    return sums;
}

template <uint32 Levels>
DEVICE void addColumns(
    const float* dY, const uint8* packed, const RowStatistics& statistics, float* dScale, float* dBias,
    const LayerNormalizationArguments& arguments)
{
    RowBlocks blocks(sharedTensor.layout, arguments);
    int64 column = (int64)blockIndex() * SumColumns + threadIndex() % SumColumns;
    int64 block = threadIndex() / SumColumns;
    if (column < arguments.columns && block < blocks.count)
        columnSums[threadIndex()] = addColumn<Levels>(dY, packed, statistics, arguments, blocks, block, column);
    synchronizeBlock();
    if (column >= arguments.columns || block > 0)
        return;
    double product = 0;
    double gradient = 0;
    for (int64 i = 0; i < blocks.count; i++)
    {
        product += columnSums[i * SumColumns + threadIndex()].product;
        gradient += columnSums[i * SumColumns + threadIndex()].gradient;
    }
    dScale[column] = (float)product;
    dBias[column] = (float)gradient;
}

// A tensor that is not what the shape says gives NaN; one without rows gives 0.
DEVICE void fillColumns(float* dScale, float* dBias, float value, const LayerNormalizationArguments& arguments)
{
    int64 column = (int64)blockIndex() * SumColumns + threadIndex();
    if (threadIndex() < SumColumns && column < arguments.columns)
        dScale[column] = dBias[column] = value;
}

KERNEL(ColumnThreads) layer_normalization_column_gradients(
    const float* __restrict__ dY, const uint8* __restrict__ packed, const float* __restrict__ mean,
    const float* __restrict__ inverse, float* __restrict__ dScale, float* __restrict__ dBias,
    LayerNormalizationArguments arguments)
{
    bool canRead = readTensor<Float32Element, ColumnThreads, true>(packed, arguments.tensor);
    if (!canRead || arguments.tensor.elementCount == 0)
        return fillColumns(dScale, dBias, canRead ? 0.0f : floatOf(QuietNan), arguments);
    RowStatistics statistics = {nullptr, nullptr, mean, inverse};
    switch (sharedTensor.levels)
    {
        case MixedLevels: return addColumns<MixedLevels>(dY, packed, statistics, dScale, dBias, arguments);
        case 2: return addColumns<2>(dY, packed, statistics, dScale, dBias, arguments);
        case 3: return addColumns<3>(dY, packed, statistics, dScale, dBias, arguments);
        case 4: return addColumns<4>(dY, packed, statistics, dScale, dBias, arguments);
        case 8: return addColumns<8>(dY, packed, statistics, dScale, dBias, arguments);
        case 16: return addColumns<16>(dY, packed, statistics, dScale, dBias, arguments);
        default: return addColumns<256>(dY, packed, statistics, dScale, dBias, arguments);
    }
}
REGISTER_KERNEL(layer_normalization_column_gradients)

// dY · scale, and that times the normalized element.
struct RowTerm
{
    float gradient;
    float product;
};

struct RowSums
{
    double gradient;
    double product;

    // Adds what neighbouring lanes from the first on have, one after the other; the same in all lanes of a team.
    DEVICE void add(const RowTerm& own, uint32 first, uint32 count)
    {
        for (uint32 i = 0; i < count; i++)
        {
            gradient += (double)broadcastFloat(own.gradient, first + i);
            product += (double)broadcastFloat(own.product, first + i);
        }
    }
};

// A row, of which each lane of a team has every sixteenth element of a piece.
template <uint32 Levels>
struct GradientRow
{
    PackedElements<Levels> x;
    const float* dY;
    const float* scale;
    int64 start;
    int64 columns;
    float mean;
    float inverse;

    DEVICE float normalizedAt(int64 i) { return (x.at(i) - mean) * inverse; }

    // All lanes of the warp take part; a piece may be empty.
    DEVICE void addPiece(RowSums& sums, int64 pieceStart, int64 pieceEnd)
    {
        uint32 lane = laneIndex() % TeamSize;
        int64 wholeEnd = pieceStart + (pieceEnd - pieceStart) / TeamSize * TeamSize;
        RowTerm sum = {0, 0};
        // Where there is no element behind the last sixteen, 0 is added, which changes nothing.
        RowTerm rest = {0, 0};
        for (int64 i = pieceStart + lane; i < pieceEnd; i += TeamSize)
        {
            float gradient = dY[i] * scale[i - start];
            RowTerm term = {gradient, gradient * normalizedAt(i)};
            if (i < wholeEnd)
                sum = {sum.gradient + term.gradient, sum.product + term.product};
            else
                rest = term;
        }
        sums.add(sum, laneIndex() - lane, TeamSize);
        sums.add(rest, laneIndex() - lane, TeamSize - 1);
    }

    // All lanes of the warp take part; the rows of its teams may have different numbers of pieces, those behind the
    // last row none.
    DEVICE RowSums add(const RowBlocks& blocks, const ReadBatches& batches, bool isPresent)
    {
        int64 end = start + columns;
        int64 origin = isPresent ? blocks.start(blocks.blockOf(start)) : 0;
        int64 first = isPresent ? batches.batchOf(start - origin) : 0;
        uint32 pieces = isPresent ? (uint32)(batches.batchOf(end - 1 - origin) - first) + 1 : 0;
        uint32 most = warpMaximum(pieces);
        RowSums sums = {0, 0};
        for (uint32 piece = 0; piece < most; piece++)
        {
            bool isOwn = piece < pieces;
            int64 pieceStart = isOwn ? larger(start, origin + batches.start(first + piece)) : 0;
            int64 pieceEnd = isOwn ? smaller(end, origin + batches.start(first + piece + 1)) : 0;
            addPiece(sums, pieceStart, pieceEnd);
        }
        return sums;
    }

    // dX may be dY.
    DEVICE void apply(const RowSums& sums, bool hasMean, float* dX)
    {
        float meanGradient = hasMean ? (float)(sums.gradient / (double)columns) : 0.0f;
        float meanProduct = (float)(sums.product / (double)columns);
        for (int64 i = start + laneIndex() % TeamSize; i < start + columns; i += TeamSize)
        {
            float normalized = normalizedAt(i);
            float ofGradient = 1.0f + x.variance() * inverse * inverse / (float)columns;
            float gradient = dY[i] * scale[i - start];
            dX[i] = inverse * (gradient * ofGradient - meanGradient - normalized * meanProduct);
        }
    }
};

template <uint32 Levels>
DEVICE void rowGradients(
    const float* dY, const uint8* packed, const RowStatistics& statistics, float* dX,
    const LayerNormalizationArguments& arguments)
{
    int64 columns = arguments.columns;
    int64 row = (int64)blockIndex() * RowsPerThreadBlock + threadIndex() / TeamSize;
    bool isPresent = row * columns < arguments.tensor.elementCount;
    row = isPresent ? row : 0;
    float mean = arguments.hasMean ? statistics.mean[row] : 0.0f;
    PackedElements<Levels> x(packed, sharedTensor);
    GradientRow<Levels> gradient = {x, dY, statistics.scale, row * columns, columns, mean, statistics.inverse[row]};
    RowSums sums = gradient.add(RowBlocks(sharedTensor.layout, arguments), ReadBatches(sharedTensor.layout), isPresent);
    if (isPresent)
        gradient.apply(sums, arguments.hasMean != 0, dX);
}

KERNEL(RowThreads) layer_normalization_grad_from_packed(
    const float* dY, const uint8* __restrict__ packed, const float* __restrict__ scale, const float* __restrict__ mean,
    const float* __restrict__ inverse, float* dX, LayerNormalizationArguments arguments)
{
    if (!openTensor<Float32Element, RowThreads, true>(packed, (uint32*)dX, arguments.tensor, false))
        return;
    RowStatistics statistics = {scale, nullptr, mean, inverse};
    switch (sharedTensor.levels)
    {
        case MixedLevels: return rowGradients<MixedLevels>(dY, packed, statistics, dX, arguments);
        case 2: return rowGradients<2>(dY, packed, statistics, dX, arguments);
        case 3: return rowGradients<3>(dY, packed, statistics, dX, arguments);
        case 4: return rowGradients<4>(dY, packed, statistics, dX, arguments);
        case 8: return rowGradients<8>(dY, packed, statistics, dX, arguments);
        case 16: return rowGradients<16>(dY, packed, statistics, dX, arguments);
        default: return rowGradients<256>(dY, packed, statistics, dX, arguments);
    }
}
REGISTER_KERNEL(layer_normalization_grad_from_packed)
