// Threads for computing on the CPU.
#pragma once

#include "ggml-cpu.h"
#include "ggml.h"

// Physical cores this process may use: the CPU's topology, cut by the affinity mask and the container's CPU quota.
// Threads of ggml wait for each other by spinning, so a thread without a core of its own stalls all the others.
int physical_cores();

// A monotonic clock, in milliseconds.
double clock_ms();

// CPU time of all threads of this process so far, in milliseconds.
double process_cpu_ms();

// How many of `wanted` threads the next stage should use, given that in the last one `measured_threads` threads
// computed for `wall_ms` and got `cpu_ms`. Threads spin while they wait, so on cores of their own cpu = wanted * wall. What is missing went to other programs; a
// core shared half and half loses half its time, hence the 2. Those cores are left alone, but never more than half,
// since a few slow threads still beat too few.
int threads_beside_others(int wanted, double wall_ms, double cpu_ms, int measured_threads);

// A pool whose threads sleep between graphs instead of spinning ("poll = 0"). Without one, ggml starts threads anew
// for every graph and lets them spin, which collapses as soon as another process wants a core.
class ThreadPool {
  public:
    ThreadPool() = default;
    explicit ThreadPool(int threads); // leaves the pool empty when the CPU backend offers none
    ~ThreadPool();
    ThreadPool(ThreadPool && other) noexcept;
    ThreadPool & operator=(ThreadPool && other) noexcept;
    ThreadPool(const ThreadPool &) = delete;
    ThreadPool & operator=(const ThreadPool &) = delete;

    ggml_threadpool * get() const { return pool_; }
    int threads() const { return threads_; }

  private:
    ggml_threadpool * pool_ = nullptr;
    int threads_ = 0;
};
