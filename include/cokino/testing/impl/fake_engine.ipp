// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's table of jobs: who is accepted, when each job starts and ends, what the script
// makes of it. The dialects' shapes are in fake_fal.ipp and fake_rest.ipp.
#pragma once

#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/impl/fake_input.ipp>
#include <cokino/wire/url.hpp>

#include <algorithm>
#include <cmath>

namespace cokino::testing {
namespace detail {

inline std::string_view field_in(const fake_fields& fields, std::string_view name) noexcept
{
    for (const auto& [key, value] : fields)
        if (key == name)
            return value;
    return {};
}

} // namespace detail

COKINO_DECL std::string_view fake_request::field(std::string_view name) const noexcept
{
    return detail::field_in(fields, name);
}

COKINO_DECL std::string_view fake_request::path() const noexcept
{
    return std::string_view(target).substr(0, target.find('?'));
}

COKINO_DECL std::string fake_request::query(std::string_view name) const
{
    const auto mark = target.find('?');
    std::string_view rest =
        mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
    while (!rest.empty()) {
        std::string_view pair = cokino::detail::take_until(rest, '&');
        if (cokino::detail::take_until(pair, '=') == name) {
            const auto value = wire::percent_decode(pair);
            return value ? *value : std::string();
        }
    }
    return {};
}

COKINO_DECL std::string_view fake_reply::payload() const noexcept
{
    if (file)
        return std::string_view(*file).substr(file_from, file_bytes);
    return body;
}

COKINO_DECL std::string_view fake_reply::field(std::string_view name) const noexcept
{
    return detail::field_in(fields, name);
}

COKINO_DECL bool fake_engine::key_is_good(std::string_view key) const noexcept
{
    return !key.empty() && (options_.api_key.empty() || key == options_.api_key);
}

COKINO_DECL fake_job* fake_engine::find(std::string_view id)
{
    const auto at = by_id_.find(id);
    return at == by_id_.end() ? nullptr : &jobs_[at->second];
}

COKINO_DECL fake_state fake_engine::state_of(const fake_job& job) const noexcept
{
    const steady_time now = time_.now();
    if (job.cancelled_at && *job.cancelled_at <= now)
        return fake_state::cancelled;
    if (now < job.start_at)
        return fake_state::queued;
    if (now < job.end_at)
        return fake_state::running;
    const bool failed = !job.invalid_input.empty() || !job.faults.failure_code.empty();
    return failed ? fake_state::failed : fake_state::succeeded;
}

/// Start and end of a job, given those before it. Jobs start in the order of their acceptance.
COKINO_DECL void fake_engine::plan(fake_job& job)
{
    job.start_at = job.accepted_at + options_.queue_time;
    steady_time* slot = nullptr;
    if (options_.running_max > 0) {
        slots_.resize(options_.running_max);
        slot = &*std::min_element(slots_.begin(), slots_.end());
        job.start_at = (std::max)(job.start_at, *slot);
    }
    if (job.cancelled_at && *job.cancelled_at <= job.start_at) {
        job.end_at = *job.cancelled_at;
        return;
    }
    const duration render = job.faults.render_time.value_or(options_.render_time);
    job.end_at = job.faults.never_ends       ? (steady_time::max)()
                 : job.invalid_input.empty() ? later(job.start_at, render)
                                             : job.start_at;
    if (job.cancelled_at)
        job.end_at = *job.cancelled_at;
    if (slot != nullptr)
        *slot = job.end_at;
}

COKINO_DECL void fake_engine::plan_all()
{
    slots_.clear();
    for (fake_job& job : jobs_)
        plan(job);
}

COKINO_DECL std::size_t fake_engine::jobs_before(const fake_job& job) const noexcept
{
    if (options_.running_max == 0)
        return 0;
    return static_cast<std::size_t>(
        std::count_if(jobs_.begin(), jobs_.begin() + static_cast<std::ptrdiff_t>(job.number - 1),
                      [&](const fake_job& j) { return state_of(j) == fake_state::queued; }));
}

COKINO_DECL std::optional<fake_reply> fake_engine::refusal(job_faults& rule, fake_dialect d)
{
    if (const auto m = rule.next_before())
        return acted(*m, d);
    if (options_.active_max == 0)
        return std::nullopt;
    const auto active = std::count_if(jobs_.begin(), jobs_.end(), [&](const fake_job& j) {
        const fake_state s = state_of(j);
        return s == fake_state::queued || s == fake_state::running;
    });
    if (static_cast<std::size_t>(active) < options_.active_max)
        return std::nullopt;
    misstep full;
    full.status = 429;
    full.retry_after = std::chrono::seconds{1};
    return acted(full, d);
}

COKINO_DECL fake_job& fake_engine::accept(input&& in, job_faults& rule, const fake_request& r)
{
    fake_job& job = jobs_.emplace_back();
    job.number = jobs_.size();
    if (!in.id.empty()) {
        job.id = std::move(in.id);
    } else if (in.dialect == fake_dialect::fal) {
        const std::string h = detail::hex(random_.next(), 16) + detail::hex(random_.next(), 16);
        job.id = h.substr(0, 8) + '-' + h.substr(8, 4) + "-4" + h.substr(13, 3) + "-9" +
                 h.substr(17, 3) + '-' + h.substr(20, 12);
    } else {
        job.id = "8" + std::to_string(10000000000000000U + random_.below(89999999999999999U));
    }
    job.dialect = in.dialect;
    job.kind = in.kind;
    job.endpoint = std::move(in.endpoint);
    job.prompt = std::move(in.prompt);
    job.body = r.body;
    job.webhook_url = std::move(in.webhook_url);
    job.image_url = std::move(in.image_url);
    job.duration_s = in.kind == job_kind::video ? in.duration_s : 0;
    job.ratio = in.ratio;
    job.width = in.width;
    job.height = in.height;
    job.count = in.count;
    const bool upscale = !in.video_url.empty();
    const fake_source source = upscale ? source_of(in.video_url) : fake_source();
    if (upscale) {
        job.video_url = std::move(in.video_url);
        job.duration_s = source.duration_s;
        job.ratio = source.ratio;
        job.lines =
            in.lines > 0 ? in.lines : static_cast<int>(std::lround(in.factor * source.lines));
    }
    job.price_mills = in.price_mills;
    job.invalid_input = std::move(in.invalid);
    job.faults = rule;
    job.accepted_at = time_.now();
    plan(job);
    // The host fetches the clip when the job starts.
    const auto waits =
        std::chrono::duration_cast<system_time::duration>(job.start_at - time_.now());
    const bool dead = source.dies_at <= time_.system_now() + waits;
    if (upscale && (dead || !source.readable))
        job.invalid_input = std::move(in.unreachable);
    by_id_[job.id] = job.number - 1;
    by_box_[detail::hex(detail::hash(job.id), 8)] = job.number - 1;
    ++counts_.jobs;
    counts_.spent_mills += job.price_mills;
    return job;
}

COKINO_DECL fake_reply fake_engine::accepted(const fake_job& job, fake_reply answer) const
{
    if (const auto& m = job.faults.accept) {
        if (m->what == misstep::kind::cut)
            answer.cut_at = m->bytes;
        else
            answer = acted(*m, job.dialect);
    }
    answer.delay += job.faults.answer_delay;
    return answer;
}

COKINO_DECL fake_reply fake_engine::acted(const misstep& m, fake_dialect d) const
{
    fake_reply reply;
    if (m.what == misstep::kind::lost) {
        reply.lost = m.how;
        return reply;
    }
    if (m.body.empty()) {
        reply = error_of(d, m.status);
    } else {
        reply.status = m.status;
        const bool page = m.body.front() == '<';
        reply.fields.emplace_back("content-type", page ? "text/html" : "application/json");
        reply.body = m.body;
    }
    if (m.retry_after) {
        // Whole seconds as RFC 9110 wants them; a part of one is told as some hosts tell it.
        const auto ms = m.retry_after->count();
        if (ms % 1000 == 0)
            reply.fields.emplace_back("retry-after", std::to_string(ms / 1000));
        else
            reply.fields.emplace_back("retry-after-ms", std::to_string(ms));
    }
    return reply;
}

} // namespace cokino::testing
