// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal's states as the fake host tells them, asked for or as an event stream, and its storage.
// [providers/fal-replicate A3, A8.1]
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/impl/fake_fal_input.ipp>
#include <cokino/testing/impl/fake_input.ipp>

#include <algorithm>
#include <utility>

namespace cokino::testing {

COKINO_DECL std::string fake_engine::fal_status_text(const fake_request& r, const fake_job& job,
                                                     std::string_view word, fake_state state,
                                                     steady_time at) const
{
    const bool queued = state == fake_state::queued, running = state == fake_state::running;
    if (word.empty())
        word = queued ? "IN_QUEUE" : running ? "IN_PROGRESS" : "COMPLETED";
    detail::json_text w;
    w->begin_object().member("status", word);
    detail::fal_links(*w, r, job);
    if (queued)
        w->member("queue_position", jobs_before(job));
    const std::string logs = r.query("logs");
    if (running && (logs == "1" || logs == "true")) {
        const auto total = std::max<duration::rep>((job.end_at - job.start_at).count(), 1);
        const auto percent =
            job.faults.never_ends ? 0 : (at - job.start_at).count() / (total / 100 + 1);
        w->begin_array("logs").begin_object();
        w->member("message", "rendering: " + std::to_string(percent) + "%");
        w->member("level", "INFO").member("source", "USER");
        w->member("timestamp", detail::iso_time(time_.system_now())).end_object().end_array();
    } else {
        w->key("logs").null();
    }
    if (queued || running) {
        w->raw_member("metrics", "{}").end_object();
        return w.take();
    }
    // A model's own failure shows on the result alone; the queue's is told here too (A3).
    if (state == fake_state::cancelled) {
        w->member("error", "Request was cancelled by the client");
        w->member("error_type", "client_cancelled");
    } else if (detail::fal_request_error(job.faults.failure_code) != 0) {
        w->member("error", job.faults.failure_text);
        w->member("error_type", job.faults.failure_code);
    }
    w->begin_object("metrics");
    if (state == fake_state::succeeded)
        w->member("inference_time",
                  std::chrono::duration<double>(job.end_at - job.start_at).count());
    else
        w->key("inference_time").null();
    w->end_object().end_object();
    return w.take();
}

COKINO_DECL fake_reply fake_engine::fal_status(const fake_request& r, fake_job& job)
{
    ++job.polls;
    std::string word;
    if (const auto m = job.faults.next_poll()) {
        if (m->what != misstep::kind::say)
            return acted(*m, fake_dialect::fal);
        word = m->text;
    }
    const fake_state state = state_of(job);
    const bool open = state == fake_state::queued || state == fake_state::running;
    return detail::json_reply(open ? 202 : 200, fal_status_text(r, job, word, state, time_.now()));
}

/// What is known when the stream is asked for is all that it tells: of a job that is cancelled
/// meanwhile it says COMPLETED when it would have ended, and the result tells the rest.
COKINO_DECL fake_reply fake_engine::fal_stream(const fake_request& r, fake_job& job)
{
    const auto m = job.faults.next_stream();
    if (m && m->what != misstep::kind::cut)
        return acted(*m, fake_dialect::fal);
    constexpr std::chrono::seconds ping_every{15}, told_at_most{3600};
    fake_reply reply;
    reply.fields.emplace_back("content-type", "text/event-stream; charset=utf-8");
    reply.fields.emplace_back("cache-control", "no-store");
    reply.no_length = true;
    reply.in_pieces = true;
    const std::size_t events_max = m ? m->bytes : static_cast<std::size_t>(-1);
    if (m) {
        reply.cut_at = 0;
        reply.cut_how = m->how;
    }
    std::size_t events = 0;
    const steady_time now = time_.now(), last = later(now, told_at_most);
    steady_time told = now; // when the piece before is told
    const auto put = [&](steady_time at, std::string text) {
        reply.pieces.emplace_back(std::chrono::ceil<std::chrono::milliseconds>(at - told),
                                  std::move(text));
        told = at;
    };
    const auto tell = [&](steady_time at, fake_state state) {
        for (; events < events_max && later(told, ping_every) < (std::min)(at, last);)
            put(told + ping_every, ": ping\n\n");
        if (events < events_max && at <= last) {
            put(at, "data: " + fal_status_text(r, job, {}, state, at) + "\n\n");
            ++events;
        }
    };
    const fake_state state = state_of(job);
    tell(now, state);
    if (state == fake_state::queued)
        tell(job.start_at, fake_state::running);
    if (state == fake_state::queued || state == fake_state::running) {
        const bool failed = !job.invalid_input.empty() || !job.faults.failure_code.empty();
        tell(job.end_at, failed ? fake_state::failed : fake_state::succeeded);
    }
    return reply;
}

COKINO_DECL fake_reply fake_engine::fal_announce(const fake_request& r)
{
    const auto body = detail::parse_object(r.body);
    const auto type = body ? detail::string_in(*body, "content_type") : std::nullopt;
    const auto name = body ? detail::string_in(*body, "file_name") : std::nullopt;
    if (r.method != "POST")
        return detail::fal_error_reply(405, {}, "Method Not Allowed");
    if (!type || !name || r.query("storage_type") != "fal-cdn-v3")
        return detail::fal_detail_reply(
            422, '[' + detail::fal_detail({}, "missing", "Field required") + ']');
    fake_upload& file = uploads_.emplace_back();
    file.name = wire::percent_encode(*name);
    file.content_type = *type;
    const std::string path = "/files/u/" + std::to_string(uploads_.size()) + '/' + file.name;
    const std::string link =
        (options_.media_origin.empty() ? r.origin : options_.media_origin) + path;
    detail::json_text w;
    w->begin_object().member("upload_url",
                             link + "?sig=" + detail::hex(detail::hash(path + "|put"), 16));
    w->member("file_url", link).end_object();
    return detail::json_reply(200, w.take());
}

/// The announced file a link leads to, once it has its bytes; null for any other link.
COKINO_DECL const fake_upload* fake_engine::uploaded(std::string_view link) const noexcept
{
    constexpr std::string_view folder = "/files/u/";
    const auto at = link.find(folder);
    if (at == std::string_view::npos)
        return nullptr;
    std::string_view rest = link.substr(at + folder.size());
    const auto number =
        cokino::detail::parse_integer<std::size_t>(cokino::detail::take_until(rest, '/'));
    if (!number || *number == 0 || *number > uploads_.size())
        return nullptr;
    const fake_upload& file = uploads_[*number - 1];
    return file.bytes && file.name == rest.substr(0, rest.find('?')) ? &file : nullptr;
}

/// A signed PUT brings the bytes; anybody may read them then.
COKINO_DECL fake_reply fake_engine::fal_file(const fake_request& r)
{
    if (!r.field("authorization").empty() || !r.field("x-api-key").empty()) {
        ++counts_.keys_leaked;
        return detail::json_reply(400, R"({"detail":"no key belongs here"})");
    }
    const std::string path(r.path());
    if (r.method == "PUT") {
        const auto number =
            cokino::detail::parse_integer<std::size_t>(detail::segment(path, 2)).value_or(0);
        const bool good = r.query("sig") == detail::hex(detail::hash(path + "|put"), 16);
        if (!good || number == 0 || number > uploads_.size())
            return detail::json_reply(403, R"({"detail":"The request signature does not match"})");
        fake_upload& file = uploads_[number - 1];
        if (r.field("content-type") != file.content_type)
            return detail::json_reply(400, R"({"detail":"another content type was announced"})");
        file.bytes = std::make_shared<const std::string>(r.body);
        ++counts_.uploads;
        return detail::json_reply(200, "{}");
    }
    const fake_upload* const file = uploaded(path);
    if (file == nullptr || (r.method != "GET" && r.method != "HEAD"))
        return detail::json_reply(404, R"({"detail":"not found"})");
    fake_reply reply;
    reply.fields.emplace_back("content-type", file->content_type);
    reply.file = file->bytes;
    reply.file_bytes = file->bytes->size();
    return reply;
}

} // namespace cokino::testing
