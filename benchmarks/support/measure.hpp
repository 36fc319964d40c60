// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What all submitting programs of the benchmark share: the request they send, and a window that
// counts requests, CPU time and allocations after a warm-up, or stops after a fixed number of
// requests (for instruction and system call counts).
#pragma once

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

namespace bench {

/// Counted by malloc_count.cpp, which each program links.
extern unsigned long allocations;
extern unsigned long allocated_bytes;

inline constexpr std::string_view prompt =
    "a red fox runs through deep snow at dawn, slow tracking shot, volumetric light, shallow depth "
    "of field, film grain";
inline constexpr std::string_view negative_prompt = "blurry, warped faces, text, watermark";
inline constexpr std::string_view path = "/v1/kling/v2-5/text-to-video";
inline constexpr std::string_view key =
    "0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef";

inline double seconds(clockid_t clock)
{
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Called once per answered request. Prints one line of JSON when its time or number is up.
class window
{
public:
    window(double warm_up, double length)
        : warm_(warm_up), length_(length), begin_(seconds(CLOCK_MONOTONIC))
    {
        if (const char* const fixed = std::getenv("BENCH_REQUESTS"))
            fixed_ = std::strtoul(fixed, nullptr, 10);
    }

    /// True when the program should stop.
    bool count()
    {
        ++n_;
        if (fixed_ != 0)
            return n_ >= fixed_;
        if (n_ % 64 != 0)
            return false;
        double const now = seconds(CLOCK_MONOTONIC);
        if (!on_) {
            if (now - begin_ >= warm_)
                open(now);
            return false;
        }
        if (now - start_ < length_)
            return false;
        report(now);
        return true;
    }

private:
    void open(double now)
    {
        on_ = true;
        start_ = now;
        n0_ = n_;
        cpu0_ = seconds(CLOCK_PROCESS_CPUTIME_ID);
        allocations0_ = allocations;
        bytes0_ = allocated_bytes;
    }

    void report(double now) const
    {
        auto const n = static_cast<double>(n_ - n0_);
        double const cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu0_;
        rusage use{};
        getrusage(RUSAGE_SELF, &use);
        std::printf("{\"requests\": %.0f, \"requests_per_s\": %.0f, \"cpu_us\": %.3f, "
                    "\"busy\": %.2f, \"allocations\": %.3f, \"allocated_bytes\": %.0f, "
                    "\"peak_kb\": %ld}\n",
                    n, n / (now - start_), cpu / n * 1e6, cpu / (now - start_),
                    static_cast<double>(allocations - allocations0_) / n,
                    static_cast<double>(allocated_bytes - bytes0_) / n, use.ru_maxrss);
        std::fflush(stdout);
    }

    double warm_;
    double length_;
    double begin_;
    double start_ = 0;
    double cpu0_ = 0;
    unsigned long n_ = 0;
    unsigned long n0_ = 0;
    unsigned long fixed_ = 0;
    unsigned long allocations0_ = 0;
    unsigned long bytes0_ = 0;
    bool on_ = false;
};

/// Command line of every submitting program: SCHEME PORT CONNECTIONS SECONDS [CA_FILE].
struct arguments {
    arguments(int argc, char** argv)
    {
        if (argc < 5) {
            std::fprintf(stderr, "usage: %s http|https PORT CONNECTIONS SECONDS [CA_FILE]\n",
                         argv[0]);
            std::exit(2);
        }
        tls = std::string_view(argv[1]) == "https";
        port = argv[2];
        connections = std::atoi(argv[3]);
        length = std::atof(argv[4]);
        if (argc > 5)
            ca_file = argv[5];
    }
    std::string origin() const { return (tls ? "https://localhost:" : "http://localhost:") + port; }
    bool tls = false;
    std::string port;
    int connections = 64;
    double length = 1;
    std::string ca_file;
};

[[noreturn]] inline void finish()
{
    std::fflush(stdout);
    _exit(0); // connections are under way; taking them down is not what is measured
}

} // namespace bench
