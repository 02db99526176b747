#include "quantize_kernels.cuh"

QUANTIZE_KERNELS(BFloat16Element, bfloat16)
