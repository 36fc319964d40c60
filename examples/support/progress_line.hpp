// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An observer that shows on a terminal how far the job is, in one line that it writes over; into a
// file or a pipe it writes nothing. It also keeps the job's text, so that a stopped program can say
// what is to be gone on with.
#pragma once

#include <cokino/core/observer.hpp>

#include <iostream>
#include <string>
#include <string_view>

#include <unistd.h>

namespace example {

class progress_line
{
public:
    ~progress_line() { clear(); }

    void on_submit(const cokino::submit_event& e)
    {
        if (e.phase == cokino::submit_phase::accepted)
            job = e.job;
    }

    void on_state(const cokino::state_event& e)
    {
        std::string text(e.state);
        if (e.queue_position && *e.queue_position > 0)
            text += ", " + std::to_string(*e.queue_position) + " ahead";
        if (e.progress)
            text += ", " + std::to_string(static_cast<int>(*e.progress * 100)) + " %";
        show(text + ", look " + std::to_string(++looks_));
    }

    void on_download_progress(const cokino::download_progress_event& e)
    {
        std::string text = "download: " + std::to_string(e.bytes / 1000) + " kB";
        if (e.total)
            text += " of " + std::to_string(*e.total / 1000);
        if (e.rate)
            text += ", " + std::to_string(*e.rate / 1000) + " kB/s";
        if (e.remaining && e.bytes != e.total)
            text += ", " + std::to_string(e.remaining->count()) + " s to go";
        show(text);
        if (e.bytes == e.total)
            clear();
    }

    void on_downloads_paused(const cokino::downloads_paused_event& e)
    {
        show("no room for " + std::string(e.path) + ": waiting until something is deleted");
    }

    void on_downloads_resumed(const cokino::downloads_resumed_event&) { clear(); }

    void on_wait_end(const cokino::wait_end_event&) { clear(); }

    /// Takes the line away, before something else is printed.
    void clear()
    {
        if (terminal_)
            std::cerr << "\r\033[K" << std::flush;
    }

    std::string job; ///< The last job accepted, as text.

private:
    void show(std::string_view text)
    {
        if (terminal_)
            std::cerr << "\r\033[K" << text << std::flush;
    }

    bool terminal_ = isatty(STDERR_FILENO) == 1;
    int looks_ = 0;
};

} // namespace example
