// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Work that blocks, as it would look from the loop: it takes its time, by the loop's own clock.
#pragma once

#include <cokino/async/offload.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/async/timer.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>

namespace cokino::testing::support {

namespace asio = boost::asio;

/// A disk that takes a second for each call, on the loop's clock.
class slow_disk final : public blocking_place
{
public:
    explicit slow_disk(asio::io_context& io, duration each = std::chrono::seconds{1})
        : io_(io), each_(each)
    {
        install_blocking_place(io, *this);
    }
    void submit(blocking_task& task) override
    {
        ++calls;
        auto& waiting = *new one(time_of(io_.get_executor()), task);
        waiting.time.arm(waiting, later(waiting.time.now(), each_));
    }
    int calls = 0;

private:
    struct one final : timer {
        one(time_source& source, blocking_task& t) : time(source), task(t) {}
        void fire() override
        {
            const std::unique_ptr<one> self(this);
            task.work();
            task.done();
        }
        void abandon() noexcept override
        {
            const std::unique_ptr<one> self(this);
            task.drop();
        }
        time_source& time;
        blocking_task& task;
    };

    asio::io_context& io_;
    duration each_;
};

} // namespace cokino::testing::support
