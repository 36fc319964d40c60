// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the two in-memory transports share: a wait that a request which has left survives, and a
// body that is handed out in pieces. Not for use outside fake_transport and scripted_transport.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/core/text.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/testing/fake_engine.hpp>
#include <cokino/wire/message.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace cokino::testing::detail {

/// The shorter of two limits of which zero means none.
inline std::optional<duration> shorter(std::chrono::milliseconds a, std::chrono::milliseconds b)
{
    if (a.count() == 0 && b.count() == 0)
        return std::nullopt;
    if (a.count() == 0 || (b.count() != 0 && b < a))
        return b;
    return a;
}

/// An answer under way: when its head comes, or why it does not.
struct carried {
    carried() = default;
    duration after{0};
    std::optional<failure> broken; ///< Instead of an answer.
    wire::response head;
    std::string body;
    std::optional<std::size_t> cut_at; ///< The body breaks here,
    errc cut_as = errc::body_truncated;
    duration cut_after{0}; ///< after this wait.
    std::size_t piece_bytes = 0;
    duration pause{0};
    /// Waits within the body, each before the byte at an offset; in the order of these.
    std::vector<std::pair<std::size_t, duration>> waits;

    /// For whoever takes the answer as a whole: it is there when its last byte is.
    void gather(const wire::exchange_limits& l)
    {
        if (broken || waits.empty())
            return;
        for (const auto& [at, wait] : waits)
            after += wait;
        if (l.total.count() == 0 || after <= duration(l.total))
            return;
        after = l.total;
        broken = failure(errc::deadline_passed, fate::maybe_sent);
    }

    /// Shortens what would pass the request's limits to the time-out that it is.
    void limit(const wire::exchange_limits& l)
    {
        const bool first_byte =
            l.first_byte.count() != 0 && (l.total.count() == 0 || l.first_byte < l.total);
        const auto most = shorter(l.first_byte, l.total);
        if (most && after > *most) {
            after = *most;
            broken = failure(first_byte ? errc::phase_timed_out : errc::deadline_passed,
                             fate::maybe_sent);
        }
    }

    /// The fields of a request, from its head's bytes and its own.
    static void read_fields(std::string_view lines, fake_fields& to)
    {
        while (!lines.empty()) {
            std::string_view line = cokino::detail::take_until(lines, '\n');
            if (!line.empty() && line.back() == '\r')
                line.remove_suffix(1);
            const auto colon = line.find(':');
            if (colon == std::string_view::npos)
                continue;
            std::string name(line.substr(0, colon));
            std::transform(name.begin(), name.end(), name.begin(), cokino::detail::to_lower);
            to.emplace_back(std::move(name), cokino::detail::trim(line.substr(colon + 1)));
        }
    }

    static fake_request request_of(const wire::request& r)
    {
        fake_request out;
        out.method = name_of(r.head->method());
        out.target = r.head->url().target();
        out.origin = r.head->url().where().text();
        const std::string_view bytes = r.head->bytes();
        read_fields(bytes.substr(bytes.find('\n') + 1), out.fields);
        read_fields(r.extra_fields, out.fields);
        out.body = r.payload();
        return out;
    }
};

struct signal_when_sent {
    explicit signal_when_sent(asio::cancellation_signal& to) noexcept : inner(to) {}
    void operator()(asio::cancellation_type type) const
    {
        const auto heard = asio::cancellation_type::terminal | asio::cancellation_type::partial;
        if ((type & heard) != asio::cancellation_type::none)
            inner.emit(type);
    }
    asio::cancellation_signal& inner;
};

/// Waits as an exchange does whose request has left: terminal and partial cancellation end it,
/// total does not. Gives whether it was cancelled. After it the caller awaits nothing more, since
/// a total signal that was noted meanwhile would throw there.
[[nodiscard]] inline awaitable<bool> wait_sent(duration d)
{
    auto state = co_await asio::this_coro::cancellation_state;
    asio::cancellation_signal inner;
    if (state.slot().is_connected())
        state.slot().assign(signal_when_sent(inner));
    // Asio 1.26 cannot bind a slot to a deferred token.
    constexpr auto token = asio::as_tuple(asio::use_awaitable);
    const auto slept =
        co_await async_sleep_for(d, asio::bind_cancellation_slot(inner.slot(), token));
    if (state.slot().is_connected())
        state.slot().clear();
    co_return static_cast<bool>(std::get<0>(slept));
}

/// The body of an answer from memory.
class carried_stream final : public net::body_stream
{
public:
    explicit carried_stream(carried&& c, const wire::exchange_limits& l)
        : carried_(std::move(c)), limits_(l)
    {}

    const wire::response& head() const noexcept override { return carried_.head; }

    [[nodiscard]] awaitable<result<std::size_t>> read_some(asio::mutable_buffer into) override
    {
        if (broken_)
            co_return *broken_;
        const std::size_t end =
            std::min(carried_.body.size(), carried_.cut_at.value_or(carried_.body.size()));
        const bool cut = at_ == end && carried_.cut_at.has_value();
        const auto slept = co_await async_sleep_for(wait(cut), as_tuple_token);
        if (std::get<0>(slept)) {
            broken_ = failure(errc::cancelled, fate::maybe_sent);
            co_return *broken_;
        }
        if (late_) {
            broken_ = failure(errc::phase_timed_out, fate::maybe_sent);
            co_return *broken_;
        }
        if (cut) {
            broken_ = failure(carried_.cut_as, fate::maybe_sent);
            co_return *broken_;
        }
        if (waited_ < carried_.waits.size() && carried_.waits[waited_].first == at_)
            ++waited_;
        std::size_t n = std::min(into.size(), end - at_);
        if (waited_ < carried_.waits.size())
            n = std::min(n, carried_.waits[waited_].first - at_);
        if (carried_.piece_bytes != 0)
            n = std::min(n, carried_.piece_bytes);
        std::copy_n(carried_.body.data() + at_, n, static_cast<char*>(into.data()));
        at_ += n;
        if (at_ > limits_.body_bytes_max) {
            broken_ = failure(errc::response_too_large, fate::maybe_sent);
            co_return *broken_;
        }
        co_return n;
    }

private:
    /// How long this piece takes; sets late_ when the limit is shorter.
    duration wait(bool cut)
    {
        duration d = cut ? carried_.cut_after : at_ == 0 ? duration{0} : carried_.pause;
        if (waited_ < carried_.waits.size() && carried_.waits[waited_].first == at_)
            d = carried_.waits[waited_].second;
        late_ = limits_.read_stall.count() != 0 && d > limits_.read_stall;
        return late_ ? limits_.read_stall : d;
    }

    carried carried_;
    wire::exchange_limits limits_;
    std::size_t at_ = 0;
    std::size_t waited_ = 0; // waits that are over
    bool late_ = false;
    std::optional<failure> broken_;
};

/// The whole answer of an exchange, once its time has come.
inline result<wire::response> whole_answer(carried&& c, const wire::exchange_limits& l)
{
    if (c.broken)
        return *c.broken;
    const std::size_t size = std::min(c.body.size(), c.cut_at.value_or(c.body.size()));
    if (size > l.body_bytes_max)
        return failure(errc::response_too_large, fate::maybe_sent);
    if (c.cut_at)
        return failure(c.cut_as, fate::maybe_sent);
    c.head.append_body(c.body);
    return std::move(c.head);
}

} // namespace cokino::testing::detail
