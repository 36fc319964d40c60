// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// This program once more, as a process of its own that can be killed. POSIX only.
#pragma once

#include <cokino/core/observer.hpp>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace example {

class child
{
public:
    /// Starts it with these arguments. Its output is read here.
    explicit child(std::vector<std::string> arguments)
    {
        std::vector<char*> argv{program_.data()};
        for (auto& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);

        int ends[2];
        if (pipe(ends) != 0 || (id_ = fork()) < 0)
            throw std::runtime_error("no process could be started");
        if (id_ == 0) { // between fork and exec only what may be called from a signal handler
            dup2(ends[1], STDOUT_FILENO);
            close(ends[0]);
            close(ends[1]);
            execv("/proc/self/exe", argv.data());
            _exit(127);
        }
        close(ends[1]);
        output_ = fdopen(ends[0], "r");
    }
    ~child()
    {
        kill_now();
        fclose(output_);
    }
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    /// The next line that it prints; empty when it has ended.
    std::string line()
    {
        std::string text;
        for (int c = fgetc(output_); c != EOF && c != '\n'; c = fgetc(output_))
            text += static_cast<char>(c);
        return text;
    }

    /// SIGKILL: nothing that it wanted to do is done any more.
    void kill_now()
    {
        if (id_ > 0) {
            kill(id_, SIGKILL);
            waitpid(id_, nullptr, 0);
        }
        id_ = 0;
    }

private:
    std::string program_ = "child";
    pid_t id_ = 0;
    FILE* output_ = nullptr;
};

/// In the child: an observer that prints how many bytes of the file are held.
struct teller {
    void on_download_progress(const cokino::download_progress_event& e)
    {
        std::cout << e.bytes << std::endl;
    }
};

} // namespace example
