// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the tests of download_schedule share: a day, caps and wishes.
#pragma once

#include <cokino/transfer/detail/download_schedule.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace download_schedule_test {

using namespace cokino;
using namespace std::chrono_literals;
using namespace cokino::detail;
using kind = schedule_action::kind;

const calendar_time noon = calendar_time(std::chrono::seconds(1767268800));

inline schedule_caps caps(std::size_t running, std::size_t per_origin = 1000,
                          std::uint64_t bytes = std::uint64_t{1} << 40)
{
    schedule_caps c;
    c.running_max = running;
    c.per_origin_max = per_origin;
    c.bytes_max = bytes;
    c.bytes_unknown = 100;
    return c;
}

inline schedule_wish wish(std::optional<calendar_time> deadline,
                          std::string origin = "https://cdn.host",
                          std::optional<std::uint64_t> bytes = 1)
{
    schedule_wish w;
    w.origin = std::move(origin);
    w.deadline = deadline;
    w.bytes = bytes;
    return w;
}

} // namespace download_schedule_test
