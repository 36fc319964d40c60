// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Our side of the download benchmark: the whole stack (downloader, file sink, checks, HTTP) from
// one thread, and how late the loop's own timer comes meanwhile. Driven by download.py.
//
//     download make FILE BYTES
//     download run COMMAND ARGUMENT...
//     download get BASE DIRECTORY CONNECTIONS [FLAG...] NAME...
// with the flags --ca FILE, --no-digest, --cached (no O_DIRECT) and --lateness.

#include <cokino/async/rethrow.hpp>
#include <cokino/net/http_transport.hpp>
#include <cokino/testing/clips.hpp>
#include <cokino/transfer/downloader.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

/// For how long this thread has been ready to run without a processor. On a busy machine that is
/// no fault of a program's.
clock_type::duration waited_for_processor()
{
    std::ifstream in("/proc/thread-self/schedstat");
    long long ran = 0;
    long long waited = 0;
    in >> ran >> waited;
    return std::chrono::nanoseconds(waited);
}

/// A timer of one millisecond, as a service's own work would be, and how late it comes.
class late_watch
{
public:
    explicit late_watch(asio::io_context& io) : timer_(io) {}

    void start()
    {
        waited_ = waited_for_processor();
        due_ = clock_type::now() + 1ms;
        timer_.expires_at(due_);
        timer_.async_wait([this](boost::system::error_code ec) {
            if (ec)
                return;
            const auto late = clock_type::now() - due_;
            late_.push_back(late);
            own_max_ = std::max(own_max_, late - (waited_for_processor() - waited_));
            start();
        });
    }
    void stop() { timer_.cancel(); }

    void print()
    {
        std::sort(late_.begin(), late_.end());
        const auto ms = [this](double share) {
            if (late_.empty())
                return 0.0;
            const auto at = static_cast<std::size_t>(static_cast<double>(late_.size() - 1) * share);
            return std::chrono::duration<double, std::milli>(late_[at]).count();
        };
        std::printf("{\"ticks\": %zu, \"median_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, "
                    "\"worst_ms\": %.3f, \"worst_own_ms\": %.3f}\n",
                    late_.size(), ms(0.5), ms(0.99), ms(0.999), ms(1),
                    std::chrono::duration<double, std::milli>(own_max_).count());
    }

private:
    asio::steady_timer timer_;
    clock_type::time_point due_;
    clock_type::duration waited_{0};
    clock_type::duration own_max_{0}; // lateness without waits for a processor
    std::vector<clock_type::duration> late_;
};

struct order {
    std::string base;
    std::string directory;
    std::size_t connections = 1;
    std::string ca_file;
    bool digest = true;
    bool direct = true;
    bool lateness = false;
    std::vector<std::string> names;
    std::size_t next = 0;
    std::size_t running = 0;
};

cokino::awaitable<void> fetch_all(cokino::downloader& loads, order& what, late_watch& watch)
{
    ++what.running;
    while (what.next < what.names.size()) {
        const std::string name = what.names[what.next++];
        auto clip = cokino::video();
        clip.file.url = what.base + "/" + name;
        clip.duration_s = 5;
        cokino::download_options options;
        options.digest = what.digest;
        options.direct = what.direct;
        auto report =
            co_await loads.download(std::move(clip), what.directory + "/" + name, options);
        if (report.width == 0 || report.sha256.empty() == what.digest)
            std::abort();
    }
    if (--what.running == 0)
        watch.stop();
}

int make(const std::string& path, const char* bytes)
{
    const auto file = cokino::testing::clip(5, cokino::aspect_ratio::landscape_16_9,
                                            std::strtoull(bytes, nullptr, 10));
    std::ofstream out(path, std::ios::binary);
    out.write(file.data(), static_cast<std::streamsize>(file.size()));
    return out.flush() ? 0 : 1;
}

/// Runs any program and prints what it used. A process's peak memory begins with its parent's, so
/// the parent has to be a small one.
int run(char** command)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::execvp(command[0], command);
        ::_exit(127);
    }
    int status = 0;
    rusage used{};
    if (child < 0 || ::wait4(child, &status, 0, &used) != child)
        return 1;
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    std::printf("{\"user_s\": %.4f, \"system_s\": %.4f, \"peak_mib\": %.1f}\n",
                seconds(used.ru_utime), seconds(used.ru_stime),
                static_cast<double>(used.ru_maxrss) / 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int get(order what)
{
    asio::io_context io{1};
    cokino::net::transport_options network;
    network.tls.ca_file = what.ca_file;
    cokino::net::http_transport http(io.get_executor(), network);
    cokino::download_defaults own;
    own.allow_insecure = own.allow_private_addresses = own.allow_any_port = true;
    cokino::downloader loads(io.get_executor(), http, nullptr, own);
    late_watch watch(io);
    if (what.lateness)
        watch.start();
    for (std::size_t i = 0; i < what.connections; ++i)
        asio::co_spawn(io, fetch_all(loads, what, watch), cokino::rethrow);
    io.run();
    if (what.lateness)
        watch.print();
    return 0;
}

int usage()
{
    std::fprintf(stderr,
                 "usage: download make FILE BYTES\n       download run COMMAND ARGUMENT...\n"
                 "       download get BASE DIRECTORY "
                 "CONNECTIONS [--ca FILE] [--no-digest] [--cached] [--lateness] NAME...\n");
    return 2;
}

} // namespace

int main(int argc, char** argv)
{
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "make")
        return make(words[1], words[2].c_str());
    if (words.size() >= 2 && words[0] == "run")
        return run(argv + 2);
    if (words.size() < 5 || words[0] != "get")
        return usage();
    order what;
    what.base = words[1];
    what.directory = words[2];
    what.connections = std::max(1UL, std::strtoul(words[3].c_str(), nullptr, 10));
    for (std::size_t i = 4; i < words.size(); ++i) {
        if (words[i] == "--ca" && i + 1 < words.size())
            what.ca_file = words[++i];
        else if (words[i] == "--no-digest")
            what.digest = false;
        else if (words[i] == "--cached")
            what.direct = false;
        else if (words[i] == "--lateness")
            what.lateness = true;
        else
            what.names.push_back(words[i]);
    }
    return get(std::move(what));
}
