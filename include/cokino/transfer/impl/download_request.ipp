// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The network's half of transfer/detail/download_run.hpp: requests, redirects, bodies.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/download_run.hpp>
#include <cokino/wire/redact.hpp>
#include <cokino/wire/sniff.hpp>

#include <array>
#include <functional>
#include <optional>
#include <utility>

namespace cokino::detail {

// No key is ever written here: a result's host has no business with it.
COKINO_DECL result<wire::request> download_run::make_request(const wire::url& to, byte_range range,
                                                             const std::string& if_range) const
{
    wire::head_builder builder(wire::method::get, to);
    if (!tools_.defaults.user_agent.empty())
        builder.field("User-Agent", tools_.defaults.user_agent);
    builder.field("Accept", "*/*").field("Accept-Encoding", "identity");
    auto head = builder.build();
    if (!head)
        return head.error();
    wire::request request(std::move(*head));
    auto& fields = request.extra_fields;
    if (range.first != 0 || range.last) {
        std::string bytes = "bytes=" + to_text(range.first) + "-";
        if (range.last)
            bytes += to_text(*range.last);
        if (auto done = wire::append_field(fields, "Range", bytes); !done)
            return done.error();
    }
    if (!if_range.empty())
        if (auto done = wire::append_field(fields, "If-Range", if_range); !done)
            return done.error();
    request.limits.total = std::chrono::milliseconds(0);
    // A silence as long as the window is too slow in any case.
    request.limits.read_stall = order_.options.read_stall;
    if (const auto window = order_.options.rate_window;
        flow_.bytes_min() != 0 &&
        (order_.options.read_stall.count() == 0 || window < order_.options.read_stall))
        request.limits.read_stall = window;
    request.limits.body_bytes_max = order_.options.bytes_max;
    request.public_addresses_only = !policy_.allow_private_addresses;
    return request;
}

COKINO_DECL result<wire::url> download_run::next_hop(const wire::response& head,
                                                     const wire::url& from, unsigned hops)
{
    auto to = follow_redirect(from, head.field("location"), hops, policy_);
    if (!to) {
        failure why = to.error();
        why.edit().http_status = head.status;
        return why;
    }
    ++redirects_;
    if (tools_.watch) {
        const auto shown = [](const wire::url& link) {
            return link.where().text() + std::string(link.path());
        };
        const std::string old_place = shown(from);
        const std::string new_place = shown(*to);
        redirect_event event;
        event.status = head.status;
        event.from = old_place;
        event.to = new_place;
        tools_.watch.on_redirect(event);
    }
    return to;
}

// Gives a response that is no redirect. Each hop is checked like the link itself.
COKINO_DECL awaitable<result<std::unique_ptr<net::body_stream>>> download_run::open_following(
    byte_range range, std::string if_range)
{
    wire::url at = link_;
    for (unsigned hops = 0;; ++hops) {
        auto request = make_request(at, range, if_range);
        if (!request)
            co_return request.error();
        const auto asked = time_.system_now();
        auto opened = co_await tools_.network.open(std::move(*request));
        if (!opened) {
            failure why = opened.error();
            if (hops != 0 && why == errc::link_refused)
                why.set(errc::redirect_refused);
            if (why.facts().host.empty())
                why.edit().host = at.where().host;
            co_return why;
        }
        life_.on_head((*opened)->head(), asked, time_.system_now());
        if (!is_redirect((*opened)->head().status))
            co_return std::move(*opened);
        auto to = next_hop((*opened)->head(), at, hops);
        if (!to)
            co_return to.error();
        at = std::move(*to);
    }
}

COKINO_DECL awaitable<result<range_action>> download_run::ask(byte_range range,
                                                              std::string if_range)
{
    said_.clear();
    stream_.reset();
    sliced_ = false;
    auto opened = co_await open_following(range, std::move(if_range));
    if (!opened)
        co_return fsm_.on_failure(opened.error());
    stream_ = std::move(*opened);
    const range_head head = read_head(stream_->head());
    if (head.status >= 400)
        co_await read_sample();
    co_return fsm_.on_head(head);
}

// The first words of a refusal, for the error's reader. Whatever goes wrong here does not matter.
COKINO_DECL awaitable<void> download_run::read_sample()
{
    auto text = std::make_unique<std::array<char, 1024>>();
    std::size_t size = 0;
    const auto enough = later(time_.now(), limits::refusal_text_max);
    while (size < text->size() && time_.now() < enough) {
        auto got =
            co_await stream_->read_some(asio::buffer(text->data() + size, text->size() - size));
        if (!got || *got == 0)
            break;
        size += *got;
    }
    life_.on_refusal(stream_->head().status, std::string_view(text->data(), size));
    said_ = wire::redact_answer(std::string_view(text->data(), size), limits::host_text_bytes_max);
}

COKINO_DECL failure download_run::too_slow() const
{
    return failure(errc::phase_timed_out, fate::maybe_sent)
        .explain("the host sent fewer than " + to_text(order_.options.rate_bytes_min) +
                 " bytes a second for " + duration_text(order_.options.rate_window));
}

COKINO_DECL awaitable<result<range_action>> download_run::read()
{
    rate_.add(0, time_.now()); // from here on bytes may come
    if (fsm_.total() && order_.watch)
        if (auto may = order_.watch->on_total(*fsm_.total(), fsm_.offset()); !may)
            co_return may.error();
    if (fsm_.total())
        if (auto fits = sink_.expect(*fsm_.total()); !fits)
            co_return fits.error();
    const auto followed = co_await follow_digest();
    if (!followed)
        co_return followed.error();
    flow_.restart();
    ended_ = false;
    for (;;) {
        auto broke = co_await fill();
        if (filled_ != 0) {
            auto next = co_await store();
            if (!next || next->what != range_action::kind::read)
                co_return next;
        }
        if (ended_)
            co_return fsm_.on_end();
        if (broke && sliced_)
            co_return fsm_.on_slices_failed(std::move(*broke));
        if (broke)
            co_return fsm_.on_failure(std::move(*broke));
    }
}

// Reads until the piece is full, so that it goes to the disk in one call. One that is filled
// quickly is followed by a larger one. What an earlier try left may end anywhere; the first piece
// behind it ends where a block of the disk does.
COKINO_DECL awaitable<std::optional<failure>> download_run::fill()
{
    if (!piece_)
        piece_ = tools_.pieces.take(piece_store::first);
    const auto began = time_.now();
    const auto odd = static_cast<std::size_t>(fsm_.offset() % 4096);
    const std::size_t end = piece_.size() - odd;
    while (filled_ < end && !ended_) {
        const auto asked = time_.now();
        auto got =
            co_await stream_->read_some(asio::buffer(piece_.data() + filled_, end - filled_));
        if (!got)
            co_return got.error();
        ended_ = *got == 0;
        filled_ += *got;
        // The lanes of a sliced body look at this themselves.
        if (!ended_ && !sliced_ && flow_.too_slow(time_.now() - asked, *got))
            co_return too_slow();
    }
    wanted_ = ended_ ? piece_.size() : piece_store::size_after(piece_.size(), time_.now() - began);
    co_return std::nullopt;
}

// All that takes long is done in one go beside the loop.
COKINO_DECL awaitable<result<void>> download_run::keep(asio::const_buffer bytes)
{
    if (!digests_.needed()) {
        digests_.miss();
        return sink_.write(bytes);
    }
    return keep_and_digest(bytes);
}

COKINO_DECL awaitable<result<void>> download_run::keep_and_digest(asio::const_buffer bytes)
{
    const std::function<void()> work = [&] {
        digests_.update(std::string_view(static_cast<const char*>(bytes.data()), bytes.size()));
    };
    auto written = co_await sink_.write_and(bytes, work, guard_);
    co_return written;
}

// Hands the buffer to the sink. What begins like an error page never gets there.
COKINO_DECL awaitable<result<range_action>> download_run::store()
{
    const std::string_view bytes(piece_.data(), std::exchange(filled_, 0));
    if (fsm_.offset() == 0 && order_.options.check_content) {
        const auto wish = wish_for(order_.file, order_.is_video, fsm_.media_type());
        if (auto good = check_beginning(bytes, wish, expected_type()); !good)
            co_return fsm_.on_unfit(good.error());
    }
    auto written = co_await keep(asio::buffer(bytes.data(), bytes.size()));
    if (!written)
        co_return written.error();
    if (!sink_.reader())
        skeleton_.append(bytes);
    auto next = fsm_.on_bytes(bytes.size());
    tell_progress(bytes.size());
    if (next.what == range_action::kind::read && fsm_.resumable() &&
        fsm_.offset() - remembered_ >= checkpoint_bytes) {
        auto kept = co_await sink_.remember(held());
        if (!kept)
            co_return kept.error();
        remembered_ = fsm_.offset();
    }
    if (wanted_ != piece_.size()) {
        piece_ = piece();
        piece_ = tools_.pieces.take(wanted_);
    }
    co_return next;
}

// ---- slices -----------------------------------------------------------------------------------

// The open answer ends at `last` and the file goes on: from here on several connections fetch it.
COKINO_DECL void download_run::slice(std::uint64_t last)
{
    slice_rules rules;
    static_cast<file_version&>(rules) = fsm_.version();
    rules.first = fsm_.offset();
    rules.slice_bytes = last + 1 - rules.first;
    rules.lanes = order_.options.parallel;
    rules.tries_max = order_.options.tries_max;
    stream_ = std::make_unique<sliced_body>(static_cast<slice_carrier&>(*this), *lanes_,
                                            std::move(rules), std::move(stream_));
    sliced_ = true;
}

COKINO_DECL range_head download_run::read_head(const wire::response& head) const
{
    return read_range_head(head, time_.system_now());
}

COKINO_DECL awaitable<result<std::unique_ptr<net::body_stream>>> download_run::open_slice(
    std::uint64_t first, std::uint64_t last)
{
    fsm_.count_request();
    byte_range range;
    range.first = first;
    range.last = last;
    return open_following(range, fsm_.validator());
}

COKINO_DECL awaitable<result<void>> download_run::renew_for_slices(range_head dead)
{
    const range_action next = fsm_.on_dead_slice(dead);
    if (next.what != range_action::kind::renew)
        co_return next.why;
    auto taken = co_await take_fresh_link();
    co_return taken;
}

COKINO_DECL duration download_run::slice_delay(const slice_action& why)
{
    policy::backoff delays = policy::backoff(policy::backoff_options());
    duration delay{0};
    for (unsigned step = 0; step != why.step; ++step)
        delay = delays.next(tools_.random, why.why == errc::rate_limited);
    return spread_over(delay, why.wait_min, why.why);
}

COKINO_DECL rate_window download_run::slice_rate() const
{
    return rate_window(order_.options.rate_bytes_min, order_.options.rate_window);
}

} // namespace cokino::detail
