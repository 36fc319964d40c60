// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What all verbs of one client share: doors (transport, clock, chance), the dialect, rules, spare
// buffers and the poller. Held by shared_ptr, because a poll may still be under way when the
// client goes.
#pragma once

#include <cokino/async/semaphore.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/client/detail/poller.hpp>
#include <cokino/client/detail/uploads.hpp>
#include <cokino/client/detail/wait_fsm.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/policy/retry.hpp>
#include <cokino/provider/provider.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::detail {

struct client_core : std::enable_shared_from_this<client_core> {
    client_core(executor e, std::shared_ptr<const provider> p, std::shared_ptr<net::transport> t,
                std::uint64_t seed)
        : ex(std::move(e)), time(&time_of(ex)), host(std::move(p)), net(std::move(t)), random(seed),
          setup_turn(1), polls(*this)
    {}

    executor ex;
    time_source* time; ///< Belongs to the executor's context and outlives this.
    std::shared_ptr<const provider> host;
    std::shared_ptr<net::transport> net;
    random_source random;
    observer watch;
    policy::retry_options retry;
    wire::exchange_limits api_limits;
    wait_rules rules;
    std::size_t polls_in_flight_max = limits::polls_in_flight_max;
    completion_source* hooks = nullptr; ///< Outlives the client; null: nobody is called back.
    std::string setup;                  ///< What the host's setup gave; empty until there is one.
    semaphore setup_turn;               ///< One at a time makes it.
    upload_memory uploads;
    poller polls;

    /// The dialect, its key renewed where that is needed.
    const provider& fresh_host() const
    {
        host->renew_key(time->system_now());
        return *host;
    }

    /// A buffer with capacity from an earlier exchange, or an empty one.
    std::string take_buffer()
    {
        if (buffers_.empty())
            return {};
        std::string b = std::move(buffers_.back());
        buffers_.pop_back();
        b.clear();
        return b;
    }

    void give_buffer(std::string&& b)
    {
        if (buffers_.size() < limits::spare_buffers_max &&
            b.capacity() <= limits::spare_buffer_bytes_max)
            buffers_.push_back(std::move(b));
    }

    /// Whether a word that this version does not know is to be reported: the first time.
    bool is_news(std::string_view word)
    {
        if (strange_words_.size() == limits::unknown_words_max ||
            std::find(strange_words_.begin(), strange_words_.end(), word) != strange_words_.end())
            return false;
        strange_words_.emplace_back(word);
        return true;
    }

    /// The job belongs to this client's host and base URL; else invalid_job, naming both.
    result<void> check_own(const job_handle& job) const;

    /// Fills in what every failure of an operation on a job should carry.
    failure with_job(failure f, std::string_view operation, const job_record& job) const;

private:
    std::vector<std::string> buffers_, strange_words_;
};

} // namespace cokino::detail
