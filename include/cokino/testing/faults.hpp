// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a fake host does wrong, written down beforehand: one list of misbehaviours for each job, by
// its number or by a part of its prompt. Plain data with a builder; fake_engine acts it out.
#pragma once

#include <cokino/core/config.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace cokino::testing {

/// How the carrier breaks off instead of answering.
enum class breakage : unsigned char {
    none,
    close, ///< The connection ends in an orderly way.
    reset, ///< The connection is reset.
    stall  ///< Nothing more comes, and the connection stays open.
};

/// "Every time", where a number of times is asked for.
inline constexpr int always = -1;

/// What goes wrong with one request, for `times` requests in a row.
struct misstep {
    misstep() = default;

    enum class kind : unsigned char {
        answer,       ///< `status` with `body`, or with what the dialect says for it.
        lost,         ///< No answer: `how`.
        say,          ///< Status: the word `text` for the job's state.
        link_dead,    ///< Media: this very link is refused as expired, from now on.
        cut,          ///< Media: the connection breaks after `bytes` of the body; streams: events.
        html,         ///< Media: 200 with a page in place of the file.
        wrong_length, ///< Media: Content-Length is off by `delta`.
        changed,      ///< Media: the file becomes another one, with another ETag, from now on.
        redirect      ///< Media: 302 to `text`.
    };

    kind what = kind::answer;
    int times = 1;
    unsigned status = 500;
    std::string text, body;
    breakage how = breakage::close;
    std::size_t bytes = 0;
    std::ptrdiff_t delta = 0;
    std::optional<std::chrono::milliseconds> retry_after;
};

/// The misbehaviours of one job. The builder functions may be chained. Those that concern the same
/// kind of request are acted out in the order in which they were written.
class job_faults
{
public:
    // Before the job is accepted: nothing is created and nothing is billed.

    /// 429 with Retry-After.
    job_faults& rate_limited(int times = 1,
                             std::chrono::milliseconds retry_after = std::chrono::seconds{1})
    {
        misstep m = answer(429, times);
        m.retry_after = retry_after;
        return add(before_, std::move(m));
    }
    /// Any status; the body is the dialect's own for that status unless given.
    job_faults& refused_with(unsigned status, int times = 1, std::string body = {})
    {
        return add(before_, answer(status, times, std::move(body)));
    }
    /// The request is read to its end and then dropped.
    job_faults& lost_before_accept(int times = 1, breakage how = breakage::close)
    {
        return add(before_, lost(times, how));
    }
    /// The content policy refuses the prompt, in the answer to the submit.
    job_faults& content_refused_at_submit()
    {
        refuse_content_at_submit = true;
        return *this;
    }

    // As the job is accepted: it exists and costs money, whatever the answer looks like.

    /// No answer comes.
    job_faults& answer_lost(breakage how = breakage::close)
    {
        misstep m = lost(1, how);
        accept = std::move(m);
        return *this;
    }
    /// The connection breaks after so many bytes of the answer's body.
    job_faults& answer_cut(std::size_t body_bytes)
    {
        misstep m;
        m.what = misstep::kind::cut;
        m.bytes = body_bytes;
        accept = std::move(m);
        return *this;
    }
    /// Any status and body: a gateway's 502, or a 200 that is not JSON.
    job_faults& accepted_but_says(unsigned status, std::string body = {})
    {
        misstep m = answer(status, 1, std::move(body));
        accept = std::move(m);
        return *this;
    }
    job_faults& answer_delayed(std::chrono::milliseconds by)
    {
        answer_delay = by;
        return *this;
    }

    // While it renders.

    /// It never ends.
    job_faults& hangs()
    {
        never_ends = true;
        return *this;
    }
    job_faults& renders_in(std::chrono::milliseconds time)
    {
        render_time = time;
        return *this;
    }
    /// The content policy refuses it after rendering, as a failed job.
    job_faults& content_refused()
    {
        return fails("content_policy_violation",
                     "The content could not be processed because it contained material flagged by "
                     "a content checker.");
    }
    /// The host gives up; the reason is the host's own code and words. A code of a server error
    /// ("internal_server_error", "generation_timeout", "downstream_service_error") is told with
    /// a 5xx where the dialect tells it by HTTP status, any other with 422.
    job_faults& fails(std::string code = "internal_server_error",
                      std::string text = "The renderer failed.")
    {
        failure_code = std::move(code);
        failure_text = std::move(text);
        return *this;
    }
    /// It says that it succeeded, and gives no link.
    job_faults& succeeds_without_link()
    {
        no_link = true;
        return *this;
    }
    /// The host takes note of a request to cancel, and renders on.
    job_faults& cancel_ignored()
    {
        ignores_cancel = true;
        return *this;
    }

    // When its status is read (and, where the dialect has that step, its result).

    job_faults& polls_answer(unsigned status, int times = 1,
                             std::optional<std::chrono::milliseconds> retry_after = {})
    {
        misstep m = answer(status, times);
        m.retry_after = retry_after;
        return add(polls_, std::move(m));
    }
    /// 200 with this body, or with something that is not JSON.
    job_faults& polls_nonsense(int times = 1, std::string body = "}{ <not json>")
    {
        return add(polls_, answer(200, times, std::move(body)));
    }
    job_faults& polls_lost(int times = 1, breakage how = breakage::close)
    {
        return add(polls_, lost(times, how));
    }
    /// A word that nobody knows, for the job's state.
    job_faults& polls_say(std::string word, int times = 1)
    {
        misstep m;
        m.what = misstep::kind::say;
        m.times = times;
        m.text = std::move(word);
        return add(polls_, std::move(m));
    }
    /// 404, as lists that lag behind give it.
    job_faults& polls_not_found(int times = 1) { return polls_answer(404, times); }
    /// The event stream of its states breaks off after so many events.
    job_faults& stream_cut(std::size_t events, int times = 1, breakage how = breakage::close)
    {
        misstep m;
        m.what = misstep::kind::cut;
        m.times = times;
        m.bytes = events;
        m.how = how;
        return add(streams_, std::move(m));
    }
    job_faults& stream_answers(unsigned status, int times = 1, std::string body = {})
    {
        return add(streams_, answer(status, times, std::move(body)));
    }
    job_faults& stream_lost(int times = 1, breakage how = breakage::close)
    {
        return add(streams_, lost(times, how));
    }
    job_faults& results_answer(unsigned status, int times = 1, std::string body = {})
    {
        return add(results_, answer(status, times, std::move(body)));
    }
    job_faults& results_lost(int times = 1, breakage how = breakage::close)
    {
        return add(results_, lost(times, how));
    }

    // When its file is fetched.

    /// The link is dead; reading the job again gives a fresh one. `times` links die so.
    job_faults& link_expires(int times = 1) { return media(misstep::kind::link_dead, times); }
    job_faults& body_cut(std::size_t at, int times = 1, breakage how = breakage::close)
    {
        misstep m;
        m.what = misstep::kind::cut;
        m.times = times;
        m.bytes = at;
        m.how = how;
        return add(media_, std::move(m));
    }
    job_faults& html_instead(int times = 1) { return media(misstep::kind::html, times); }
    job_faults& length_wrong(std::ptrdiff_t delta, int times = 1)
    {
        misstep m;
        m.what = misstep::kind::wrong_length;
        m.times = times;
        m.delta = delta;
        return add(media_, std::move(m));
    }
    job_faults& body_changes() { return media(misstep::kind::changed, 1); }
    job_faults& media_answers(unsigned status, int times = 1, std::string body = {})
    {
        return add(media_, answer(status, times, std::move(body)));
    }
    job_faults& media_lost(int times = 1, breakage how = breakage::close)
    {
        return add(media_, lost(times, how));
    }
    job_faults& redirects_to(std::string link, int times = 1)
    {
        misstep m;
        m.what = misstep::kind::redirect;
        m.times = times;
        m.text = std::move(link);
        return add(media_, std::move(m));
    }
    /// Answers a Range with 200 and the whole file, always.
    job_faults& range_ignored()
    {
        ignores_range = true;
        return *this;
    }
    /// Gives its ETag as a weak one, which cannot be resumed from.
    job_faults& etag_weak()
    {
        weak_etag = true;
        return *this;
    }
    /// Neither Content-Length nor chunks: the body ends with the connection.
    job_faults& length_missing()
    {
        no_length = true;
        return *this;
    }
    /// So many bytes at a time, with a pause between.
    job_faults& body_slow(std::size_t piece_bytes, std::chrono::milliseconds pause)
    {
        slow_piece_bytes = piece_bytes;
        slow_pause = pause;
        return *this;
    }

    // For whoever acts it out: what comes next for a kind of request, if anything.
    std::optional<misstep> next_before() { return take(before_); }
    std::optional<misstep> next_poll() { return take(polls_); }
    std::optional<misstep> next_stream() { return take(streams_); }
    std::optional<misstep> next_result() { return take(results_); }
    std::optional<misstep> next_media() { return take(media_); }

    std::optional<misstep> accept;
    std::optional<std::chrono::milliseconds> render_time;
    std::chrono::milliseconds answer_delay{0}, slow_pause{0};
    std::size_t slow_piece_bytes = 0;
    std::string failure_code, failure_text;
    bool refuse_content_at_submit = false, never_ends = false, no_link = false;
    bool ignores_cancel = false, ignores_range = false, weak_etag = false, no_length = false;

private:
    static misstep answer(unsigned status, int times, std::string body = {})
    {
        misstep m;
        m.status = status;
        m.times = times;
        m.body = std::move(body);
        return m;
    }
    static misstep lost(int times, breakage how)
    {
        misstep m;
        m.what = misstep::kind::lost;
        m.times = times;
        m.how = how;
        return m;
    }
    job_faults& media(misstep::kind what, int times)
    {
        misstep m;
        m.what = what;
        m.times = times;
        return add(media_, std::move(m));
    }
    job_faults& add(std::deque<misstep>& to, misstep m)
    {
        if (m.times != 0)
            to.push_back(std::move(m));
        return *this;
    }
    static std::optional<misstep> take(std::deque<misstep>& from)
    {
        if (from.empty())
            return std::nullopt;
        misstep m = from.front();
        if (from.front().times > 0 && --from.front().times == 0)
            from.pop_front();
        return m;
    }

    std::deque<misstep> before_, polls_, streams_, results_, media_;
};

/// Which job misbehaves how. The first rule that fits a submit applies, by number before prompt
/// before every job; a job without a rule behaves. Refusals before acceptance are counted for the
/// rule as a whole; everything later is counted for each job.
class fault_script
{
public:
    /// The n-th job that is accepted, from 1. A submit that is refused takes no number.
    job_faults& on_job(std::size_t number)
    {
        for (rule& r : rules_)
            if (r.number == number)
                return r.faults;
        rules_.emplace_back().number = number;
        return rules_.back().faults;
    }
    /// Jobs whose prompt contains this text.
    job_faults& on_prompt(std::string part)
    {
        for (rule& r : rules_)
            if (r.prompt == part && !part.empty())
                return r.faults;
        rules_.emplace_back().prompt = std::move(part);
        return rules_.back().faults;
    }
    job_faults& on_every_job() { return every_; }

    /// The rule for a submit.
    job_faults& rule_for(std::size_t number, const std::string& prompt)
    {
        for (rule& r : rules_)
            if (r.number == number)
                return r.faults;
        for (rule& r : rules_)
            if (!r.prompt.empty() && prompt.find(r.prompt) != std::string::npos)
                return r.faults;
        return every_;
    }

private:
    struct rule {
        rule() = default;
        std::size_t number = 0;
        std::string prompt;
        job_faults faults;
    };
    std::deque<rule> rules_; // a deque keeps the references that were given out
    job_faults every_;
};

} // namespace cokino::testing
