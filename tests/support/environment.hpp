// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Environment variables that a test clears and sets, put back when it ends.
#pragma once

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <tuple>
#include <vector>

namespace cokino::testing::support {

/// Variables for the length of one case; what stood there is put back.
struct environment {
    environment(const environment&) = delete;
    environment& operator=(const environment&) = delete;

    explicit environment(std::initializer_list<const char*> names)
    {
        for (const char* const name : names) {
            const char* const old = std::getenv(name);
            saved_.emplace_back(name, old ? std::string(old) : std::string(), old != nullptr);
            unsetenv(name);
        }
    }
    ~environment()
    {
        for (auto const& [name, value, was_set] : saved_) {
            if (was_set)
                setenv(name, value.c_str(), 1);
            else
                unsetenv(name);
        }
    }

private:
    std::vector<std::tuple<const char*, std::string, bool>> saved_;
};

} // namespace cokino::testing::support
