// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A file fetched in slices over several connections, read as if it came in one body: strictly in
// order. What to fetch is decided by slice_fsm; each lane is a coroutine that does it.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/event.hpp>
#include <cokino/async/task_scope.hpp>
#include <cokino/core/config.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/transfer/detail/rate_window.hpp>
#include <cokino/transfer/detail/slice_fsm.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cokino::detail {

/// What the lanes need of the download that they belong to.
class slice_carrier
{
public:
    /// Asks the present link for a slice of the version that was begun, and counts the request.
    [[nodiscard]] virtual awaitable<result<std::unique_ptr<net::body_stream>>> open_slice(
        std::uint64_t first, std::uint64_t last) = 0;
    [[nodiscard]] virtual range_head read_head(const wire::response& head) const = 0;
    /// A slice met a dead link: renews it for all, if that is worth it.
    [[nodiscard]] virtual awaitable<result<void>> renew_for_slices(range_head dead) = 0;
    /// How long to wait before another try, and tells the observer.
    virtual duration slice_delay(const slice_action& why) = 0;
    /// What the drip of a lane is judged by, and the failure when it is too slow.
    virtual rate_window slice_rate() const = 0;
    virtual failure too_slow() const = 0;

protected:
    ~slice_carrier() = default;
};

class sliced_body final : public net::body_stream
{
public:
    /// `first` is open and gives the first slice. The carrier outlives the lanes; the lanes end in
    /// the scope, which outlives this.
    COKINO_DECL sliced_body(slice_carrier& carrier, task_scope& lanes, slice_rules rules,
                            std::unique_ptr<net::body_stream> first);
    COKINO_DECL ~sliced_body() override;

    const wire::response& head() const noexcept override { return head_; }
    [[nodiscard]] COKINO_DECL awaitable<result<std::size_t>> read_some(
        asio::mutable_buffer into) override;

private:
    struct shared;
    class leaving;
    static awaitable<void> run_lane(std::shared_ptr<shared> all, std::size_t lane);
    static awaitable<slice_action> read_slice(std::shared_ptr<shared> all, std::size_t lane);

    std::shared_ptr<shared> all_;
    task_scope& lanes_;
    wire::response head_;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/sliced_body.ipp>
#endif
