// What the kernels need of a device, by clang's builtins and without NVIDIA's headers. Compiled as plain C++, the same
// names come from an emulation of warps (tests/OnnxActNN.CustomOps.Tests/Cuda/Emulation).
#pragma once

typedef unsigned char uint8;
typedef signed char int8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef int int32;
typedef unsigned long long uint64;
typedef long long int64;

typedef uint32 Words2 __attribute__((vector_size(8)));
typedef uint32 Words4 __attribute__((vector_size(16)));

constexpr uint32 WarpSize = 32;

#ifdef __CUDA__

#define DEVICE __attribute__((device, always_inline)) inline
#define SHARED __attribute__((shared)) static
#define KERNEL(threads) extern "C" __attribute__((global, launch_bounds(threads))) void
#define REGISTER_KERNEL(name)

constexpr int32 AllLanes = -1;

DEVICE uint32 threadIndex() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE uint32 blockIndex() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE uint32 blockCount() { return __nvvm_read_ptx_sreg_nctaid_x(); }

// Loads of memory that the kernel does not write. As intrinsics, because the optimizer takes plain vectors apart.
DEVICE Words2 loadConstant(const Words2* source) { return __nvvm_ldg_ui2(source); }
DEVICE Words4 loadConstant(const Words4* source) { return __nvvm_ldg_ui4(source); }

// Loads of memory that the same thread writes later:
// not by the path of loadConstant, which is for memory that nobody writes.
DEVICE Words2 loadOwn(const Words2* source)
{
    uint32 a, b;
    asm volatile("ld.v2.u32 {%0, %1}, [%2];" : "=r"(a), "=r"(b) : "l"(source) : "memory");
    return Words2{a, b};
}
DEVICE Words4 loadOwn(const Words4* source)
{
    uint32 a, b, c, d;
    asm volatile("ld.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(a), "=r"(b), "=r"(c), "=r"(d) : "l"(source) : "memory");
    return Words4{a, b, c, d};
}

DEVICE void synchronizeBlock() { __syncthreads(); }
DEVICE uint32 broadcast(uint32 value, uint32 lane)
{
    return (uint32)__nvvm_shfl_sync_idx_i32(AllLanes, (int32)value, (int32)lane, 0x1f);
}
DEVICE uint32 ballot(bool value) { return __nvvm_vote_ballot_sync(AllLanes, value); }
DEVICE uint32 warpMaximum(uint32 value) { return __nvvm_redux_sync_umax(value, AllLanes); }
DEVICE uint32 warpMinimum(uint32 value) { return __nvvm_redux_sync_umin(value, AllLanes); }
DEVICE int32 warpMaximumSigned(int32 value) { return __nvvm_redux_sync_max(value, AllLanes); }

// Adds to a number that other threads add to as well, in whatever order.
DEVICE void addAtomically(uint32* target, uint32 value) { __nvvm_atom_add_gen_i((int32*)target, (int32)value); }
DEVICE void addAtomically(int64* target, int64 value) { __nvvm_atom_add_gen_ll(target, value); }

// Makes a number at least a value; other threads do as well.
DEVICE void maximizeAtomically(uint32* target, uint32 value) { __nvvm_atom_max_gen_ui(target, value); }

DEVICE float squareRoot(float x) { return __nvvm_sqrt_rn_f(x); }

#else
#include "emulated_device.h"
#endif

DEVICE uint32 laneIndex() { return threadIndex() % WarpSize; }
DEVICE uint32 warpIndex() { return threadIndex() / WarpSize; }

DEVICE uint64 broadcast64(uint64 value, uint32 lane)
{
    return (uint64)broadcast((uint32)(value >> 32), lane) << 32 | broadcast((uint32)value, lane);
}

DEVICE uint32 countBits(uint32 value) { return (uint32)__builtin_popcount(value); }

DEVICE uint32 bitsOf(float value) { return __builtin_bit_cast(uint32, value); }
DEVICE float floatOf(uint32 bits) { return __builtin_bit_cast(float, bits); }

DEVICE float broadcastFloat(float value, uint32 lane) { return floatOf(broadcast(bitsOf(value), lane)); }

template <class T>
DEVICE T smaller(T a, T b) { return a < b ? a : b; }

template <class T>
DEVICE T larger(T a, T b) { return a > b ? a : b; }

template <class T>
DEVICE T divideUp(T a, T b) { return a / b + (a % b != 0); }

// Divisions of 64 bits take a hundred instructions, those of 32 bits a fifth of that, and most indices fit.
DEVICE int64 divideIndex(int64 a, int64 b)
{
    if (b == 1)
        return a;
    return ((uint64)(a | b) >> 32) == 0 ? (int64)((uint32)a / (uint32)b) : a / b;
}
