// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Streams and the events in them, each fed whole, cut in two at every place, and byte by byte: the
// events are the same. Then the bounds.
#include <cokino/wire/event_stream.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace event_stream_test {

using cokino::errc;
using cokino::wire::event_stream;
using namespace std::chrono_literals;
using namespace std::string_literals;

/// All that can be had: "[name|data]" for each event.
std::string taken(event_stream& stream)
{
    std::string out;
    while (auto const event = stream.next())
        out += '[' + event->name + '|' + event->data + ']';
    return out;
}

std::string events_of(const std::vector<std::string_view>& pieces)
{
    event_stream stream;
    std::string out;
    for (auto const piece : pieces) {
        REQUIRE(stream.feed(piece).has_value());
        out += taken(stream);
    }
    return out + '#' + stream.last_id();
}

struct row {
    const char* what;
    std::string stream, events;
};

std::vector<row> rows()
{
    return {
        {"one event", "data: x\n\n", "[message|x]#"},
        {"CR, and CRLF", "data: x\r\rdata: y\r\n\r\n", "[message|x][message|y]#"},
        {"LF and CR are two line ends", "data: x\n\rdata: y\n\r", "[message|x][message|y]#"},
        {"a name, in either order", "event: a\ndata: 1\n\ndata: 2\nevent: b\n\n", "[a|1][b|2]#"},
        {"a name holds for one event", "event: a\ndata: 1\n\ndata: 2\n\n", "[a|1][message|2]#"},
        {"a name without data", "event: a\n\ndata: 2\n\n", "[message|2]#"},
        {"the last name counts", "event: a\nevent: b\nevent\nevent:c\ndata:1\n\n", "[c|1]#"},
        {"several lines", "data: YHOO\ndata: +2\ndata: 10\n\n", "[message|YHOO\n+2\n10]#"},
        {"empty lines of data", "data\ndata:\ndata: \n\n", "[message|\n\n]#"},
        {"data that is empty", "data:\n\n", "[message|]#"},
        {"one blank is dropped", "data:x\ndata:  y\ndata: \t\n\n", "[message|x\n y\n\t]#"},
        {"colons in a value", "data:{\"a\":1}\nevent: b:c\n\n", "[b:c|{\"a\":1}]#"},
        {"comments", ": ping\n\n:\n:data: x\n\ndata: y\n: z\ndata: w\n\n", "[message|y\nw]#"},
        {"unknown fields", "dat: x\nDATA: x\n data: x\ndata : x\nx\n\ndata: y\n\n", "[message|y]#"},
        {"blank lines alone", "\n\n\r\r\n\n\n", "#"},
        {"no blank line behind", "data: x\n\ndata: y\n", "[message|x]#"},
        {"a byte order mark",
         "\xef\xbb\xbf"
         "data: x\n\n",
         "[message|x]#"},
        {"a mark before a comment", "\xef\xbb\xbf: x\n\ndata: y\n\n", "[message|y]#"},
        {"two marks",
         "\xef\xbb\xbf\xef\xbb\xbf"
         "data: x\n\ndata: y\n\n",
         "[message|y]#"},
        {"a mark later",
         "\n\xef\xbb\xbf"
         "data: x\n\n",
         "#"},
        {"half a mark",
         "\xef\xbb"
         "data: x\n\ndata: y\n\n",
         "[message|y]#"},
        {"a mark and a blank line", "\xef\xbb\xbf\r\n\r\ndata: x\n\n", "[message|x]#"},
        {"ids", "id: 1\ndata: x\n\nid: 2\n\n", "[message|x]#2"},
        {"an id is kept", "id: 1\ndata: x\n\ndata: y\n\n", "[message|x][message|y]#1"},
        {"an id is taken back", "id: 1\ndata: x\n\nid\ndata: y\n\n", "[message|x][message|y]#"},
        {"an id of an event cut off", "id: 1\ndata: x\n\nid: 2\ndata: y\n", "[message|x]#1"},
        {"an id with a NUL", "id: 1\n\nid: 2\0\n\n"s, "#1"},
        {"NUL in data", "data: a\0b\n\n"s, "[message|a\0b]#"s},
        {"fal's status",
         ": ping - 2026-01-01\r\n\r\ndata: {\"status\":\"IN_QUEUE\"}\r\n\r\n"
         "data: {\"status\":\"COMPLETED\"}\r\n\r\n",
         "[message|{\"status\":\"IN_QUEUE\"}][message|{\"status\":\"COMPLETED\"}]#"},
    };
}

TEST_CASE("a stream gives the events of the standard")
{
    for (auto const& r : rows()) {
        CAPTURE(r.what);
        CHECK(events_of({r.stream}) == r.events);
    }
}

TEST_CASE("wherever a stream is cut, its events are the same")
{
    for (auto const& r : rows()) {
        CAPTURE(r.what);
        std::string_view const whole = r.stream;
        std::vector<std::string_view> bytes;
        for (std::size_t at = 0; at <= whole.size(); ++at) {
            CAPTURE(at);
            CHECK(events_of({whole.substr(0, at), whole.substr(at)}) == r.events);
            if (at != whole.size())
                bytes.push_back(whole.substr(at, 1));
        }
        CHECK(events_of(bytes) == r.events);
    }
}

TEST_CASE("an event is there as soon as the byte that ends it")
{
    event_stream stream;
    REQUIRE(stream.feed("data: x\r\n\r").has_value());
    CHECK(taken(stream) == "[message|x]");
    REQUIRE(stream.feed("\ndata: y\n").has_value());
    CHECK(taken(stream).empty());
    REQUIRE(stream.feed("\n").has_value());
    CHECK(taken(stream) == "[message|y]");
}

TEST_CASE("the wait before connecting again is read where it is a number")
{
    event_stream stream;
    CHECK(!stream.retry_delay());
    for (auto const* bad : {"retry: 3 s\n", "retry: -1\n", "retry: +1\n", "retry:\n", "retry\n",
                            "retry: 99999999999999999999\n"}) {
        CHECK(stream.feed(bad).has_value());
        CHECK(!stream.retry_delay());
    }
    REQUIRE(stream.feed("retry: 1500\n").has_value());
    CHECK(stream.retry_delay() == 1500ms);
    REQUIRE(stream.feed("retry: x\n").has_value());
    CHECK(stream.retry_delay() == 1500ms);
}

/// How a stream with a bound of 20 bytes ends, fed in pieces of `size`.
std::string bounded(std::string_view whole, std::size_t size)
{
    event_stream stream(20);
    for (; !whole.empty(); whole.remove_prefix(std::min(size, whole.size()))) {
        auto const fed = stream.feed(whole.substr(0, size));
        if (fed)
            continue;
        CHECK(fed.error() == errc::response_too_large);
        auto const again = stream.feed("data: y\n\n");
        REQUIRE(!again.has_value());
        CHECK(again.error().facts().message == fed.error().facts().message);
        return taken(stream) + fed.error().facts().message;
    }
    return taken(stream);
}

TEST_CASE("lines and events have a bound, wherever the stream is cut")
{
    auto const line = "a line of the event stream is longer than an event may be"s;
    auto const event = "an event of the stream is larger than an answer may be"s;
    for (std::size_t size = 1; size != 50; ++size) {
        CAPTURE(size);
        CHECK(bounded("data: 45678901234567\n\n", size) == "[message|45678901234567]");
        CHECK(bounded("data: x\n\ndata: 456789012345678", size) == "[message|x]" + line);
        CHECK(bounded(":" + std::string(100, 'x'), size) == line);
        CHECK(bounded("data:123456789\ndata:12345678\n\n", size) ==
              "[message|123456789\n12345678]");
        CHECK(bounded("data:123456789\ndata:123456789\n\n", size) ==
              "[message|123456789\n123456789]");
        CHECK(bounded("data:123456789\ndata:1234567890\n\n", size) == event);
        std::string many;
        for (int i = 0; i != 21; ++i)
            many += "data\n";
        CHECK(bounded(many, size) == event);
    }
}

TEST_CASE("events that nobody takes have a bound, and taking them makes room")
{
    auto const flood = [](const std::string& event, bool take) {
        event_stream stream(1000);
        for (int i = 0; i != 20'000; ++i) {
            if (auto const fed = stream.feed(event); !fed)
                return fed.error().facts().message + ", after " + std::to_string(i);
            if (take && taken(stream).empty())
                return "lost"s;
        }
        return "all"s;
    };
    auto const large = "data:" + std::string(493, 'x') + "\n\n"; // 500 bytes with its name
    auto const too_many = "more events wait to be read than may be kept"s;
    CHECK(flood("data:\n\n", true) == "all");
    CHECK(flood(large, true) == "all");
    CHECK(flood("data\n\n", false) == too_many + ", after 285"); // 7 bytes of name each
    CHECK(flood("event:a\ndata\n\n", false) == too_many + ", after 2001");
    CHECK(flood(large, false) == too_many + ", after 4");
    event_stream stream; // with its usual bound
    std::string many;
    for (std::size_t i = 0; i != event_stream::events_waiting_max; ++i)
        many += "data\n\n";
    CHECK(stream.feed(many).has_value());
    CHECK(!stream.feed("data\n\n").has_value());
}

} // namespace event_stream_test
