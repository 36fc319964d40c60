// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What run.sh tells an oracle program of the server that it started.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace oracle {

/// A variable that run.sh sets. Throws where it does not stand: then nobody started a server.
inline std::string setting(const char* name)
{
    const char* const value = std::getenv(name);
    if (!value)
        throw std::runtime_error(std::string(name) +
                                 " is not set; start this by run.sh nginx, rgw or swift");
    return value;
}

} // namespace oracle
