// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Counts every allocation of the process, those of C libraries too, by standing in for malloc.
// glibc keeps its own entry points for this purpose.

#include <cstddef>

namespace bench {
unsigned long allocations = 0;
unsigned long allocated_bytes = 0;
} // namespace bench

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t n)
{
    ++bench::allocations;
    bench::allocated_bytes += n;
    return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size)
{
    ++bench::allocations;
    bench::allocated_bytes += n * size;
    return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n)
{
    ++bench::allocations;
    bench::allocated_bytes += n;
    return __libc_realloc(p, n);
}
// Asio takes the frames of coroutines and the blocks of operations from here.
void* aligned_alloc(std::size_t alignment, std::size_t n)
{
    ++bench::allocations;
    bench::allocated_bytes += n;
    return __libc_memalign(alignment, n);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t n)
{
    ++bench::allocations;
    bench::allocated_bytes += n;
    *p = __libc_memalign(alignment, n);
    return *p ? 0 : 12; // ENOMEM
}
void free(void* p) { __libc_free(p); }
}
