// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Helpers that the parts of the fake host share: a submit's body as it is read, a look at JSON
// values without exceptions, a hash, a date.
#pragma once

#include <cokino/testing/detail/fake_engine_class.hpp>
#include <cokino/wire/json_writer.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino::testing {

/// A submit's body, read. `invalid` is JSON: what fal tells in "detail".
struct fake_engine::input {
    input() = default;
    fake_dialect dialect = fake_dialect::fal;
    job_kind kind = job_kind::video;
    std::string id; ///< Drawn when empty.
    std::string endpoint, prompt, image_url, webhook_url;
    /// A clip to be upscaled, of which length and shape follow: to so many lines, or by a factor.
    std::string video_url;
    int lines = 0;
    double factor = 0;
    std::string unreachable; ///< `invalid` of a job whose clip is gone when it starts.
    int duration_s = 5;
    cokino::aspect_ratio ratio = aspect_ratio::landscape_16_9;
    int width = 0, height = 0, count = 1;
    std::int64_t price_mills = 0;
    std::string invalid;
};

namespace detail {

inline std::optional<boost::json::object> parse_object(const std::string& text)
{
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(text, error);
    if (error || !value.is_object())
        return std::nullopt;
    return std::move(value.get_object());
}

/// A member that is a string; nothing otherwise.
inline std::optional<std::string> string_in(const boost::json::object& o, std::string_view name)
{
    const auto* value = o.if_contains(boost::json::string_view(name.data(), name.size()));
    if (value == nullptr || !value->is_string())
        return std::nullopt;
    return std::string(value->get_string().data(), value->get_string().size());
}

inline const boost::json::value* member(const boost::json::object& o, std::string_view name)
{
    return o.if_contains(boost::json::string_view(name.data(), name.size()));
}

inline std::optional<std::int64_t> integer_of(const boost::json::value& v)
{
    if (v.is_int64())
        return v.get_int64();
    if (v.is_uint64())
        return static_cast<std::int64_t>(v.get_uint64());
    return std::nullopt;
}

inline std::optional<double> number_of(const boost::json::value& v)
{
    if (v.is_double())
        return v.get_double();
    if (const auto i = integer_of(v))
        return static_cast<double>(*i);
    return std::nullopt;
}

inline std::optional<aspect_ratio> ratio_of(std::string_view text)
{
    for (const auto r :
         {aspect_ratio::landscape_16_9, aspect_ratio::portrait_9_16, aspect_ratio::square_1_1})
        if (text_of(r) == text)
            return r;
    return std::nullopt;
}

/// FNV-1a: for signatures that only need to differ, and for ETags.
inline std::uint64_t hash(std::string_view text) noexcept
{
    std::uint64_t h = 0xcbf29ce484222325U;
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return h;
}

inline std::string hex(std::uint64_t value, int digits)
{
    std::string out(static_cast<std::size_t>(digits), '0');
    for (auto at = out.rbegin(); at != out.rend(); ++at, value >>= 4)
        *at = "0123456789abcdef"[value & 15];
    return out;
}

/// "2026-09-21T12:00:04.120Z".
inline std::string iso_time(system_time t)
{
    using namespace std::chrono;
    const auto ms = floor<milliseconds>(t);
    const auto day = floor<days>(ms);
    const year_month_day date(day);
    const auto rest = (ms - day).count();
    std::string out;
    const auto put = [&out](auto value, std::size_t width) {
        const std::string digits = std::to_string(value);
        out.append(width > digits.size() ? width - digits.size() : 0, '0').append(digits);
    };
    put(static_cast<int>(date.year()), 4);
    out += '-';
    put(static_cast<unsigned>(date.month()), 2);
    out += '-';
    put(static_cast<unsigned>(date.day()), 2);
    out += 'T';
    put(rest / 3600000, 2);
    out += ':';
    put(rest / 60000 % 60, 2);
    out += ':';
    put(rest / 1000 % 60, 2);
    out += '.';
    put(rest % 1000, 3);
    out += 'Z';
    return out;
}

/// A JSON text under way. A json_writer must be gone before its string is moved.
class json_text
{
public:
    wire::json_writer* operator->() noexcept { return writer_.get(); }
    wire::json_writer& operator*() noexcept { return *writer_; }
    std::string take()
    {
        writer_.reset();
        return std::move(text_);
    }

private:
    std::string text_;
    std::unique_ptr<wire::json_writer> writer_ = std::make_unique<wire::json_writer>(text_);
};

inline fake_reply json_reply(unsigned status, std::string body)
{
    fake_reply reply;
    reply.status = status;
    reply.fields.emplace_back("content-type", "application/json");
    reply.body = std::move(body);
    return reply;
}

/// For status lines and for errors without words of their own.
inline std::string_view reason_of(unsigned status) noexcept
{
    switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 206: return "Partial Content";
    case 302: return "Found";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 416: return "Range Not Satisfiable";
    case 422: return "Unprocessable Entity";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Error";
    }
}

/// What stands between two '/' of a path, by index; empty when there is none.
inline std::string_view segment(std::string_view path, std::size_t index) noexcept
{
    if (!path.empty() && path.front() == '/')
        path.remove_prefix(1);
    for (; index > 0; --index) {
        const auto slash = path.find('/');
        if (slash == std::string_view::npos)
            return {};
        path.remove_prefix(slash + 1);
    }
    return path.substr(0, path.find('/'));
}

inline bool contains(std::string_view text, std::string_view part) noexcept
{
    return text.find(part) != std::string_view::npos;
}

} // namespace detail
} // namespace cokino::testing
