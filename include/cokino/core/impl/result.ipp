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

/// Whether what failed can be done again without ordering anything.
inline bool is_free(const diagnostics& facts) noexcept
{
    for (const std::string_view free :
         {"download", "status", "result", "wait_for", "cancel", "find"})
        if (facts.operation == free)
            return true;
    return false;
}

/// What to do, where more is known than the code says.
inline std::string_view remedy_for(const failure& f, errc e)
{
    const diagnostics& facts = f.facts();
    const bool of_job = !facts.job.empty();
    switch (e) {
    case errc::connection_lost:
    case errc::phase_timed_out:
        if (is_free(facts))
            return "Repeat it: that costs nothing.";
        break;
    case errc::link_expired:
        if (of_job && facts.operation == "download")
            return "Wait for the job once more, which costs nothing and may give a fresh link. "
                   "Hosts delete results after hours or days: download them soon after the job is "
                   "done.";
        break;
    case errc::deadline_passed:
        if (of_job && facts.operation != "download")
            return remedy_of(errc::wait_timed_out);
        if (facts.billed == billing::no || facts.operation == "download")
            return "Allow more time.";
        break;
    case errc::request_rejected:
        if (of_job && is_free(facts))
            return "Read the host's reason; the job's result is not to be had as it is.";
        break;
    default: break;
    }
    return remedy_of(e);
}

// Of a download only that it buys nothing: the clip was paid for long ago.
inline void describe_billing(std::string& out, const failure& f)
{
    const diagnostics& facts = f.facts();
    if (facts.billed == billing::unknown) {
        if (f == condition::outcome_unknown || is_end_of_job(f))
            out += " Whether it was billed is not known.";
        else if (facts.operation == "download" && !facts.job.empty())
            out += " To download again buys nothing.";
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
        out += detail::remedy_for(*this, *ours);
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
