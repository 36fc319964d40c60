// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/rest.hpp. The host's names are the user's data; what stands here is only
// how they are used.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/provider/detail/rest_checks.ipp>
#include <cokino/provider/rest.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cokino {

struct rest::endpoint {
    std::shared_ptr<const wire::request_head> head;
    std::shared_ptr<const job_route> route;
};

/// What is worked out once from the options.
struct rest::tables {
    std::array<endpoint, 4> endpoints; // see place_of
    std::vector<std::string> ids, states, progress, links, seeds, codes, texts;
    // The same as the first three, taken apart for the answers that are read all the time.
    std::vector<wire::json_path> id_places, state_places, progress_places;
    std::optional<failure> problem;
};

COKINO_DECL rest::rest(rest_options options)
    : options_(std::move(options)), access_([this] {
          detail::access_setup setup;
          setup.host = options_.name;
          setup.base_url = options_.base_url;
          setup.key = options_.key;
          setup.key_header = options_.key_header;
          setup.key_prefix = options_.key_prefix;
          setup.request_id_headers = options_.request_id_headers;
          return setup;
      }())
{
    traits_.repeats = options_.repeats;
    traits_.can_cancel = !options_.cancel_path.empty();
    traits_.result_lifetime = options_.result_lifetime;
    traits_.poll_interval_min = options_.poll_interval_min;
    if (options_.image_submit_path.empty())
        options_.image_submit_path = options_.submit_path;

    auto made = std::make_shared<tables>();
    made->problem = access_.introduce(traits_, validate(options_));
    const auto paths = [&](const auto& given) {
        return detail::rest_paths(given, options_.wrapper);
    };
    made->ids = paths(options_.id_paths);
    made->states = paths(options_.state_paths);
    made->progress = paths(options_.progress_paths);
    made->links = paths(options_.link_paths);
    made->seeds = paths(options_.seed_paths);
    made->codes = paths(options_.code_paths);
    made->texts = paths(options_.text_paths);
    made->id_places.assign(made->ids.begin(), made->ids.end());
    made->state_places.assign(made->states.begin(), made->states.end());
    made->progress_places.assign(made->progress.begin(), made->progress.end());
    for (const bool image : {false, true})
        for (const video_model model :
             {video_model::kling_2_5_turbo_pro, video_model::kling_2_5_turbo_standard}) {
            if (made->problem)
                break;
            const std::string& path = image ? options_.image_submit_path : options_.submit_path;
            endpoint& to = made->endpoints[place_of(image, model)];
            to.route = access_.route(job_kind::video, text_of(model), path);
            auto head = access_.head_below(wire::method::post, path);
            if (head)
                to.head = std::move(*head);
            else
                made->problem = head.error();
        }
    tables_ = std::move(made);
}

/// Refuses what the host has no field for.
template <class Request> result<void> rest::offers(const Request& r, const submit_context& c) const
{
    if (tables_->problem)
        return *tables_->problem;
    if (r.model != options_.model && options_.tier_field.empty())
        return access_.unsupported("model", access_.host() + " offers " +
                                                std::string(text_of(options_.model)) + " only");
    const auto lacks = [&](bool wanted, const std::string& name, const char* ours) {
        return wanted && name.empty() ? ours : nullptr;
    };
    const char* lacking[] = {
        lacks(!r.negative_prompt.empty(), options_.negative_prompt_field, "negative_prompt"),
        lacks(r.duration.count() != 5, options_.duration_field, "duration"),
        lacks(r.cfg_scale.has_value(), options_.cfg_scale_field, "cfg_scale"),
        lacks(!c.webhook_url.empty(), options_.callback_field, "webhook_url"),
        nullptr,
        nullptr,
    };
    if constexpr (requires { r.aspect_ratio; }) {
        lacking[4] = lacks(r.aspect_ratio != aspect_ratio::landscape_16_9,
                           options_.aspect_ratio_field, "aspect_ratio");
    } else {
        lacking[4] = lacks(true, options_.image_field, "image");
        lacking[5] = lacks(!r.tail_image.empty(), options_.tail_image_field, "tail_image");
        for (const auto* image : {&r.image, &r.tail_image})
            if (!options_.takes_data_links && detail::istarts_with(image->url, "data:"))
                return access_.unsupported(image == &r.image ? "image" : "tail_image",
                                           access_.host() + " takes http(s) links only");
    }
    for (const char* field : lacking)
        if (field != nullptr)
            return access_.unsupported(field, access_.host() + " has no such field");
    if (!c.webhook_url.empty() && !wire::url::parse(c.webhook_url))
        return invalid("webhook_url", "is no http(s) URL");
    return {};
}

/// Writes what both kinds of request have in common, and ends the body.
template <class Request>
result<encoded_submit> rest::submit(const Request& r, wire::json_writer& w, std::string&& body,
                                    const submit_context& c, bool from_image) const
{
    if (!r.negative_prompt.empty())
        w.member(options_.negative_prompt_field, r.negative_prompt);
    const auto seconds = static_cast<int>(r.duration.count());
    if (!options_.duration_field.empty()) {
        if (options_.duration == rest_duration::string)
            w.member(options_.duration_field, seconds == 10 ? "10" : "5");
        else
            w.member(options_.duration_field, seconds);
    }
    if (r.cfg_scale)
        w.member(options_.cfg_scale_field, *r.cfg_scale);
    if (!options_.tier_field.empty())
        w.member(options_.tier_field, r.model == video_model::kling_2_5_turbo_pro
                                          ? options_.tier_pro
                                          : options_.tier_standard);
    for (const auto& [name, json] : options_.constant_members)
        w.raw_member(name, json);
    if (!c.webhook_url.empty())
        w.member(options_.callback_field, c.webhook_url);
    if (!c.idempotency_key.empty() && !options_.idempotency_field.empty())
        w.member(options_.idempotency_field, c.idempotency_key);
    w.end_object();
    if (auto written = w.finish(); !written)
        return written.error();

    encoded_submit out;
    const endpoint& to = tables_->endpoints[place_of(from_image, r.model)];
    out.route = to.route;
    out.orders_clip(r);
    // What a host without these words makes is its own affair.
    if (options_.tier_field.empty())
        out.lines = 0;
    if (options_.aspect_ratio_field.empty())
        out.aspect_ratio = {};
    out.request.head = to.head;
    out.request.body = std::move(body);
    if (c.idempotency_key.empty() || options_.idempotency_header.empty())
        return out;
    auto added = wire::append_field(out.request.extra_fields, options_.idempotency_header,
                                    c.idempotency_key);
    if (added)
        return out;
    failure f = added.error();
    f.edit().host = access_.host();
    f.edit().billed = billing::no;
    return f;
}

COKINO_DECL result<encoded_submit> rest::encode(const text_to_video& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto offered = offers(r, c); !offered)
        return offered.error();
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member(options_.prompt_field, r.prompt);
    if (!options_.aspect_ratio_field.empty())
        w.member(options_.aspect_ratio_field, text_of(r.aspect_ratio));
    return submit(r, w, std::move(body), c, false);
}

COKINO_DECL result<encoded_submit> rest::encode(const image_to_video& r, submit_context&& c) const
{
    if (auto sound = validate(r); !sound)
        return sound.error();
    if (auto offered = offers(r, c); !offered)
        return offered.error();
    std::string body = detail::emptied(std::move(c.body_buffer));
    wire::json_writer w(body);
    w.begin_object().member(options_.prompt_field, r.prompt);
    w.member(options_.image_field, r.image.url);
    if (!r.tail_image.empty())
        w.member(options_.tail_image_field, r.tail_image.url);
    return submit(r, w, std::move(body), c, true);
}

COKINO_DECL detail::host_words rest::words_of(const wire::response& answer) const
{
    detail::host_words words;
    if (auto doc = wire::json_document::parse(answer.body())) {
        words.code = detail::rest_text(doc->root(), tables_->codes);
        words.text = detail::rest_text(doc->root(), tables_->texts);
    }
    return words;
}

/// What an answer means that is no success; ok when nothing in it says that something is wrong.
COKINO_DECL errc rest::meaning_of(unsigned status, const detail::host_words& words) const
{
    for (const auto& [code, meaning] : options_.code_meanings)
        if (words.code == code)
            return meaning;
    const errc by_status = detail::errc_of_status(status);
    if (by_status == errc::request_rejected || (by_status == errc::ok && !words.code.empty()))
        if (detail::rest_holds(words.text, options_.refusal_phrases))
            return errc::content_refused;
    if (by_status != errc::ok || words.code.empty())
        return by_status;
    // An error inside a 200: hosts of that kind reuse the numbers of HTTP.
    const auto number = detail::parse_integer<unsigned>(words.code);
    if (number && *number < 400) // "201", or "1" for "yes"
        return errc::ok;
    return number && *number <= 599 ? detail::errc_of_status(*number) : errc::request_rejected;
}

COKINO_DECL result<void> rest::decode_submit(const wire::response& answer, job_record& job) const
{
    if (answer.ok()) {
        std::array<std::string, 2 * detail::rest_paths_max> found;
        wire::json_fields wanted;
        for (std::size_t i = 0; i < tables_->id_places.size() && i < found.size(); ++i)
            wanted.text(tables_->id_places[i], found[i]);
        if (auto read = wanted.read(answer.body()); !read)
            return access_.unknown_outcome(
                answer, "the host took the job, but its answer is not understood (" +
                            read.error().facts().message + ")");
        for (std::string& id : found)
            if (detail::is_job_id(id)) {
                job.id = std::move(id);
                return {};
            }
    }
    const detail::host_words words = words_of(answer);
    const errc e = meaning_of(answer.status, words);
    // A fault told inside a 200 leaves open what was done before it.
    if (answer.ok() && (e == errc::ok || e == errc::host_fault))
        return access_.unknown_outcome(answer, "the host answered with success, but with no id");
    failure f = access_.refusal(e, "submit", answer, words);
    const bool refused =
        answer.ok() || (detail::is_refusal(answer.status) && e != errc::host_fault);
    f.set(refused ? billing::no : billing::unknown);
    return f;
}

COKINO_DECL result<wire::request> rest::ask(const job_record& job, wire::method m,
                                            const std::string& path) const
{
    if (tables_->problem)
        return *tables_->problem;
    if (auto ours = access_.own(job); !ours)
        return ours.error();
    // The text of a job may come from anywhere; it must not choose the path that the key goes to.
    if (job.route->endpoint != options_.submit_path &&
        job.route->endpoint != options_.image_submit_path)
        return invalid("job", "its endpoint is none of this host's", errc::invalid_job);
    auto head = access_.head_below(m, detail::rest_fill(path, job.route->endpoint, job.id));
    if (!head)
        return head.error();
    return wire::request(std::move(*head));
}

COKINO_DECL result<wire::request> rest::encode_status(const job_record& job) const
{
    return ask(job, wire::method::get, options_.status_path);
}

COKINO_DECL job_state rest::state_of(std::string_view word) const noexcept
{
    const std::pair<const std::vector<std::string>*, job_state> rows[] = {
        {&options_.queued_words, job_state::queued},
        {&options_.running_words, job_state::running},
        {&options_.succeeded_words, job_state::succeeded},
        {&options_.failed_words, job_state::failed},
        {&options_.cancelled_words, job_state::cancelled},
    };
    for (const auto& [words, state] : rows)
        if (detail::rest_listed(*words, word))
            return state;
    return job_state::unknown;
}

COKINO_DECL result<job_status> rest::decode_status(const job_record&,
                                                   const wire::response& answer) const
{
    std::array<std::string, 2 * detail::rest_paths_max> found;
    double progress = -1;
    if (answer.ok()) {
        wire::json_fields wanted;
        for (std::size_t i = 0; i < tables_->state_places.size() && i < found.size(); ++i)
            wanted.string(tables_->state_places[i], found[i]);
        for (const wire::json_path& place : tables_->progress_places)
            wanted.number(place, progress);
        if (auto read = wanted.read(answer.body()); !read)
            return access_.complete(read.error(), "status", answer);
    }
    const auto word = std::find_if(found.begin(), found.end(),
                                   [](const std::string& text) { return !text.empty(); });
    if (word == found.end()) {
        const detail::host_words words = words_of(answer);
        const errc e = meaning_of(answer.status, words);
        return access_.refusal(e == errc::ok ? errc::answer_malformed : e, "status", answer, words);
    }
    job_status out;
    out.state = state_of(*word);
    out.word = access_.shown(*word);
    if (progress >= 0 && progress <= 100)
        out.progress = progress > 1 ? progress / 100 : progress;
    if (is_final(out.state))
        finish(out, answer);
    return out;
}

/// Adds result or reason to a final state.
COKINO_DECL void rest::finish(job_status& out, const wire::response& answer) const
{
    if (out.state == job_state::succeeded) {
        if (auto doc = wire::json_document::parse(answer.body())) {
            asset video;
            for (const std::string& path : tables_->links)
                if (video.url.empty() && wire::url::parse(doc->at(path).string_or("")))
                    video.url = doc->at(path).string_or("");
            if (!video.url.empty()) {
                out.output.emplace();
                out.output->seed = detail::parse_integer<std::uint64_t>(
                    detail::rest_text(doc->root(), tables_->seeds));
                out.output->assets.push_back(std::move(video));
                return;
            }
        }
        out.state = job_state::failed;
        out.error = access_.refusal(errc::result_missing, "status", answer);
        out.error->edit().billed = billing::yes;
        return;
    }
    const detail::host_words words = words_of(answer);
    errc e = out.state == job_state::cancelled ? errc::job_cancelled : errc::job_failed;
    if (e == errc::job_failed && (detail::rest_holds(words.text, options_.refusal_phrases) ||
                                  meaning_of(200, words) == errc::content_refused))
        e = errc::content_refused;
    out.error = access_.refusal(e, "status", answer, words);
    out.error->set(options_.failed_jobs_billed, billing_basis::host_terms);
}

COKINO_DECL result<wire::request> rest::encode_cancel(const job_record& job) const
{
    if (options_.cancel_path.empty())
        return provider::encode_cancel(job);
    return ask(job, options_.cancel_method, options_.cancel_path);
}

COKINO_DECL result<cancel_outcome> rest::decode_cancel(const job_record&,
                                                       const wire::response& answer) const
{
    if (answer.status == 404 || answer.status == 410)
        return cancel_outcome::not_found;
    if (answer.status == 409)
        return cancel_outcome::too_late;
    if (auto doc = wire::json_document::parse(answer.body()); doc && answer.ok())
        switch (state_of(detail::rest_text(doc->root(), tables_->states))) {
        case job_state::cancelled: return cancel_outcome::cancelled;
        case job_state::succeeded:
        case job_state::failed: return cancel_outcome::too_late;
        default: break;
        }
    const detail::host_words words = words_of(answer);
    const errc e = meaning_of(answer.status, words);
    if (e == errc::ok)
        return cancel_outcome::requested;
    return access_.refusal(e, "cancel", answer, words);
}

} // namespace cokino
