// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The one poller of a client: every wait_for registers here and is woken with its verdict. A
// waiting job costs a place among the timers and a small machine, no loop or coroutine of its own;
// the looks share one cap, and one call where the host tells of many jobs at once. What a look
// means is decided by wait_fsm, which looks share a call by look_board; this is the dull part.
#pragma once

#include <cokino/async/handler_op.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/client/detail/look_board.hpp>
#include <cokino/client/detail/wait_fsm.hpp>
#include <cokino/model/completion_source.hpp>
#include <cokino/model/job.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace cokino::detail {

struct client_core;
class job_wait;
class poller;

/// A further job that is asked for in the same call.
struct look_rider {
    std::shared_ptr<const job_record> job;
    job_wait* who = nullptr; ///< Null once nobody wants to know of it.
};

/// What a call said of each job in it: empty where it said nothing.
using joint_outcome = result<std::vector<std::optional<job_status>>>;

/// One status or result request under way. Outlives its waits when nobody waits any more.
struct job_look {
    job_look() = default;
    job_look(const job_look&) = delete;
    job_look& operator=(const job_look&) = delete;
    ~job_look();

    /// `w` does not want the answer any more. Whether anybody else does.
    bool let_go(const job_wait& w) noexcept;

    std::shared_ptr<client_core> core;
    std::shared_ptr<const job_record> job;
    job_wait* who = nullptr;        ///< Null once nobody wants the answer.
    std::vector<look_rider> riders; ///< Those that ride along; empty for most.
    bool fetch = false;
    bool stream = false; ///< No look, but an event stream: it counts for no place among the looks.
    bool listed = false;
    asio::cancellation_signal stop;
    job_look* previous = nullptr;
    job_look* next = nullptr;
};

/// The coroutine behind a wait, whatever its handler's type.
class wake_up
{
public:
    /// Resumes it through the queue.
    virtual void resume() = 0;
    /// Destroys it: the context is going.
    virtual void destroy_frame() noexcept = 0;

protected:
    ~wake_up() = default;
};

template <class Handler>
class wake_up_op final : public wake_up, public handler_op<wake_up_op<Handler>, Handler>
{
public:
    explicit wake_up_op(Handler&& handler) noexcept
        : handler_op<wake_up_op<Handler>, Handler>(std::move(handler))
    {}
    void resume() override
    {
        auto handler = this->take_cleared();
        const auto ex = asio::get_associated_executor(handler);
        asio::post(ex, std::move(handler));
    }
    void destroy_frame() noexcept override { this->destroy(); }
};

/// What a wait hears of its job unasked: the host's event stream, and hooks.
class wait_ears final : public completion_waiter
{
public:
    explicit wait_ears(job_wait& w) noexcept;
    COKINO_DECL void on_hint(const completion_hint& hint) override;

    job_wait& wait;
    job_look* stream = nullptr;
    bool watching = false;
};

/// One wait: lives in the frame of the coroutine that waits.
class job_wait final : public timer, public ring_link
{
public:
    /// `job` stays where it is, in the same frame.
    job_wait(client_core& core, const job_handle& job, std::chrono::milliseconds ceiling,
             bool listen);
    COKINO_DECL ~job_wait();

    COKINO_DECL void fire() override;
    /// The context dies: lets go of the coroutine, which owns this wait.
    COKINO_DECL void abandon() noexcept override;

    /// Registers and remembers whom to wake. Called once, by the awaiting operation.
    template <class Handler> void start(Handler handler)
    {
        auto& op = wake_up_op<Handler>::make(std::move(handler));
        sleeper_ = &op;
        if (auto slot = op.slot(); slot.is_connected())
            slot.template emplace<canceller>(*this);
        begin();
    }

    /// The caller cancelled: leaves the poller and wakes the coroutine.
    void cancel(asio::cancellation_type type);

    const job_handle& job() const noexcept { return *job_; }
    asio::cancellation_type cancelled() const noexcept { return cancelled_; }
    /// After waking: how it ended; null when it was cancelled before.
    std::unique_ptr<wait_verdict> take_verdict() { return fsm_.take_verdict(); }

    // What look_board asks.
    steady_time due() const noexcept { return fsm_.timer_at(); }
    steady_time joins_from() const;
    bool joins() const noexcept { return fsm_.joins(); }

private:
    friend class poller;
    friend class wait_ears;
    friend struct job_look;
    struct canceller {
        explicit canceller(job_wait& w) noexcept : wait(w) {}
        void operator()(asio::cancellation_type type) const
        {
            if (type != asio::cancellation_type::none)
                wait.cancel(type);
        }
        job_wait& wait;
    };

    void begin();
    void wake();

    client_core* core_;
    const job_handle* job_;
    wait_fsm fsm_;
    job_look* look_ = nullptr;
    std::unique_ptr<wait_ears> ears_; // null for most: what hears of the job beside the looks
    bool ready_ = false;              // the look is due and has no place yet
    bool counted_ = false;
    bool listen_ = false;
    asio::cancellation_type cancelled_ = asio::cancellation_type::none;
    wake_up* sleeper_ = nullptr;
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
    friend class job_wait;
    friend class wait_ears;
    friend struct job_look;
    friend struct look_runner;
    friend struct joint_look_runner;
    friend struct look_ended;
    friend struct stream_runner;

    void rang(job_wait& w);
    void leave(job_wait& w) noexcept;
    void carry_out(job_wait& w, wait_fsm::action a);
    void sleep(job_wait& w);
    void launch(job_wait& w, bool fetch);
    void board(job_wait& w, job_look& f);
    void listen(job_wait& w, bool stream);
    void open_stream(job_wait& w);
    void hinted(job_wait& w, const completion_hint& hint);
    std::shared_ptr<job_look> list(job_wait& w);
    void break_off(job_wait& w, job_look*& f) noexcept;
    void heard(job_wait& w, const job_status& status);
    void fell_silent(job_look& f);
    void unlist(job_look& f) noexcept;
    void landed(job_look& f, result<job_status> outcome,
                std::optional<std::chrono::milliseconds> hint);
    void landed_together(job_look& f, joint_outcome outcome,
                         std::optional<std::chrono::milliseconds> hint);
    void drop_ready(job_wait& w) noexcept;
    void pump();

    client_core& core_;
    std::size_t waiting_ = 0;
    std::size_t in_flight_ = 0;
    job_look* looks_ = nullptr;
    look_board<job_wait> board_;
};

} // namespace cokino::detail
