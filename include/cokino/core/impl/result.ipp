// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The paragraph that a person reads when something went wrong. Our own words and the host's are
// kept apart: the host's stand in quotation marks, and none of theirs can close ours.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/text.hpp>

#include <string_view>

namespace cokino {
namespace detail {

COKINO_DECL void throw_failure(const failure& f) { throw error(f); }

inline void end_sentence(std::string& out)
{
    if (!out.empty() && out.back() != '.' && out.back() != '!' && out.back() != '?')
        out += '.';
}

// Text from outside, in quotation marks that it cannot contain.
inline void append_quoted(std::string& out, std::string_view text)
{
    out += '"';
    for (char c : clean_text(text, limits::host_text_bytes_max))
        out += c == '"' ? '\'' : c;
    out += '"';
}

// "duration: 7 s is not offered; 5 or 10 [fal submit, invalid_argument, HTTP 422]."
inline void describe_event(std::string& out, const error_code& code, const diagnostics& facts)
{
    if (!facts.field.empty()) {
        out += facts.field;
        out += ": ";
    }
    out += facts.message.empty() ? code.message() : facts.message;
    while (!out.empty() && out.back() == '.')
        out.pop_back();
    out += " [";
    if (!facts.host.empty()) {
        out += facts.host;
        out += ' ';
    }
    if (!facts.operation.empty())
        out += facts.operation;
    if (out.back() == ' ')
        out.pop_back();
    if (out.back() != '[')
        out += ", ";
    if (const auto ours = errc_of(code)) {
        out += name_of(*ours);
    } else {
        out += code.category().name();
        out += ' ';
        append_number(out, code.value());
    }
    if (facts.http_status != 0) {
        out += ", HTTP ";
        append_number(out, facts.http_status);
    }
    out += "].";
}

inline void describe_host_words(std::string& out, const diagnostics& facts)
{
    if (!facts.host_code.empty() || !facts.host_text.empty()) {
        out += " The host says:";
        for (const std::string* words : {&facts.host_code, &facts.host_text}) {
            if (words->empty())
                continue;
            out += ' ';
            append_quoted(out, *words);
        }
        out += '.';
    }
    if (!facts.request_id.empty()) {
        out += " Its request id: ";
        append_quoted(out, facts.request_id);
        out += '.';
    }
    if (facts.retry_after) {
        out += " It asks to wait ";
        out += duration_text(*facts.retry_after);
        out += '.';
    }
}

inline void describe_attempts(std::string& out, const diagnostics& facts)
{
    if (facts.attempts > 1) {
        out += " Tried ";
        append_number(out, facts.attempts);
        out += " times";
        if (facts.elapsed.count() > 0)
            out += " in " + duration_text(facts.elapsed);
        out += '.';
    } else if (facts.elapsed.count() > 0) {
        out += " It took " + duration_text(facts.elapsed) + '.';
    }
    if (!facts.stopped.empty()) {
        out += " Stopped: ";
        out += facts.stopped;
        end_sentence(out);
    }
}

/// How a job ended, in a failure about one that the host had accepted.
inline bool is_end_of_job(const failure& f) noexcept
{
    return f == errc::job_failed || f == errc::job_cancelled || f == errc::job_expired ||
           (f.facts().operation == "wait_for" &&
            (f == errc::content_refused || f == errc::request_rejected || f == errc::not_found));
}

// Silent where the question does not arise: a broken download was paid for long ago.
inline void describe_billing(std::string& out, const failure& f)
{
    const diagnostics& facts = f.facts();
    if (facts.billed == billing::unknown) {
        if (f == condition::outcome_unknown || is_end_of_job(f))
            out += " Whether it was billed is not known.";
        return;
    }
    out += facts.billed == billing::no ? " Not billed" : " Billed";
    switch (facts.billed_by) {
    case billing_basis::host_terms: out += ", by the host's terms."; return;
    case billing_basis::host_answer: out += ", by the host's answer."; return;
    case billing_basis::inferred: break;
    }
    if (facts.billed == billing::yes)
        out += ", as far as is known.";
    else
        out += f.sent() == fate::not_sent ? ": no order was sent." : ": no job was accepted.";
}

} // namespace detail

COKINO_DECL std::string failure::describe() const
{
    const diagnostics& known = facts();
    std::string out;
    detail::describe_event(out, code_, known);
    detail::describe_host_words(out, known);
    detail::describe_attempts(out, known);
    detail::describe_billing(out, *this);
    if (const auto ours = errc_of(code_)) {
        out += ' ';
        out += remedy_of(*ours);
    }
    if (!known.job.empty()) {
        out += " Job: ";
        out += known.job;
    }
    return out;
}

COKINO_DECL failure invalid(std::string field, std::string message, errc e)
{
    failure f(e);
    f.explain(std::move(message), std::move(field));
    if (e != errc::invalid_job) // a job may have been billed, wherever it was
        f.set(billing::no);
    return f;
}

} // namespace cokino
