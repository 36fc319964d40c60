// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of testing/scripted_transport.hpp.
#pragma once

#include <cokino/testing/detail/carried.hpp>
#include <cokino/testing/scripted_transport.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace cokino::testing {
namespace detail {

/// Whether '*' in the pattern can be filled so that it is the text.
inline bool fits(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0, t = 0;
    std::size_t star = std::string_view::npos, star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

inline std::string lower_case(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), cokino::detail::to_lower);
    return text;
}

} // namespace detail

struct scripted_transport::outcome {
    outcome() = default;
    bool sent = true; ///< Whether bytes have left, as far as the script says.
    detail::carried answer;
};

COKINO_DECL scripted_transport::scripted_transport(const char* file, int line)
    : on_problem_([](const std::string& text, const char* at_file, int at_line) {
          std::fprintf(stderr, "%s:%d: scripted_transport: %s\n", at_file, at_line, text.c_str());
          std::abort();
      }),
      file_(file), line_(line)
{}

COKINO_DECL scripted_transport::~scripted_transport()
{
    // A test that is failing already needs no second reason.
    if (verified_ || std::uncaught_exceptions() > 0)
        return;
    for (const problem& p : problems())
        on_problem_(p.text, p.file, p.line);
}

COKINO_DECL scripted_step& scripted_transport::expect(wire::method m, std::string pattern,
                                                      const char* file, int line)
{
    verified_ = false;
    steps_.push_back(scripted_step(m, std::move(pattern), file, line));
    return steps_.back();
}

COKINO_DECL std::vector<scripted_transport::problem> scripted_transport::problems() const
{
    std::vector<problem> found = unexpected_;
    for (const scripted_step& s : steps_)
        if (s.met_ < s.times_) {
            problem p{"expected " + std::string(name_of(s.method_)) + ' ' + s.pattern_, s.file_,
                      s.line_};
            if (s.times_ > 1)
                p.text += " to come " + std::to_string(s.times_) + " times, it came " +
                          std::to_string(s.met_);
            else
                p.text += ", which never came";
            found.push_back(std::move(p));
        }
    return found;
}

COKINO_DECL std::string scripted_transport::verify()
{
    verified_ = true;
    std::string out;
    for (const problem& p : problems())
        out += std::string(p.file) + ':' + std::to_string(p.line) + ": " + p.text + '\n';
    return out;
}

COKINO_DECL scripted_step* scripted_transport::take(const fake_request& r, problem& why_not)
{
    const auto refuse = [&](const scripted_step& s) -> std::string {
        if (name_of(s.method_) != r.method)
            return "the method differs";
        const bool whole = s.pattern_.starts_with("http");
        if (!detail::fits(s.pattern_, whole ? r.origin + r.target : r.target))
            return "the target differs";
        for (const std::string& part : s.body_parts_)
            if (r.body.find(part) == std::string::npos)
                return "the body lacks " + part;
        for (const auto& [name, value] : s.fields_)
            if (r.field(detail::lower_case(name)) != value)
                return "the field " + name + " differs";
        for (const std::string& name : s.absent_)
            if (!r.field(detail::lower_case(name)).empty())
                return "the field " + name + " should not be there";
        return {};
    };
    for (scripted_step& s : steps_) {
        if (s.met_ == s.times_)
            continue;
        const std::string reason = refuse(s);
        if (reason.empty()) {
            ++s.met_;
            return &s;
        }
        if (why_not.text.empty()) {
            why_not.text = "expected " + std::string(name_of(s.method_)) + ' ' + s.pattern_ + " (" +
                           s.file_ + ':' + std::to_string(s.line_) + "): " + reason;
            why_not.file = s.file_;
            why_not.line = s.line_;
        }
        if (!any_order_)
            return nullptr;
    }
    if (why_not.text.empty())
        why_not.text = "nothing more was expected";
    return nullptr;
}

COKINO_DECL scripted_transport::outcome scripted_transport::begin(const wire::request& request)
{
    outcome o;
    seen_.push_back(detail::carried::request_of(request));
    problem why_not{{}, file_, line_};
    scripted_step* const step = take(seen_.back(), why_not);
    if (step == nullptr) {
        const fake_request& r = seen_.back();
        std::string text =
            "unexpected " + r.method + ' ' + r.origin + std::string(r.path()) + "; " + why_not.text;
        unexpected_.push_back({text, why_not.file, why_not.line});
        verified_ = false;
        o.answer.broken = failure(errc::internal_error).explain(std::move(text));
        return o;
    }
    o.answer.after = step->delay_;
    if (step->failure_) {
        o.answer.broken = step->failure_;
        o.sent = step->failure_->sent() != fate::not_sent;
        if (o.sent)
            o.answer.limit(request.limits);
        return o;
    }
    wire::response& head = o.answer.head;
    head.status = step->status_;
    for (const auto& [name, value] : step->reply_fields_)
        head.add_field(name, value);
    if (!head.has_field("content-type") && !step->body_.empty())
        head.add_field("content-type", "application/json");
    if (!head.has_field("content-length"))
        head.add_field("content-length", std::to_string(step->body_.size()));
    if (request.head->method() != wire::method::head)
        o.answer.body = step->body_;
    if (step->cut_at_ && *step->cut_at_ < o.answer.body.size())
        o.answer.cut_at = step->cut_at_;
    o.answer.cut_as = step->cut_as_;
    o.answer.piece_bytes = step->piece_bytes_;
    o.answer.pause = step->pause_;
    o.answer.limit(request.limits);
    return o;
}

COKINO_DECL awaitable<result<wire::response>> scripted_transport::exchange(wire::request request)
{
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        co_return failure(errc::cancelled, fate::not_sent);
    auto o = begin(request);
    bool cancelled = false;
    if (o.sent) {
        cancelled = co_await detail::wait_sent(o.answer.after);
    } else {
        const auto slept = co_await async_sleep_for(o.answer.after, as_tuple_token);
        cancelled = static_cast<bool>(std::get<0>(slept));
    }
    if (cancelled)
        co_return failure(errc::cancelled, o.sent ? fate::maybe_sent : fate::not_sent);
    co_return detail::whole_answer(std::move(o.answer), request.limits);
}

COKINO_DECL awaitable<result<std::unique_ptr<net::body_stream>>> scripted_transport::open(
    wire::request request)
{
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        co_return failure(errc::cancelled, fate::not_sent);
    auto o = begin(request);
    bool cancelled = false;
    if (o.sent) {
        cancelled = co_await detail::wait_sent(o.answer.after);
    } else {
        const auto slept = co_await async_sleep_for(o.answer.after, as_tuple_token);
        cancelled = static_cast<bool>(std::get<0>(slept));
    }
    if (cancelled)
        co_return failure(errc::cancelled, o.sent ? fate::maybe_sent : fate::not_sent);
    if (o.answer.broken)
        co_return *o.answer.broken;
    std::unique_ptr<net::body_stream> stream =
        std::make_unique<detail::carried_stream>(std::move(o.answer), request.limits);
    co_return std::move(stream);
}

} // namespace cokino::testing
