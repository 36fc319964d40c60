// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/event_stream.hpp. A line is read from the bytes as they came where it is whole
// in them; only one that is cut goes through a buffer.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/event_stream.hpp>

#include <algorithm>
#include <cstdint>

namespace cokino::wire {

COKINO_DECL result<void> event_stream::feed(std::string_view bytes)
{
    if (broken_)
        return *broken_;
    while (!bytes.empty()) {
        if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
            bytes.remove_prefix(1);
            continue;
        }
        auto const end = bytes.find_first_of("\r\n");
        auto const piece = bytes.substr(0, end);
        if (piece.size() > event_bytes_max_ || line_.size() > event_bytes_max_ - piece.size())
            return too_large("a line of the event stream is longer than an event may be");
        if (end == std::string_view::npos) {
            line_.append(piece);
            return {};
        }
        after_cr_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        if (!line_.empty())
            line_.append(piece);
        auto const done = line(line_.empty() ? piece : std::string_view(line_));
        line_.clear();
        if (!done)
            return done.error();
    }
    return {};
}

COKINO_DECL std::optional<server_event> event_stream::next()
{
    if (ready_.empty())
        return std::nullopt;
    auto event = std::move(ready_.front());
    ready_.pop_front();
    ready_bytes_ -= event.name.size() + event.data.size();
    return event;
}

COKINO_DECL result<void> event_stream::too_large(const char* message)
{
    broken_ = failure(errc::response_too_large, fate::answered).explain(message);
    return *broken_;
}

COKINO_DECL result<void> event_stream::line(std::string_view text)
{
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (!std::exchange(begun_, true) && text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    if (text.empty())
        return dispatch();
    auto value = text;
    auto const field = cokino::detail::take_until(value, ':'); // empty for a comment
    if (value.starts_with(' '))
        value.remove_prefix(1);
    if (field == "data") {
        if (value.size() >= event_bytes_max_ - std::min(data_.size(), event_bytes_max_))
            return too_large("an event of the stream is larger than an answer may be");
        data_.append(value).push_back('\n');
    } else if (field == "event") {
        name_ = value;
    } else if (field == "id") {
        if (value.find('\0') == std::string_view::npos)
            id_ = value;
    } else if (field == "retry" &&
               std::all_of(value.begin(), value.end(), cokino::detail::is_digit)) {
        if (auto const millis = cokino::detail::parse_integer<std::uint32_t>(value))
            retry_delay_ = std::chrono::milliseconds(*millis);
    }
    return {};
}

COKINO_DECL result<void> event_stream::dispatch()
{
    last_id_ = id_;
    if (data_.empty()) {
        name_.clear();
        return {};
    }
    data_.pop_back();
    server_event event(name_.empty() ? "message" : std::exchange(name_, {}),
                       std::exchange(data_, {}));
    ready_bytes_ += event.name.size() + event.data.size();
    ready_.push_back(std::move(event));
    if (ready_bytes_ / 2 > event_bytes_max_ || ready_.size() > events_waiting_max)
        return too_large("more events wait to be read than may be kept");
    return {};
}

} // namespace cokino::wire
