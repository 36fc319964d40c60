// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Server-sent events, as they come in pieces (WHATWG HTML, "Server-sent events", §9.2.5 and 9.2.6).
// Only the reading: who connects, and when again, is decided elsewhere.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino::wire {

struct server_event {
    server_event() = default;
    server_event(std::string event_name, std::string text)
        : name(std::move(event_name)), data(std::move(text))
    {}

    std::string name; ///< "message" where the host gave none.
    std::string data; ///< Its lines, joined by LF. Bytes as they came: not checked to be UTF-8.
};

/// Takes the bytes of a stream and gives its events. An event is there as soon as the blank line
/// behind it has come; what stands behind the last blank line when a stream ends is dropped, as the
/// standard asks.
class event_stream
{
public:
    /// Room for a whole read of 64 KiB that holds nothing but the smallest events.
    static constexpr std::size_t events_waiting_max = 10'000;

    /// An event says what an answer to a poll would say, so its bound is the same; no line of one
    /// is longer.
    explicit event_stream(std::size_t event_bytes_max = limits::api_body_bytes_max) noexcept
        : event_bytes_max_(event_bytes_max)
    {}

    /// The next bytes, however they were cut.
    ///
    /// Failures — response_too_large for a line or an event above the bound, or when twice that, or
    ///   more than events_waiting_max, wait to be taken with next(). Events before it can still be
    ///   taken; every later feed gives the same failure.
    COKINO_DECL result<void> feed(std::string_view bytes);

    /// The oldest event that was not taken yet.
    COKINO_DECL std::optional<server_event> next();

    /// What Last-Event-ID says when connecting again; empty: nothing.
    const std::string& last_id() const noexcept { return last_id_; }
    /// How long the host asks to wait before that.
    std::optional<std::chrono::milliseconds> retry_delay() const noexcept { return retry_delay_; }

private:
    result<void> too_large(const char* message);
    result<void> line(std::string_view text);
    result<void> dispatch();

    std::size_t event_bytes_max_;
    std::string line_; // the beginning of a line whose end has not come
    std::string name_;
    std::string data_; // each line with a LF behind it
    std::string id_;   // counts once the event is whole
    std::string last_id_;
    std::optional<std::chrono::milliseconds> retry_delay_;
    std::deque<server_event> ready_;
    std::size_t ready_bytes_ = 0;
    std::optional<failure> broken_;
    bool after_cr_ = false; // a LF that comes now belongs to the line's end before it
    bool begun_ = false;    // the first line is over, and with it the place for a byte order mark
};

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/event_stream.ipp>
#endif
