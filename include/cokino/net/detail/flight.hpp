// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One exchange, or one read of an open body, while it is under way: its connection, its place in
// the pool's line, its time limits, and the one way in which it is ended from outside. It lives in
// the coroutine that drives it.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/net/detail/connection.hpp>
#include <cokino/net/detail/io_ops.hpp>
#include <cokino/net/detail/pool.hpp>
#include <cokino/wire/message.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace cokino::net::detail {

class transport_core;
struct origin_entry;

/// What an exchange is doing, for limits and for the words of its failure.
enum class phase : unsigned char {
    queueing,
    resolving,
    connecting,
    tunnelling,
    handshaking,
    writing,
    awaiting,
    reading
};

COKINO_DECL std::string_view name_of(phase p) noexcept;

class flight final : public pool_ticket
{
public:
    /// Lifetimes: the core and the limits outlive the flight.
    flight(transport_core& core, const wire::exchange_limits& limits);
    ~flight();
    flight(const flight&) = delete;
    flight& operator=(const flight&) = delete;

    transport_core& core;
    const wire::exchange_limits& limits;
    origin_entry* entry = nullptr;
    std::unique_ptr<connection> conn; ///< Holds a slot of the entry's.
    parking place;
    steady_time const began;
    bool holds_slot = false; ///< A slot without a connection yet.
    bool used = false;       ///< The connection has carried other requests.
    bool only_reads = false; ///< Ending it changes nothing at the host: total may end it too.

    // ---- being ended from outside
    /// Takes the coroutine's cancellation state; ends at once if it is cancelled already.
    void obey(const asio::cancellation_state& cancellation);
    /// Puts the cancellation handler into the coroutine's slot. Called before each wait, since
    /// Asio clears the slot whenever an operation of the coroutine completes.
    void listen();
    /// Ends it: the first reason counts. Whatever it waits for completes soon.
    void end(errc why) noexcept;
    bool ended() const noexcept { return ended_ != errc::ok; }
    errc reason() const noexcept { return ended_; }

    // ---- time
    /// Enters a phase with its own time limit (zero: none but the total).
    void enter(phase p, std::chrono::milliseconds limit) { enter(p, limit, now()); }
    void enter(phase p, std::chrono::milliseconds limit, steady_time at);
    /// A time limit for one attempt within a phase: when it passes, the socket is closed and the
    /// flight goes on.
    void limit_attempt(steady_time until);
    /// The same for a wait that others may follow on the socket: it is not closed, its wait
    /// completes with operation_aborted.
    void limit_wait(steady_time until);
    bool attempt_passed() const noexcept { return attempt_passed_; }
    void end_total_at(steady_time total) noexcept { total_at_ = total; }
    steady_time total_at() const noexcept { return total_at_; }
    steady_time phase_at() const noexcept { return phase_at_; }
    steady_time now() const;

    // ---- its failure
    void fail(failure f) { failure_ = std::move(f); }
    bool failed() const noexcept { return ended() || failure_.has_value(); }
    /// The failure with its fate.
    failure take_failure();
    /// Some byte of the request reached the kernel.
    bool sent_any() const noexcept { return conn && conn->sent_any(); }

private:
    friend class transport_core;

    struct on_cancel {
        flight* self;
        void operator()(asio::cancellation_type_t type) const;
    };

    /// The next instant at which check_time() has something to do.
    steady_time due_at() const noexcept;
    void check_time(steady_time now) noexcept;

    asio::cancellation_slot slot_;
    std::optional<failure> failure_;
    steady_time total_at_;
    steady_time phase_at_;
    steady_time attempt_at_;
    flight* next_ = nullptr;
    flight* previous_ = nullptr;
    std::chrono::milliseconds phase_limit_{0};
    errc ended_ = errc::ok;
    phase phase_ = phase::queueing;
    bool attempt_passed_ = false;
    bool attempt_closes_ = true;
};

} // namespace cokino::net::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/detail/transport_core.hpp> // brings the bodies of both
#endif
