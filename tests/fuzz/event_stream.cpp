// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A stream of events gives the same whole and in pieces. Input: one byte for the size of a piece,
// then the stream.
#include "fuzz.hpp"

#include <cokino/wire/event_stream.hpp>

#include <algorithm>

namespace {

constexpr std::size_t bound = 100; // small, so that it is met

/// All that can be seen of a stream, and how it ended.
std::string seen(std::string_view bytes, std::size_t piece)
{
    cokino::wire::event_stream stream(bound);
    std::string out;
    auto const take = [&] {
        while (auto const event = stream.next()) {
            fuzz::require(event->data.size() <= bound && event->name.size() <= bound,
                          "an event is within its bound");
            out += event->name + '\0' + event->data + '\0';
        }
    };
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        auto const fed = stream.feed(bytes.substr(0, piece));
        take();
        if (fed)
            continue;
        fuzz::check(fed.error());
        fuzz::require(!stream.feed("data: x\n\n").has_value() && !stream.next(),
                      "a broken stream stays broken");
        return out + fed.error().facts().message;
    }
    auto const delay = stream.retry_delay();
    return out + stream.last_id() + '\0' + std::to_string(delay ? delay->count() : -1);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::input in(data, size);
    auto const piece = 1 + in.choice(32);
    // At most one event a piece waits when it comes byte by byte, so its bound plays no part.
    auto const single = seen(in.rest(), 1);
    fuzz::require(single == seen(in.rest(), piece), "pieces do not matter", single);
    return 0;
}
