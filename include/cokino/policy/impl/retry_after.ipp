// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Readers for the spellings of a wait, and which of them wins.
#pragma once

#include <cokino/core/http_date.hpp>
#include <cokino/core/text.hpp>
#include <cokino/policy/retry_after.hpp>

#include <algorithm>
#include <cmath>

namespace cokino {
namespace detail {

using hint_wait = std::optional<std::chrono::milliseconds>;

// Rounded up: who comes a fraction too early is refused again. Clamped, never negative.
inline hint_wait wait_of(double milliseconds) noexcept
{
    if (!(milliseconds >= 0))
        return std::nullopt;
    if (milliseconds >= static_cast<double>(policy::hint_ceiling.count()))
        return policy::hint_ceiling;
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(milliseconds - 1e-6)));
}

// A number of units, each `unit` milliseconds long. More digits than a double holds mean "long".
inline hint_wait read_wait(std::string_view text, double unit) noexcept
{
    text = trim(text);
    if (const auto value = parse_decimal(text))
        return wait_of(*value * unit);
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit))
        return policy::hint_ceiling;
    return std::nullopt;
}

// "6m0s", "20ms", "1h2m3.5s"; a bare number means seconds.
inline hint_wait read_duration_text(std::string_view text) noexcept
{
    struct named_unit {
        std::string_view name;
        double milliseconds;
    };
    constexpr named_unit units[] = {{"ms", 1},    {"us", 1e-3},   {"\xC2\xB5s", 1e-3},
                                    {"ns", 1e-6}, {"s", 1000},    {"m", 60'000},
                                    {"h", 36e5},  {"d", 86'400e3}};
    text = trim(text);
    if (const auto bare = read_wait(text, 1000))
        return bare;
    double sum = 0;
    while (!text.empty()) {
        std::size_t digits = 0;
        while (digits < text.size() && (is_digit(text[digits]) || text[digits] == '.'))
            ++digits;
        const auto value = parse_decimal(text.substr(0, digits));
        text.remove_prefix(digits);
        const auto* unit =
            std::find_if(std::begin(units), std::end(units), [&](const named_unit& u) {
                return text.substr(0, u.name.size()) == u.name;
            });
        if (!value || unit == std::end(units))
            return std::nullopt;
        text.remove_prefix(unit->name.size());
        sum += *value * unit->milliseconds;
    }
    return sum > 0 ? wait_of(sum) : std::nullopt;
}

// The parts of RFC 8941 that the RateLimit field is made of: a list of items with parameters.
class structured_cursor
{
public:
    explicit structured_cursor(std::string_view text) noexcept : rest_(trim(text)) {}

    bool done() const noexcept { return rest_.empty(); }

    bool take(char c) noexcept
    {
        if (rest_.empty() || rest_.front() != c)
            return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip_blanks() noexcept { rest_ = trim(rest_); }

    std::string_view key() noexcept
    {
        return take_while([](char c) {
            return (c >= 'a' && c <= 'z') || is_digit(c) || c == '*' || c == '_' || c == '-' ||
                   c == '.';
        });
    }

    /// The text of one bare item, whatever its type; empty when it is none.
    std::string_view bare_item() noexcept
    {
        const std::string_view from = rest_;
        if (take('"')) {
            while (!rest_.empty() && rest_.front() != '"') {
                rest_.remove_prefix(rest_.front() == '\\' && rest_.size() > 1 ? 2 : 1);
            }
            return take('"') ? from.substr(0, from.size() - rest_.size()) : std::string_view();
        }
        if (take(':')) {
            take_while([](char c) { return c != ':'; });
            return take(':') ? from.substr(0, from.size() - rest_.size()) : std::string_view();
        }
        return take_while(
            [](char c) { return c > ' ' && c < 0x7F && c != ';' && c != ',' && c != '"'; });
    }

private:
    template <class Test> std::string_view take_while(Test test) noexcept
    {
        std::size_t count = 0;
        while (count < rest_.size() && test(rest_[count]))
            ++count;
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    std::string_view rest_;
};

// `"default";r=0;t=30, "burst";r=5;t=2`: the longest t of what has nothing left. A field that is
// malformed anywhere counts as absent.
inline hint_wait read_rate_limit(std::string_view text) noexcept
{
    structured_cursor at(text);
    hint_wait longest;
    while (true) {
        std::optional<std::int64_t> left;
        std::optional<std::int64_t> seconds;
        if (at.bare_item().empty())
            return std::nullopt;
        while (at.take(';')) {
            at.skip_blanks();
            const std::string_view key = at.key();
            if (key.empty())
                return std::nullopt;
            const std::string_view value = at.take('=') ? at.bare_item() : "?1";
            if (value.empty())
                return std::nullopt;
            if (key == "r" || key == "t") {
                const auto number = parse_integer<std::int64_t>(value);
                if (!number || *number < 0)
                    return std::nullopt;
                (key == "r" ? left : seconds) = number;
            }
        }
        if (left == 0 && seconds)
            longest = std::max(longest, wait_of(static_cast<double>(*seconds) * 1000));
        at.skip_blanks();
        if (at.done())
            return longest;
        if (!at.take(','))
            return std::nullopt;
        at.skip_blanks();
    }
}

} // namespace detail

namespace policy {

COKINO_DECL void hint_reader::field(std::string_view name, std::string_view value) noexcept
{
    using detail::iequals;
    value = detail::trim(value);
    if (iequals(name, "retry-after"))
        retry_after(value);
    else if (iequals(name, "date"))
        sent_ = parse_http_date(value, std::chrono::floor<std::chrono::seconds>(now_));
    else if (iequals(name, "x-should-retry") || iequals(name, "stripe-should-retry"))
        advice(value);
    else if (!exact_field(name, value))
        quota_field(name, value);
}

COKINO_DECL void hint_reader::retry_after(std::string_view value) noexcept
{
    if (const auto number = detail::read_wait(value, 1000)) {
        delta_ = std::max(delta_, number);
        return;
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(now_);
    if (const auto date = parse_http_date(value, now))
        date_ = std::max(date_, std::optional<instant>(*date));
}

COKINO_DECL void hint_reader::advice(std::string_view value) noexcept
{
    if (detail::iequals(value, "false"))
        should_retry_ = false;
    else if (detail::iequals(value, "true") && !should_retry_)
        should_retry_ = true;
}

COKINO_DECL bool hint_reader::exact_field(std::string_view name, std::string_view value) noexcept
{
    for (std::string_view known : {"retry-after-ms", "x-ms-retry-after-ms", "x-amz-retry-after"}) {
        if (detail::iequals(name, known)) {
            exact_ = std::max(exact_, detail::read_wait(value, 1));
            return true;
        }
    }
    return false;
}

COKINO_DECL bool hint_reader::quota_field(std::string_view name, std::string_view value) noexcept
{
    if (detail::iequals(name, "ratelimit")) {
        structured_ = std::max(structured_, detail::read_rate_limit(value));
        return true;
    }
    // "ratelimit-reset", "x-ratelimit-reset-tokens": which word, of which quota?
    if (detail::istarts_with(name, "x-"))
        name.remove_prefix(2);
    if (!detail::istarts_with(name, "ratelimit-"))
        return false;
    name.remove_prefix(10);
    const std::string_view word = detail::take_until(name, '-');
    const bool all = name.empty() || detail::iequals(name, "after");
    if (!all && !detail::iequals(name, "requests") && !detail::iequals(name, "tokens"))
        return false;
    quota& q = quotas_[all ? total : detail::iequals(name, "requests") ? requests : tokens];
    if (detail::iequals(word, "remaining")) {
        q.some_left = detail::parse_decimal(value).value_or(0) > 0;
        return true;
    }
    if (!detail::iequals(word, "reset"))
        return false;
    if (!all) {
        q.in = std::max(q.in, detail::read_duration_text(value));
    } else if (!name.empty()) {
        q.in = std::max(q.in, detail::read_wait(value, 1000));
    } else if (const auto number = detail::parse_decimal(value); number && *number >= 0) {
        // Some count from now, some say when, in seconds or milliseconds; only the size tells.
        if (*number < 1e7)
            q.in = std::max(q.in, detail::wait_of(*number * 1000));
        else if (*number >= 1e9 && *number <= 1e11)
            q.at = std::chrono::milliseconds(static_cast<std::int64_t>(*number * 1000));
        else if (*number >= 1e12 && *number <= 1e14)
            q.at = std::chrono::milliseconds(static_cast<std::int64_t>(*number));
    }
    return true;
}

COKINO_DECL std::optional<std::chrono::milliseconds> hint_reader::delay(
    bool throttled) const noexcept
{
    using std::chrono::milliseconds;
    if (exact_)
        return exact_;
    const instant base = sent_.value_or(std::chrono::floor<milliseconds>(now_));
    wait longest = delta_;
    if (date_) {
        longest = std::max(longest, wait(std::clamp(*date_ - base, milliseconds(0), hint_ceiling)));
    }
    if (longest || !throttled)
        return longest;
    if (structured_)
        return structured_;
    // Nobody says what the number means, so it is not believed beyond an hour.
    constexpr milliseconds guess_max = std::chrono::hours(1);
    for (const quota& q : quotas_) {
        if (q.some_left)
            continue;
        wait until = q.in;
        if (q.at)
            until = std::max(until, wait(*q.at - base.time_since_epoch()));
        if (until)
            longest = std::max(longest, wait(std::clamp(*until, milliseconds(0), guess_max)));
    }
    return longest;
}

} // namespace policy
} // namespace cokino
