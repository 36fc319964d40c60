// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/link_expiry.hpp: one reader for each spelling of an instant.
#pragma once

#include <cokino/core/http_date.hpp>
#include <cokino/core/iso_date.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/detail/link_expiry_rules.ipp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/link_expiry.hpp>
#include <cokino/wire/signature.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace cokino::wire {
namespace detail {

using cokino::detail::iequals;
using cokino::detail::is_digit;
using cokino::detail::parse_integer;
using cokino::detail::take_until;
using cokino::detail::to_lower;

/// A link's query, taken apart and unescaped.
class query_parameters
{
public:
    explicit query_parameters(std::string_view query)
    {
        while (!query.empty()) {
            std::string_view value = take_until(query, '&');
            const std::string_view name = take_until(value, '=');
            if (name.empty())
                continue;
            if (all_.size() == expiry_parameters_max) {
                all_.clear();
                return;
            }
            all_.push_back({name, value});
        }
    }

    /// The value of a parameter that stands there once; a query in which it stands twice may be
    /// read in two ways.
    std::optional<std::string> value(std::string_view name) const
    {
        const entry* found = nullptr;
        for (const auto& one : all_) {
            if (!iequals(one.name, name))
                continue;
            if (found)
                return std::nullopt;
            found = &one;
        }
        if (!found)
            return std::nullopt;
        auto plain = percent_decode(found->value);
        return plain ? std::optional<std::string>(std::move(*plain)) : std::nullopt;
    }

    bool has(std::string_view companion) const
    {
        const std::string_view name = take_until(companion, '=');
        const auto said = value(name);
        return said && (companion.empty() ? !said->empty() : iequals(*said, companion));
    }

private:
    struct entry {
        std::string_view name, value;
    };
    std::vector<entry> all_;
};

using expiry_time = std::optional<std::chrono::sys_seconds>;

/// Seconds since 1970 as an instant, from 2001 (before that, it is a span or a mistake) to 2100.
inline expiry_time instant_of(std::optional<std::int64_t> seconds) noexcept
{
    if (!seconds || *seconds < 1'000'000'000 || *seconds >= 4'102'444'800)
        return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(*seconds));
}

inline expiry_time epoch_of(std::string_view text) noexcept
{
    return instant_of(parse_integer<std::int64_t>(text));
}

inline expiry_time hex_epoch_of(std::string_view text) noexcept
{
    std::int64_t value = 0;
    const auto end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value, 16);
    if (error != std::errc() || at != end)
        return std::nullopt;
    return instant_of(value);
}

inline expiry_time calendar_of(std::string_view text) noexcept
{
    const auto date = parse_iso_date(text);
    return date ? instant_of(date->time_since_epoch().count()) : std::nullopt;
}

/// The compact form only: schemes with a span write no other.
inline expiry_time compact_date_of(std::string_view text) noexcept
{
    return text.find('-') == std::string_view::npos ? calendar_of(text) : std::nullopt;
}

/// The long forms only.
inline expiry_time iso_of(std::string_view text) noexcept
{
    return text.find('-') == std::string_view::npos ? std::nullopt : calendar_of(text);
}

inline expiry_time after_span(expiry_time from, std::string_view span) noexcept
{
    const auto seconds = parse_integer<std::int64_t>(span);
    if (!from || !seconds || *seconds < 1 || *seconds > expiry_span_max)
        return std::nullopt;
    return instant_of(from->time_since_epoch().count() + *seconds);
}

struct expiry_reading {
    expiry_time end;
    expiry_time begin;
};

inline expiry_reading read_key_range(std::string_view text) noexcept
{
    expiry_reading out;
    out.begin = epoch_of(take_until(text, ';'));
    const expiry_time end = epoch_of(text);
    if (out.begin && end && *out.begin <= *end)
        out.end = end;
    return out;
}

inline expiry_reading read_tilde_list(std::string_view text) noexcept
{
    expiry_reading out;
    bool is_signed = false;
    int ends = 0;
    while (!text.empty()) {
        std::string_view value = take_until(text, '~');
        const std::string_view name = take_until(value, '=');
        if (name == "exp" && ++ends == 1)
            out.end = epoch_of(value);
        else if (name == "st")
            out.begin = epoch_of(value);
        else if (name == "hmac")
            is_signed = !value.empty();
    }
    if (!is_signed || ends != 1)
        out.end.reset();
    return out;
}

inline expiry_reading read_dashed(std::string_view text) noexcept
{
    expiry_reading out;
    const expiry_time first = epoch_of(take_until(text, '-'));
    if (std::count(text.begin(), text.end(), '-') != 2)
        return out;
    const auto digest = text.substr(text.rfind('-') + 1);
    const bool is_md5 =
        digest.size() == 32 && std::all_of(digest.begin(), digest.end(), [](char c) {
            return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
        });
    if (is_md5)
        out.end = first;
    return out;
}

inline expiry_reading read_slashed(std::string_view text) noexcept
{
    expiry_reading out;
    if (take_until(text, '/') != "bce-auth-v1" || take_until(text, '/').empty())
        return out;
    const expiry_time from = iso_of(take_until(text, '/'));
    out.end = after_span(from, take_until(text, '/'));
    return out;
}

/// A number of JSON: hosts write 1790000000, 1790000000.0 and 1.79e9.
inline expiry_time number_instant(double value) noexcept
{
    if (!(value >= 1e9 && value < 4.2e9))
        return std::nullopt;
    return instant_of(static_cast<std::int64_t>(std::floor(value)));
}

inline expiry_reading read_token(std::string_view text)
{
    static constexpr json_path exp_path("exp"), nbf_path("nbf");
    expiry_reading out;
    if (std::count(text.begin(), text.end(), '.') != 2 || text.back() == '.')
        return out;
    take_until(text, '.');
    const auto payload = base64url_decode(take_until(text, '.'));
    if (!payload)
        return out;
    double exp = 0, nbf = 0;
    json_fields wanted;
    wanted.need_number(exp_path, exp).number(nbf_path, nbf);
    if (!wanted.read(*payload, limits::url_bytes_max))
        return out;
    out.end = number_instant(exp);
    out.begin = number_instant(nbf);
    return out;
}

/// The earliest DateLessThan of its statements. CloudFront takes one; four are looked at.
inline expiry_reading read_policy(std::string text)
{
    expiry_reading out;
    for (char& c : text)
        c = c == '-' ? '+' : c == '_' ? '=' : c == '~' ? '/' : c;
    const auto json = base64_decode(text);
    if (!json)
        return out;
    static constexpr json_path ends[] = {"Statement[0].Condition.DateLessThan.AWS:EpochTime",
                                         "Statement[1].Condition.DateLessThan.AWS:EpochTime",
                                         "Statement[2].Condition.DateLessThan.AWS:EpochTime",
                                         "Statement[3].Condition.DateLessThan.AWS:EpochTime"};
    static constexpr json_path begins("Statement[0].Condition.DateGreaterThan.AWS:EpochTime");
    std::array<double, std::size(ends)> found{};
    double begin = 0;
    json_fields wanted;
    for (std::size_t i = 0; i < found.size(); ++i)
        wanted.number(ends[i], found[i]);
    wanted.number(begins, begin);
    if (!wanted.read(*json, limits::url_bytes_max))
        return out;
    for (const double one : found)
        if (const expiry_time at = number_instant(one); at && (!out.end || *at < *out.end))
            out.end = at;
    out.begin = number_instant(begin);
    return out;
}

inline expiry_reading read_form(const expiry_rule& rule, const query_parameters& query,
                                std::string value)
{
    expiry_reading out;
    switch (rule.form) {
    case expiry_form::epoch: out.end = epoch_of(value); break;
    case expiry_form::epoch_hex: out.end = hex_epoch_of(value); break;
    case expiry_form::date_span:
        out.end = after_span(compact_date_of(value), query.value(rule.more).value_or(""));
        break;
    case expiry_form::iso:
        out.end = iso_of(value);
        out.begin = iso_of(query.value(rule.more).value_or(""));
        break;
    case expiry_form::key_range: return read_key_range(value);
    case expiry_form::tilde_list: return read_tilde_list(value);
    case expiry_form::dashed: return read_dashed(value);
    case expiry_form::slashed: return read_slashed(value);
    case expiry_form::token: return read_token(value);
    case expiry_form::policy: return read_policy(std::move(value));
    }
    return out;
}

inline std::optional<link_expiry> apply_rule(const expiry_rule& rule, std::string_view host,
                                             const query_parameters& query)
{
    if (!host.ends_with(rule.host))
        return std::nullopt;
    for (std::string_view rest = rule.companions; !rest.empty();)
        if (!query.has(take_until(rest, '&')))
            return std::nullopt;
    auto value = query.value(rule.at);
    if (!value)
        return std::nullopt;
    const expiry_reading got = read_form(rule, query, std::move(*value));
    if (!got.end)
        return std::nullopt;
    link_expiry out;
    out.at = *got.end;
    out.rule = rule.name;
    out.bound = rule.bound;
    if (!rule.temporary.empty() && query.has(rule.temporary))
        out.bound = expiry_bound::upper;
    if (got.begin && *got.begin <= *got.end)
        out.not_before = got.begin;
    return out;
}

/// The earlier of two ends; one that is only a lower bound gives way to any other.
inline void keep_earlier(std::optional<link_expiry>& kept, const std::optional<link_expiry>& other)
{
    if (!other)
        return;
    const bool weak = other->bound == expiry_bound::lower;
    if (kept && (kept->bound == expiry_bound::lower) != weak) {
        if (!weak)
            kept = other;
        return;
    }
    if (!kept || other->at < kept->at)
        kept = other;
}

/// 'expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="..."'.
inline expiry_time lifecycle_of(std::string_view value, std::chrono::sys_seconds now) noexcept
{
    constexpr std::string_view mark = "expiry-date=\"";
    const auto at = cokino::detail::ifind(value, mark);
    if (at == std::string_view::npos)
        return std::nullopt;
    value.remove_prefix(at + mark.size());
    const auto end = value.find('"');
    if (end == std::string_view::npos)
        return std::nullopt;
    const auto date = parse_http_date(value.substr(0, end), now);
    return date ? instant_of(date->time_since_epoch().count()) : std::nullopt;
}

} // namespace detail

COKINO_DECL std::optional<link_expiry> read_link_expiry(const url& link)
{
    const detail::query_parameters query(link.query());
    std::optional<link_expiry> out;
    for (const auto& rule : detail::expiry_rules)
        detail::keep_earlier(out, detail::apply_rule(rule, link.where().host, query));
    return out;
}

COKINO_DECL std::optional<link_expiry> read_link_expiry(std::string_view link)
{
    const auto parsed = url::parse(link);
    return parsed ? read_link_expiry(*parsed) : std::nullopt;
}

COKINO_DECL std::optional<link_expiry> read_expiry_fields(const response& head,
                                                          std::chrono::sys_seconds now)
{
    enum class form : unsigned char { lifecycle, date, epoch };
    struct row {
        std::string_view field;
        form how;
    };
    static constexpr row rows[] = {
        {"x-amz-expiration", form::lifecycle}, {"x-oss-expiration", form::lifecycle},
        {"x-cos-expiration", form::lifecycle}, {"x-obs-expiration", form::lifecycle},
        {"x-ms-expiry-time", form::date},      {"sunset", form::date},
        {"x-delete-at", form::epoch},
    };
    std::optional<link_expiry> out;
    for (const auto& row : rows) {
        const std::string_view value = head.field(row.field);
        detail::expiry_time at;
        if (row.how == form::lifecycle)
            at = detail::lifecycle_of(value, now);
        else if (row.how == form::epoch)
            at = detail::epoch_of(cokino::detail::trim(value));
        else if (const auto date = parse_http_date(value, now))
            at = detail::instant_of(date->time_since_epoch().count());
        if (!at)
            continue;
        link_expiry found;
        found.at = *at;
        found.rule = row.field;
        detail::keep_earlier(out, found);
    }
    return out;
}

} // namespace cokino::wire
