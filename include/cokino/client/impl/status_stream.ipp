// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A host's event stream as a further source of news about one job. It only ever helps: when it
// drops, says nonsense or never comes, the looks go on as if it had not been there.
#pragma once

#include <cokino/client/detail/client_core.hpp>
#include <cokino/client/detail/exchange_facts.hpp>
#include <cokino/client/detail/poller.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/event_stream.hpp>

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <utility>

namespace cokino::detail {

struct stream_runner {
    static awaitable<void> run(std::shared_ptr<job_look> f)
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        client_core& core = *f->core;
        auto request = core.fresh_host().encode_stream(*f->job);
        if (request) {
            request->limits = core.api_limits;
            request->limits.total = {}; // it lasts as long as the job; comments keep it alive
            auto body = co_await core.net->open(std::move(*request));
            if (body && is_event_stream((*body)->head()))
                co_await listen(f, std::move(*body));
        }
        core.polls.fell_silent(*f);
    }

private:
    static bool is_event_stream(const wire::response& head)
    {
        return head.status == 200 && istarts_with(head.field("content-type"), "text/event-stream");
    }

    static awaitable<void> listen(std::shared_ptr<job_look> f,
                                  std::unique_ptr<net::body_stream> body)
    {
        wire::event_stream events;
        auto const room = std::make_unique<std::array<char, 4096>>();
        while (f->who) {
            auto const got = co_await body->read_some(asio::buffer(*room));
            if (!got || *got == 0)
                co_return;
            if (!events.feed(std::string_view(room->data(), *got)))
                co_return; // past its caps
            while (auto const event = events.next()) {
                if (!f->who)
                    co_return;
                auto status = f->core->host->decode_stream(*f->job, event->data);
                if (status)
                    f->core->polls.heard(*f->who, *status);
            }
        }
    }
};

COKINO_DECL wait_ears::wait_ears(job_wait& w) noexcept : wait(w) {}

COKINO_DECL void wait_ears::on_hint(const completion_hint& hint)
{
    wait.core_->polls.hinted(wait, hint);
}

/// Looks come first: nothing that is said here can end a wait before it has begun.
COKINO_DECL void poller::listen(job_wait& w, bool stream)
{
    const provider_traits& host = core_.host->traits();
    stream = stream && host.status_stream;
    bool const hooks = core_.hooks != nullptr && host.webhook != webhook_scheme::none;
    if (!stream && !hooks)
        return;
    w.ears_ = std::make_unique<wait_ears>(w);
    if (stream)
        open_stream(w);
    if (!hooks)
        return;
    w.ears_->watching = true;
    if (auto const told = core_.hooks->watch(*w.ears_, w.job().id()))
        hinted(w, *told);
    else
        carry_out(w, w.fsm_.on_listening(core_.rules, true, core_.time->now(), core_.random));
}

COKINO_DECL void poller::open_stream(job_wait& w)
{
    auto f = list(w);
    f->stream = true;
    w.ears_->stream = f.get();
    look_ended whole(f);
    auto stream = stream_runner::run(std::move(f));
    asio::co_spawn(core_.ex, std::move(stream), std::move(whole));
}

/// A hook came. What it says is believed only where its signature vouches for the body; otherwise
/// it is a reason to look, which somebody who forges hooks may give as often as he likes: a look
/// that is under way, or one that has to wait for its place, is not doubled by it.
COKINO_DECL void poller::hinted(job_wait& w, const completion_hint& hint)
{
    auto const now = core_.time->now();
    if (hint.believed && hint.note.status) {
        heard(w, *hint.note.status);
        return;
    }
    if (w.ready_)
        return;
    w.fsm_.on_listening(core_.rules, true, now, core_.random);
    carry_out(w, w.fsm_.on_hint(core_.rules, now));
}

COKINO_DECL void poller::heard(job_wait& w, const job_status& status)
{
    auto const now = core_.time->now();
    report_state(core_, w.job().record(), status);
    if (!is_final(status.state)) {
        if (!w.ready_) // a look that is due already waits for its place
            carry_out(w, w.fsm_.on_listening(core_.rules, true, now, core_.random));
        return;
    }
    if (w.fsm_.now_in() == wait_fsm::state::fetching)
        return;
    break_off(w, w.look_);
    drop_ready(w);
    carry_out(w, w.fsm_.on_news(core_.rules, status, now, core_.random));
}

COKINO_DECL void poller::fell_silent(job_look& f)
{
    if (f.listed)
        unlist(f);
    if (job_wait* const w = std::exchange(f.who, nullptr)) {
        w->ears_->stream = nullptr;
        if (!w->ready_ && !w->ears_->watching)
            carry_out(*w,
                      w->fsm_.on_listening(core_.rules, false, core_.time->now(), core_.random));
    }
}

} // namespace cokino::detail
