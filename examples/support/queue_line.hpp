// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An observer that shows on a terminal how far many downloads are, in one line that it writes over;
// into a file or a pipe it writes nothing.
#pragma once

#include <cokino/core/observer.hpp>
#include <cokino/transfer/download_manager.hpp>

#include <cstdint>
#include <iostream>
#include <string>

#include <unistd.h>

namespace example {

class queue_line
{
public:
    explicit queue_line(int count) : count_(static_cast<std::uint64_t>(count)) {}
    ~queue_line() { clear(); }

    const cokino::download_manager* queue = nullptr; ///< Set it before the first download.

    void on_download_progress(const cokino::download_progress_event& e)
    {
        const auto now = queue->status();
        std::string text = std::to_string(now.done) + " of " + std::to_string(count_) + " clips, " +
                           std::to_string(now.running) + " under way";
        if (now.rate && *now.rate != 0 && now.done != 0) {
            // What is left counts as long as what has come, on the average.
            const auto left = (count_ - now.done) * (now.bytes / now.done) / *now.rate;
            text += ", " + std::to_string(*now.rate / 1000) + " kB/s, " + std::to_string(left) +
                    " s left";
        }
        if (e.link_left)
            text += "; this link dies in " + std::to_string(e.link_left->count()) + " s";
        if (terminal_)
            std::cerr << "\r\033[K" << text << std::flush;
    }

private:
    void clear()
    {
        if (terminal_)
            std::cerr << "\r\033[K" << std::flush;
    }

    std::uint64_t count_;
    bool terminal_ = isatty(STDERR_FILENO) == 1;
};

} // namespace example
