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
COKINO_DECL result<wire::request> download_run::make_request(const wire::url& to,
                                                             std::uint64_t offset,
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
    if (offset != 0) {
        auto& fields = request.extra_fields;
        if (auto done = wire::append_field(fields, "Range", "bytes=" + to_text(offset) + "-");
            !done)
            return done.error();
        if (auto done = wire::append_field(fields, "If-Range", if_range); !done)
            return done.error();
    }
    request.limits.total = std::chrono::milliseconds(0);
    request.limits.read_stall = order_.options.read_stall;
    request.limits.body_bytes_max = order_.options.bytes_max;
    request.public_addresses_only = !policy_.allow_private_addresses;
    return request;
}

COKINO_DECL result<wire::url> download_run::next_hop(const wire::url& from, unsigned hops)
{
    const auto& head = stream_->head();
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

// Gives stream_ a response that is no redirect. Each hop is checked like the link itself.
COKINO_DECL awaitable<result<void>> download_run::open_following(std::uint64_t offset,
                                                                 std::string if_range)
{
    wire::url at = link_;
    for (unsigned hops = 0;; ++hops) {
        stream_.reset();
        auto request = make_request(at, offset, if_range);
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
        stream_ = std::move(*opened);
        life_.on_head(stream_->head(), asked, time_.system_now());
        if (!is_redirect(stream_->head().status))
            co_return result<void>();
        auto to = next_hop(at, hops);
        if (!to)
            co_return to.error();
        at = std::move(*to);
    }
}

COKINO_DECL awaitable<result<range_action>> download_run::ask(std::uint64_t offset,
                                                              std::string if_range)
{
    said_.clear();
    auto opened = co_await open_following(offset, std::move(if_range));
    if (!opened)
        co_return fsm_.on_failure(opened.error());
    const range_head head = read_range_head(stream_->head(), time_.system_now());
    if (head.status >= 400)
        co_await read_sample();
    co_return fsm_.on_head(head);
}

// The first words of a refusal, for the error's reader. Whatever goes wrong here does not matter.
COKINO_DECL awaitable<void> download_run::read_sample()
{
    auto text = std::make_unique<std::array<char, 1024>>();
    std::size_t size = 0;
    while (size < text->size()) {
        auto got =
            co_await stream_->read_some(asio::buffer(text->data() + size, text->size() - size));
        if (!got || *got == 0)
            break;
        size += *got;
    }
    life_.on_refusal(stream_->head().status, std::string_view(text->data(), size));
    said_ = wire::redact_answer(std::string_view(text->data(), size), limits::host_text_bytes_max);
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
        auto got =
            co_await stream_->read_some(asio::buffer(piece_.data() + filled_, end - filled_));
        if (!got)
            co_return got.error();
        ended_ = *got == 0;
        filled_ += *got;
    }
    wanted_ = ended_ ? piece_.size() : piece_store::size_after(piece_.size(), time_.now() - began);
    co_return std::nullopt;
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
    auto written = co_await sink_.write(asio::buffer(bytes.data(), bytes.size()));
    if (!written)
        co_return written.error();
    if (order_.options.digest) {
        const std::function<void()> work = [&] { digest_.update(bytes); };
        co_await offload(work, guard_);
    }
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

} // namespace cokino::detail
