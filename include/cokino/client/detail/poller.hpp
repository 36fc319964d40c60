// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The one poller of a client: every wait_for registers here and is woken with its verdict. A waiting
// job costs an alarm and a small machine, no timer, loop or coroutine of its own; the looks share
// one cap. What a look means is decided by wait_fsm; this is the dull part.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/client/detail/wait_fsm.hpp>
#include <cokino/model/job.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <memory>
#include <optional>

namespace cokino::detail {

struct client_core;
class poller;

/// One status or result request under way. Outlives its waiter when that one stops waiting.
struct flight {
    flight() = default;
    flight(const flight&) = delete;
    flight& operator=(const flight&) = delete;
    ~flight();

    std::shared_ptr<client_core> core;
    std::shared_ptr<const job_record> job;
    class waiter* who = nullptr; ///< Null once nobody wants the answer.
    bool fetch = false;
    bool listed = false;
    asio::cancellation_signal stop;
    flight* previous = nullptr;
    flight* next = nullptr;
};

/// One wait: lives in the frame of the coroutine that waits.
class waiter final : public alarm
{
public:
    waiter(client_core& core, job_handle job, std::chrono::milliseconds ceiling);
    ~waiter();

    void fire() override;
    /// The context dies: lets go of the coroutine, which owns this waiter.
    void abandon() noexcept override;

    /// Registers and remembers whom to wake. Called once, by the awaiting operation.
    template <class Handler> void start(Handler handler)
    {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected())
            slot.assign([this](asio::cancellation_type type) { cancel(type); });
        handler_.emplace(std::move(handler));
        begin();
    }

    /// The caller cancelled: leaves the poller and wakes the waiter.
    void cancel(asio::cancellation_type type);

    const job_handle& job() const noexcept { return job_; }
    asio::cancellation_type cancelled() const noexcept { return cancelled_; }
    /// After waking: how it ended; null when it was cancelled before.
    std::unique_ptr<wait_verdict> take_verdict() { return fsm_.take_verdict(); }

private:
    friend class poller;
    friend struct flight;
    void begin();
    void wake();

    client_core* core_;
    job_handle job_;
    wait_fsm fsm_;
    flight* flight_ = nullptr;
    waiter* ready_next_ = nullptr; // in the queue of those whose look is due
    waiter* ready_previous_ = nullptr;
    bool ready_ = false;
    asio::cancellation_type cancelled_ = asio::cancellation_type::none;
    std::optional<asio::any_completion_handler<void()>> handler_;
};

class poller
{
public:
    explicit poller(client_core& core) noexcept : core_(core) {}

    /// Stops every look under way; nobody may be waiting any more.
    void close() noexcept;

    std::size_t waiting() const noexcept { return waiting_; }
    std::size_t in_flight() const noexcept { return in_flight_; }

private:
    friend class waiter;
    friend struct flight;
    friend struct flight_runner;

    void rang(waiter& w);
    void leave(waiter& w) noexcept;
    void carry_out(waiter& w, wait_fsm::action a);
    void launch(waiter& w, bool fetch);
    void unlist(flight& f) noexcept;
    void landed(flight& f, result<job_status> outcome,
                std::optional<std::chrono::milliseconds> hint);
    void queue_ready(waiter& w) noexcept;
    void drop_ready(waiter& w) noexcept;
    void pump();

    client_core& core_;
    std::size_t waiting_ = 0;
    std::size_t in_flight_ = 0;
    flight* flights_ = nullptr;
    waiter* ready_head_ = nullptr;
    waiter* ready_tail_ = nullptr;
};

} // namespace cokino::detail
