// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/streamed_body.hpp.
#pragma once

#include <cokino/net/detail/streamed_body.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace cokino::net::detail {

COKINO_DECL streamed_body::streamed_body(std::shared_ptr<transport_core> core,
                                         const wire::exchange_limits& limits, wire::response head,
                                         open_answer opened)
    : core_(std::move(core)), conn_(std::move(opened.conn)), head_(std::move(head)),
      limits_(limits), total_at_(opened.total_at), whole_(!conn_)
{
    if (whole_)
        return;
    conn_->widen();
    auto const& parser = conn_->parser();
    if (parser.chunked()) {
        framing_ = framing::chunked;
        left_ = limits_.body_bytes_max;
    } else if (auto const length = parser.content_length()) {
        left_ = *length; // the parser has compared it with the limit
    } else {
        framing_ = framing::to_end;
        left_ = limits_.body_bytes_max;
    }
}

COKINO_DECL streamed_body::~streamed_body()
{
    if (conn_)
        core_->discard(std::move(conn_));
}

COKINO_DECL awaitable<result<std::size_t>> streamed_body::read_some(asio::mutable_buffer into)
{
    return run(into);
}

COKINO_DECL io_step streamed_body::count(connection& c, std::size_t bytes)
{
    if (bytes > left_)
        return c.refuse(errc::response_too_large, "the body is larger than its limit");
    left_ -= bytes;
    whole_ = whole_ || (framing_ == framing::length && left_ == 0);
    return io_step::done;
}

COKINO_DECL io_step streamed_body::at_end(connection& c)
{
    if (framing_ != framing::to_end)
        return c.refuse(errc::body_truncated, "the connection ended before the body did");
    whole_ = true;
    return io_step::done;
}

COKINO_DECL io_step streamed_body::take_chunked(connection& c, asio::mutable_buffer into,
                                                std::size_t& got)
{
    c.parser().body_to(into);
    io_step const step = c.parse_body();
    got = c.parser().placed();
    if (step == io_step::failed)
        return step;
    whole_ = c.parser().is_done();
    left_ -= (std::min)(left_, std::uint64_t{got});
    return got != 0 || whole_ ? io_step::done : step;
}

COKINO_DECL io_step streamed_body::take_encrypted(connection& c, asio::mutable_buffer into,
                                                  std::size_t& got)
{
    auto* const to = static_cast<char*>(into.data());
    while (got < into.size()) {
        std::size_t decrypted = 0;
        switch (c.tls->read(to + got, into.size() - got, decrypted)) {
        case tls_step::done: got += decrypted; continue;
        case tls_step::want_read: return got != 0 ? count(c, got) : io_step::wait;
        case tls_step::closed:
            c.mark_ended();
            if (got != 0)
                return count(c, got); // the next read meets the end
            return at_end(c);
        case tls_step::failed: return c.refuse(errc::body_truncated, c.tls->reason());
        }
    }
    return count(c, got);
}

COKINO_DECL io_step streamed_body::take(connection& c, asio::mutable_buffer into, std::size_t& got)
{
    if (framing_ == framing::chunked) {
        for (;;) {
            io_step step = take_chunked(c, into, got);
            if (step != io_step::wait)
                return step;
            step = c.tls ? c.decrypt() : io_step::wait;
            if (step == io_step::done && c.ended() && c.text().empty())
                return at_end(c);
            if (step != io_step::done)
                return c.ended() ? at_end(c) : step;
        }
    }
    if (framing_ == framing::length)
        into = asio::buffer(
            into, static_cast<std::size_t>((std::min)(left_, std::uint64_t{into.size()})));
    if (!c.text().empty()) {
        got = (std::min)(c.text().size(), into.size());
        std::memcpy(into.data(), c.text().data(), got);
        c.text().consume(got);
        return count(c, got);
    }
    if (c.tls)
        return take_encrypted(c, into, got);
    return c.ended() ? at_end(c) : io_step::wait;
}

// One step of the coroutine takes what several reads of the socket give, but not so much that many
// bodies which are ready at once keep the loop from its timers. Encrypted bytes go into a place
// that all connections share: each read of the socket costs an acknowledgement, so one of a quarter
// of a mebibyte is cheaper than four, but nobody needs so much memory for longer than it takes to
// decrypt them.
COKINO_DECL io_step streamed_body::take_more(connection& c, asio::mutable_buffer into,
                                             std::size_t& got)
{
    constexpr std::size_t enough = 128 * 1024;
    // Behind the last bytes that there is room for, the rest of their record.
    constexpr std::size_t record = 16 * 1024;
    bool const lent = c.tls && framing_ != framing::chunked;
    while (!whole_ && !c.ended() && got < into.size() && got < enough) {
        auto const place = lent ? core_->wide_room(into.size() - got + record) : c.raw_room();
        io_result read;
        read.bytes = c.socket.read_some(place, read.error);
        if (read.error)
            break; // nothing is there; if it is more than that, the next read meets it
        std::size_t more = 0;
        if (lent)
            c.tls->lend(std::string_view(static_cast<const char*>(place.data()), read.bytes));
        io_step step = lent ? io_step::done : c.store(read);
        if (step == io_step::done)
            step = take(c, into + got, more);
        if (lent)
            c.tls->take_over();
        if (step == io_step::failed)
            return step;
        got += more;
        if (read.bytes < place.size())
            break;
    }
    return io_step::done;
}

COKINO_DECL void streamed_body::finish(std::unique_ptr<connection> c)
{
    if (c->reusable())
        core_->give_back(std::move(c));
    else
        core_->discard(std::move(c));
}

COKINO_DECL awaitable<result<std::size_t>> streamed_body::run(asio::mutable_buffer into)
{
    if (failed_)
        co_return *failed_;
    if (whole_)
        co_return std::size_t{0};
    if (into.size() == 0)
        co_return failure(errc::invalid_argument).explain("there is no room to read into", "into");

    flight f(*core_, limits_);
    bool const throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    f.conn = std::move(conn_);
    f.only_reads = true;
    f.end_total_at(total_at_);
    f.enter(phase::reading, limits_.read_stall, f.began);
    f.obey(cancellation);

    connection& c = *f.conn;
    std::size_t got = 0;
    io_step step = f.ended() ? io_step::failed : take(c, into, got);
    io_step late = io_step::done;
    while (step == io_step::wait && !f.ended()) {
        bool const direct = !c.tls && framing_ != framing::chunked;
        auto place = c.raw_room();
        if (direct) {
            auto const size = (std::min)(left_, std::uint64_t{into.size()});
            // One byte more than allowed is how a body without a length is found too large.
            place =
                asio::buffer(into, static_cast<std::size_t>((std::max)(size, std::uint64_t{1})));
        }
        f.listen();
        io_result const read = co_await detail::read_some(c.socket, place);
        if (direct && !read.error) {
            got = read.bytes;
            step = count(c, got);
        } else {
            step = c.store(read);
            if (step == io_step::done)
                step = take(c, into, got);
            if (step == io_step::done && read.bytes == place.size())
                late = take_more(c, into, got);
        }
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (step != io_step::done || late != io_step::done) {
        failed_ = f.take_failure();
        if (step == io_step::done)
            co_return got; // the failure is the next read's
        co_return *failed_;
    }
    if (whole_)
        finish(std::move(f.conn));
    else
        conn_ = std::move(f.conn);
    co_return got;
}

COKINO_DECL awaitable<result<std::unique_ptr<body_stream>>> run_open(
    std::shared_ptr<transport_core> core, wire::request request)
{
    wire::exchange_limits const limits = request.limits;
    open_answer opened;
    auto answer = co_await run_exchange(core, std::move(request), &opened);
    if (!answer)
        co_return answer.error();
    std::unique_ptr<body_stream> stream = std::make_unique<streamed_body>(
        std::move(core), limits, std::move(*answer), std::move(opened));
    co_return std::move(stream);
}

} // namespace cokino::net::detail
