// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/sliced_body.hpp.
#pragma once

#include <cokino/async/sleep.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/transfer/detail/sliced_body.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace cokino::detail {

/// What the lanes and the reader share. Lives until the last of them has ended.
struct sliced_body::shared {
    struct lane {
        std::unique_ptr<net::body_stream> stream; // what it reads
        std::unique_ptr<char[]> bytes;            // slice_bytes of them
        std::unique_ptr<auto_event> go;           // its slice was taken, or the link renewed
    };

    shared(slice_carrier& c, slice_rules rules)
        : carrier(c), slice_bytes(static_cast<std::size_t>(rules.slice_bytes)), lanes(rules.lanes),
          fsm(std::move(rules))
    {
        for (lane& each : lanes)
            each.go = std::make_unique<auto_event>();
    }

    void wake_all()
    {
        ready.set();
        for (lane& each : lanes)
            each.go->set();
    }
    void give_up(failure why)
    {
        fsm.give_up(std::move(why));
        wake_all();
    }

    slice_carrier& carrier;
    std::size_t slice_bytes;
    std::vector<lane> lanes;
    slice_fsm fsm;
    auto_event ready; // there may be bytes to take, or an end to see
};

/// However a lane ends, an exception included, the reader does not wait for it.
class sliced_body::leaving
{
public:
    explicit leaving(shared& all) noexcept : all_(all) {}
    leaving(const leaving&) = delete;
    leaving& operator=(const leaving&) = delete;
    ~leaving()
    {
        if (!well)
            all_.give_up(failure(errc::internal_error).explain("a slice was dropped"));
    }
    bool well = false;

private:
    shared& all_;
};

COKINO_DECL sliced_body::sliced_body(slice_carrier& carrier, task_scope& lanes, slice_rules rules,
                                     std::unique_ptr<net::body_stream> first)
    : lanes_(lanes), head_(first->head())
{
    const unsigned count = rules.lanes;
    all_ = std::make_shared<shared>(carrier, std::move(rules));
    all_->lanes[0].stream = std::move(first);
    for (unsigned lane = 0; lane < count; ++lane)
        lanes_.spawn(run_lane(all_, lane));
}

COKINO_DECL sliced_body::~sliced_body()
{
    all_->give_up(failure(errc::closed));
    lanes_.cancel();
}

// Takes the body of a slice into the lane's place, until the machine wants something else.
COKINO_DECL awaitable<slice_action> sliced_body::read_slice(std::shared_ptr<shared> all,
                                                            std::size_t lane)
{
    auto& own = all->lanes[lane];
    if (!own.bytes)
        own.bytes = std::make_unique<char[]>(all->slice_bytes);
    time_source& time = time_of(co_await asio::this_coro::executor);
    rate_window rate = all->carrier.slice_rate();
    slice_action next = all->fsm.next(lane);
    while (next.what == slice_action::kind::read) {
        const std::size_t at = all->fsm.filled(lane);
        const auto left = static_cast<std::size_t>(all->fsm.left(lane));
        const auto asked = time.now();
        auto got = co_await own.stream->read_some(asio::buffer(own.bytes.get() + at, left));
        if (!got) {
            next = all->fsm.on_failure(lane, got.error());
        } else if (*got == 0) {
            next = all->fsm.on_end(lane);
        } else {
            next = all->fsm.on_bytes(lane, *got);
            if (next.what == slice_action::kind::read && rate.too_slow(time.now() - asked, *got))
                next = all->fsm.on_failure(lane, all->carrier.too_slow());
        }
        all->ready.set();
    }
    co_return next;
}

COKINO_DECL awaitable<void> sliced_body::run_lane(std::shared_ptr<shared> all, std::size_t lane)
{
    leaving guard(*all);
    auto& own = all->lanes[lane];
    slice_action next = all->fsm.next(lane);
    for (;;) {
        switch (next.what) {
        case slice_action::kind::fetch: {
            own.stream.reset();
            auto opened = co_await all->carrier.open_slice(next.first, next.last);
            if (!opened) {
                next = all->fsm.on_failure(lane, opened.error());
                break;
            }
            own.stream = std::move(*opened);
            next = all->fsm.on_head(lane, all->carrier.read_head(own.stream->head()));
            break;
        }
        case slice_action::kind::read: next = co_await read_slice(all, lane); break;
        case slice_action::kind::wait:
            own.stream.reset();
            co_await sleep_for(all->carrier.slice_delay(next));
            next = all->fsm.next(lane);
            break;
        case slice_action::kind::rest: {
            own.stream.reset();
            const auto woken = co_await own.go->async_wait(as_tuple_token);
            throw_if(std::get<0>(woken));
            next = all->fsm.next(lane);
            break;
        }
        case slice_action::kind::renew: {
            range_head dead = all->carrier.read_head(own.stream->head());
            own.stream.reset();
            auto renewed = co_await all->carrier.renew_for_slices(std::move(dead));
            if (renewed)
                all->fsm.on_renewed();
            else
                all->fsm.give_up(renewed.error());
            all->wake_all();
            next = all->fsm.next(lane);
            break;
        }
        case slice_action::kind::over: all->wake_all(); [[fallthrough]];
        case slice_action::kind::done: guard.well = true; co_return;
        }
    }
}

COKINO_DECL awaitable<result<std::size_t>> sliced_body::read_some(asio::mutable_buffer into)
{
    for (;;) {
        const auto from = all_->fsm.available();
        if (from.bytes != 0) {
            const std::size_t count = std::min(from.bytes, into.size());
            std::memcpy(into.data(), all_->lanes[from.lane].bytes.get() + from.at, count);
            if (all_->fsm.on_taken(count))
                all_->lanes[from.lane].go->set();
            co_return count;
        }
        if (all_->fsm.whole())
            co_return std::size_t{0};
        if (all_->fsm.given_up())
            co_return all_->fsm.failed();
        const auto woken = co_await all_->ready.async_wait(as_tuple_token);
        if (std::get<0>(woken))
            co_return failure(errc::cancelled, fate::maybe_sent);
    }
}

} // namespace cokino::detail
