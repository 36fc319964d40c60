// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/flight.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/net/detail/flight.hpp>
#include <cokino/net/detail/transport_core.hpp>

#include <algorithm>
#include <utility>

namespace cokino::net::detail {

COKINO_DECL std::string_view name_of(phase p) noexcept
{
    switch (p) {
    case phase::queueing: return "waiting for a free connection";
    case phase::resolving: return "looking up the host's name";
    case phase::connecting: return "connecting";
    case phase::tunnelling: return "asking the proxy for a tunnel";
    case phase::handshaking: return "the TLS handshake";
    case phase::writing: return "sending the request";
    case phase::awaiting: return "waiting for the answer";
    case phase::reading: return "reading the answer";
    }
    return "?";
}

COKINO_DECL flight::flight(transport_core& c, const wire::exchange_limits& l)
    : core(c), limits(l), began(c.now()),
      total_at_(l.total.count() > 0 ? later(began, l.total) : (steady_time::max)()),
      phase_at_(total_at_), attempt_at_((steady_time::max)())
{
    core.enlist(*this);
    core.watch(total_at_);
    if (core.closed())
        end(errc::closed);
}

COKINO_DECL flight::~flight()
{
    core.strike(*this);
    if (standing != state::none)
        core.withdraw(*this);
    if (conn)
        core.discard(std::move(conn));
    else if (holds_slot)
        core.free_slot(*entry);
}

COKINO_DECL steady_time flight::now() const { return core.now(); }

COKINO_DECL void flight::obey(const asio::cancellation_state& cancellation)
{
    slot_ = cancellation.slot();
    if (cancellation.cancelled() != asio::cancellation_type::none)
        end(errc::cancelled);
}

COKINO_DECL void flight::listen()
{
    if (slot_.is_connected())
        slot_.emplace<on_cancel>(on_cancel{this});
}

COKINO_DECL void flight::on_cancel::operator()(asio::cancellation_type_t type) const
{
    auto const at_any_time = asio::cancellation_type::terminal | asio::cancellation_type::partial;
    bool const harmless = self->only_reads || !self->sent_any();
    bool const obeyed =
        (type & at_any_time) != asio::cancellation_type::none ||
        ((type & asio::cancellation_type::total) != asio::cancellation_type::none && harmless);
    if (obeyed)
        self->end(errc::cancelled);
}

COKINO_DECL void flight::end(errc why) noexcept
{
    if (ended())
        return;
    ended_ = why;
    if (place.occupied())
        place.wake();
    else if (conn)
        conn->cut();
}

COKINO_DECL void flight::enter(phase p, std::chrono::milliseconds limit, steady_time at)
{
    phase_ = p;
    phase_limit_ = limit;
    phase_at_ = limit.count() > 0 ? (std::min)(later(at, limit), total_at_) : total_at_;
    attempt_at_ = (steady_time::max)();
    core.watch(phase_at_);
}

COKINO_DECL void flight::limit_attempt(steady_time until)
{
    attempt_passed_ = false;
    attempt_closes_ = true;
    attempt_at_ = until;
    core.watch(due_at());
}

COKINO_DECL void flight::limit_wait(steady_time until)
{
    limit_attempt(until);
    attempt_closes_ = false;
}

COKINO_DECL steady_time flight::due_at() const noexcept
{
    if (ended())
        return (steady_time::max)();
    return attempt_passed_ ? phase_at_ : (std::min)(phase_at_, attempt_at_);
}

COKINO_DECL void flight::check_time(steady_time now) noexcept
{
    if (now >= total_at_) {
        end(errc::deadline_passed);
    } else if (now >= phase_at_) {
        end(errc::phase_timed_out);
    } else if (now >= attempt_at_ && !attempt_passed_) {
        attempt_passed_ = true;
        error_code ignored;
        if (conn && attempt_closes_)
            conn->socket.close(ignored);
        else if (conn)
            conn->socket.cancel(ignored);
    }
}

COKINO_DECL failure flight::take_failure()
{
    fate const sent = sent_any() ? fate::maybe_sent : fate::not_sent;
    std::string const during(name_of(phase_));
    switch (ended_) {
    case errc::ok: break;
    case errc::deadline_passed:
        return failure(ended_, sent)
            .explain("the time limit of " + cokino::detail::duration_text(limits.total) +
                     " passed during: " + during);
    case errc::phase_timed_out:
        return failure(ended_, sent)
            .explain(during + " took longer than its limit of " +
                     cokino::detail::duration_text(phase_limit_));
    case errc::closed:
        return failure(ended_, sent).explain("the transport was closed during: " + during);
    default: return failure(ended_, sent).explain("ended during: " + during);
    }
    if (failure_) {
        failure_->set(sent);
        return std::move(*failure_);
    }
    if (!conn || conn->fault.code == errc::ok)
        return failure(errc::internal_error, sent);
    io_fault const& fault = conn->fault;
    std::string text = during;
    if (!fault.text.empty())
        text.append(": ").append(fault.text);
    if (fault.cause)
        text.append(": ").append(fault.cause.message());
    return failure(fault.code, sent).explain(std::move(text));
}

} // namespace cokino::net::detail
