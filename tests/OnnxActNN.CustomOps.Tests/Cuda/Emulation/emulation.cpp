// Threads of a grid as fibers of one thread, block after block. Lanes run in turns, forwards and backwards by block, so
// that a result that hangs on the order of threads, where a barrier is missing,
// differs from run to run of the same launch.
#include "../../../../CustomOps/Runtime/Cuda/Kernels/device.cuh"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#ifndef __x86_64__
#error "The emulation changes stacks on x86-64 only."
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define WITH_ADDRESS_SANITIZER(call) call
#else
#define WITH_ADDRESS_SANITIZER(call)
#endif

// Saves the registers that a function must keep on the stack, and goes on with another stack.
extern "C" void emulation_switch(void** savedStack, void* stack);
asm(R"(
.text
.type emulation_switch, @function
emulation_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size emulation_switch, .-emulation_switch
)");

namespace emulation
{
uint32 plantedFault = 0;

namespace
{
constexpr size_t StackBytes = 64 * 1024;
constexpr uint32 MostThreads = 1024;

struct Fiber
{
    char* stack;
    void* saved;
    Collective waitsFor;
    bool isDone;
    uint32 value;
    uint32 lane;
};

struct Grid
{
    const Kernel* kernel;
    void* const* parameters;
    uint32 blocks;
    uint32 block;
    uint32 threads;
    uint32 thread;
    void* saved;
    Fiber fibers[MostThreads];
};

Grid grid;

std::map<std::string, Kernel>& kernels()
{
    static std::map<std::string, Kernel> all;
    return all;
}

[[noreturn]] void fail(const char* what, uint32 warp)
{
    fprintf(stderr, "emulation: block %u, warp %u: %s\n", grid.block, warp, what);
    abort();
}

void toScheduler(bool isLast)
{
    Fiber& fiber = grid.fibers[grid.thread];
    (void)isLast;
    WITH_ADDRESS_SANITIZER(void* fake = nullptr;
                           __sanitizer_start_switch_fiber(isLast ? nullptr : &fake, nullptr, 0);)
    emulation_switch(&fiber.saved, grid.saved);
    WITH_ADDRESS_SANITIZER(__sanitizer_finish_switch_fiber(fake, nullptr, nullptr);)
}

void runThread()
{
    WITH_ADDRESS_SANITIZER(__sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);)
    grid.kernel->call(*grid.kernel, grid.parameters);
    grid.fibers[grid.thread].isDone = true;
    toScheduler(true);
    abort();
}

void prepare(Fiber& fiber)
{
    if (fiber.stack == nullptr)
        fiber.stack = static_cast<char*>(aligned_alloc(4096, StackBytes));
    fiber.waitsFor = Collective::None;
    fiber.isDone = false;
    // A return address on top of six registers; the stack is aligned as a call of runThread would leave it.
    void** top = reinterpret_cast<void**>(fiber.stack + StackBytes - 72);
    *top = nullptr;
    top[-1] = reinterpret_cast<void*>(&runThread);
    fiber.saved = top - 7;
}

void resume(uint32 thread)
{
    Fiber& fiber = grid.fibers[thread];
    grid.thread = thread;
    WITH_ADDRESS_SANITIZER(void* fake; __sanitizer_start_switch_fiber(&fake, fiber.stack, StackBytes);)
    emulation_switch(&grid.saved, fiber.saved);
    WITH_ADDRESS_SANITIZER(__sanitizer_finish_switch_fiber(fake, nullptr, nullptr);)
}

// Gives each lane the result of what all lanes wait for.
void complete(Fiber* lanes, uint32 warp)
{
    Collective operation = lanes[0].waitsFor;
    uint32 values[WarpSize];
    uint32 result = lanes[0].value;
    uint32 votes = 0;
    for (uint32 i = 0; i < WarpSize; i++)
    {
        uint32 value = values[i] = lanes[i].value;
        votes |= (value != 0) << i;
        if (operation == Collective::Maximum)
            result = larger(result, value);
        else if (operation == Collective::Minimum)
            result = smaller(result, value);
        else if (operation == Collective::MaximumSigned)
            result = (uint32)larger((int32)result, (int32)value);
    }
    for (uint32 i = 0; i < WarpSize; i++)
    {
        if (operation == Collective::Broadcast && lanes[i].lane >= WarpSize)
            fail("a broadcast from a lane that there is not", warp);
        lanes[i].value = operation == Collective::Broadcast ? values[lanes[i].lane]
            : operation == Collective::Ballot               ? votes
                                                            : result;
        lanes[i].waitsFor = Collective::None;
    }
}

// Runs a warp until all its lanes are done or wait for the block.
void runWarp(uint32 warp, bool isBackwards)
{
    Fiber* lanes = grid.fibers + warp * WarpSize;
    while (true)
    {
        for (uint32 i = 0; i < WarpSize; i++)
        {
            uint32 lane = isBackwards ? WarpSize - 1 - i : i;
            if (!lanes[lane].isDone)
                resume(warp * WarpSize + lane);
        }
        for (uint32 i = 1; i < WarpSize; i++)
        {
            if (lanes[i].isDone != lanes[0].isDone || lanes[i].waitsFor != lanes[0].waitsFor)
                fail("some lanes are at a function of the whole warp or block, others are not", warp);
        }
        if (lanes[0].isDone || lanes[0].waitsFor == Collective::Barrier)
            return;
        complete(lanes, warp);
    }
}

void runBlock()
{
    bool isBackwards = grid.block % 2 != 0;
    uint32 warps = grid.threads / WarpSize;
    for (uint32 i = 0; i < grid.threads; i++)
        prepare(grid.fibers[i]);
    bool isDone = false;
    while (!isDone)
    {
        for (uint32 i = 0; i < warps; i++)
            runWarp(isBackwards ? warps - 1 - i : i, isBackwards);
        isDone = grid.fibers[0].isDone;
        for (uint32 i = 0; i < grid.threads; i++)
        {
            if (grid.fibers[i].isDone != isDone)
                fail("some warps are at a barrier, others have ended", i / WarpSize);
            grid.fibers[i].waitsFor = Collective::None;
        }
    }
}
}

Registration::Registration(const char* name, const Kernel& kernel) { kernels()[name] = kernel; }

const Kernel* find(const char* name)
{
    auto found = kernels().find(name);
    return found == kernels().end() ? nullptr : &found->second;
}

void launch(const Kernel& kernel, uint32 blocks, uint32 threads, void* const* parameters)
{
    if (threads == 0 || threads > MostThreads || threads % WarpSize != 0)
    {
        fprintf(stderr, "emulation: %u threads are no whole number of warps, or too many\n", threads);
        abort();
    }
    grid.kernel = &kernel;
    grid.parameters = parameters;
    grid.blocks = blocks;
    grid.threads = threads;
    for (grid.block = 0; grid.block < blocks; grid.block++)
        runBlock();
}

uint32 currentThread() { return grid.thread; }
uint32 currentBlock() { return grid.block; }
uint32 blocksOfGrid() { return grid.blocks; }

uint32 collect(Collective operation, uint32 value, uint32 lane)
{
    uint32 thread = grid.thread;
    Fiber& fiber = grid.fibers[thread];
    fiber.waitsFor = operation;
    fiber.value = value;
    fiber.lane = lane;
    toScheduler(false);
    return fiber.value;
}
}
