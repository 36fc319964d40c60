// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of provider/detail/access.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/version.hpp>
#include <cokino/wire/redact.hpp>

#include <algorithm>

namespace cokino::detail {

COKINO_DECL errc errc_of_status(unsigned status) noexcept
{
    switch (status) {
    case 401: return errc::unauthorised;
    case 402: return errc::out_of_credit;
    case 403: return errc::forbidden;
    case 404:
    case 410: return errc::not_found;
    case 408: return errc::host_fault;
    case 425:
    case 429: return errc::rate_limited;
    case 451: return errc::content_refused;
    default: break;
    }
    if (status >= 200 && status < 300)
        return errc::ok;
    // An API does not redirect its callers: the base URL is probably out of date.
    if (status >= 300 && status < 400)
        return errc::redirect_refused;
    // HTTP registers none between 431 and 451 nor above. Balancers say such when somebody hung up
    // on work that may have begun (444, 460, 499), and hosts' own are known to their adapters.
    if (status >= 400 && status <= 431)
        return errc::request_rejected;
    if (status > 431 && status < 500)
        return errc::host_fault;
    return status >= 500 && status < 600 ? errc::host_fault : errc::answer_malformed;
}

/// Without blanks and controls, which a job's text would not bear.
inline bool is_printable(std::string_view text) noexcept
{
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F)
            return false;
    return true;
}

COKINO_DECL bool is_job_id(std::string_view id) noexcept
{
    return !id.empty() && id.size() <= limits::job_id_bytes_max && id != "." && id != ".." &&
           is_printable(id);
}

COKINO_DECL bool is_job_link(std::string_view link) noexcept
{
    return link.size() <= limits::job_link_bytes_max && is_printable(link);
}

COKINO_DECL access_setup bearer_setup(std::string host, std::string base_url, api_key key)
{
    access_setup out;
    out.host = std::move(host);
    out.base_url = std::move(base_url);
    out.key = std::move(key);
    out.key_prefix = "Bearer ";
    return out;
}

COKINO_DECL access_setup key_header_setup(std::string host, std::string base_url, api_key key)
{
    access_setup out;
    out.host = std::move(host);
    out.base_url = std::move(base_url);
    out.key = std::move(key);
    out.key_header = "x-api-key";
    return out;
}

COKINO_DECL host_access::host_access(access_setup setup) : setup_(std::move(setup))
{
    std::string& base = setup_.base_url;
    while (!base.empty() && base.back() == '/')
        base.pop_back();
    auto parsed = wire::url::parse(base);
    if (!parsed || base.size() > limits::job_link_bytes_max || !parsed->query().empty()) {
        problem_ = invalid("base_url", "is no http(s) URL without a query", errc::invalid_options);
    } else {
        base_ = *parsed;
        base_path_ = base_.path() == "/" ? "" : std::string(base_.path());
        credential_.header = setup_.key_header;
        credential_.prefix = setup_.key_prefix;
        credential_.key = setup_.key.key();
        credential_.bound_to = base_.where();
        if (auto has_key = setup_.key.check(); !has_key)
            problem_ = has_key.error();
    }
    if (problem_)
        problem_->edit().host = setup_.host;
}

COKINO_DECL result<void> host_access::check() const
{
    if (problem_)
        return *problem_;
    return {};
}

COKINO_DECL result<std::shared_ptr<const wire::request_head>> host_access::head(
    wire::method m, std::string_view link, const header_fields& extra) const
{
    if (problem_)
        return *problem_;
    auto to = base_.resolve(link);
    if (!to || to->where() != base_.where()) {
        failure f(errc::link_refused);
        f.explain(to ? "the link leads to another origin than the one that the key belongs to"
                     : "the link is no http(s) URL",
                  "job");
        f.edit().host = host();
        if (to)
            f.edit().host_text = clean_text(to->where().text(), limits::host_text_bytes_max);
        return f;
    }
    wire::head_builder builder(m, std::move(*to));
    builder.field("User-Agent", "cokino/" COKINO_VERSION);
    const auto given = [&](std::string_view name) {
        return std::any_of(extra.begin(), extra.end(),
                           [&](const auto& field) { return field.first == name; });
    };
    if (!given("Accept"))
        builder.field("Accept", "application/json");
    if (m == wire::method::post && !given("Content-Type"))
        builder.field("Content-Type", "application/json");
    for (const auto& [name, value] : extra)
        builder.field(name, value);
    builder.authorize(credential_);
    auto built = builder.build();
    if (!built) {
        failure f = built.error();
        f.edit().host = host();
        return f;
    }
    return built;
}

COKINO_DECL result<std::shared_ptr<const wire::request_head>> host_access::head_below(
    wire::method m, const std::string& path, const header_fields& extra) const
{
    // A reference that begins with a slash is resolved without taking an origin apart again.
    return head(m, base_path_.empty() ? path : base_path_ + path, extra);
}

COKINO_DECL void take_facts(provider_traits& traits, const host_facts& about)
{
    traits.repeats = about.repeats;
    traits.can_cancel = !about.cancel.empty();
    traits.result_lifetime = about.result_lifetime;
    traits.status_batch_max = about.status_batch_max;
    traits.status_stream = about.status_stream;
    traits.webhook = about.webhook;
    traits.media = about.media;
    traits.source = about.source;
}

COKINO_DECL std::optional<failure> host_access::introduce(provider_traits& traits,
                                                          const result<void>& options) const
{
    traits.name = host();
    traits.key_alias = key_alias();
    traits.base_url = base_url();
    if (!options)
        return options.error();
    if (auto able = check(); !able)
        return able.error();
    return std::nullopt;
}

COKINO_DECL std::shared_ptr<const wire::request_head> host_access::head_unless(
    std::optional<failure>& problem, wire::method m, const std::string& path,
    const header_fields& extra) const
{
    if (problem)
        return nullptr;
    auto head = head_below(m, path, extra);
    if (head)
        return std::move(*head);
    problem = head.error();
    return nullptr;
}

COKINO_DECL std::shared_ptr<const job_route> host_access::route(job_kind kind,
                                                                std::string_view model,
                                                                std::string_view endpoint) const
{
    auto out = std::make_shared<job_route>();
    out->kind = kind;
    out->provider = host();
    out->model = model;
    out->endpoint = endpoint;
    out->base_url = base_url();
    out->key = key_alias();
    return out;
}

COKINO_DECL result<void> host_access::own(const job_record& job) const
{
    const char* message = nullptr;
    if (!job.route || job.route->provider != host())
        message = "this is a job of another provider";
    else if (job.route->base_url != base_url())
        message = "this job was submitted to another base URL than the one configured now";
    else if (!is_job_id(job.id))
        message = "its id is none";
    if (message == nullptr)
        return {};
    failure f = invalid("job", message, errc::invalid_job);
    f.edit().host = host();
    return f;
}

COKINO_DECL failure host_access::unsupported(std::string field, std::string message) const
{
    failure f = invalid(std::move(field), std::move(message), errc::unsupported_field);
    f.edit().host = host();
    return f;
}

COKINO_DECL failure host_access::refusal(errc e, std::string_view operation,
                                         const wire::response& answer,
                                         const host_words& words) const
{
    failure f = complete(failure(e, fate::answered), operation, answer);
    diagnostics& d = f.edit();
    d.field = words.field;
    d.host_code = shown(words.code);
    d.host_text = shown(words.text);
    if (d.host_code.empty() && d.host_text.empty())
        d.host_text = sample(answer.body());
    return f;
}

COKINO_DECL failure host_access::unknown_outcome(const wire::response& answer,
                                                 std::string message) const
{
    failure f = complete(failure(errc::outcome_unknown, fate::answered), "submit", answer);
    f.explain(std::move(message));
    f.edit().host_text = sample(answer.body());
    return f;
}

COKINO_DECL failure host_access::complete(failure f, std::string_view operation,
                                          const wire::response& answer) const
{
    f.set(fate::answered);
    diagnostics& d = f.edit();
    d.host = host();
    d.operation = operation;
    d.http_status = answer.status;
    // A reader's own sample was taken without knowledge of the key.
    if (!d.host_text.empty())
        d.host_text = sample(answer.body());
    for (const std::string& name : setup_.request_id_headers) {
        const std::string_view id = answer.field(name);
        if (id.empty())
            continue;
        d.request_id = clean_text(hide_key(id), limits::job_id_bytes_max);
        break;
    }
    return f;
}

COKINO_DECL std::string host_access::shown(std::string_view words) const
{
    return words.empty() ? std::string() : clean_text(hide_key(words), limits::host_text_bytes_max);
}

// Some hosts repeat what they were sent, headers included.
COKINO_DECL std::string host_access::hide_key(std::string_view text) const
{
    std::string out(text);
    const std::string_view key = credential_.key.reveal();
    // A key so short is a test's; hiding it would eat the text.
    if (key.size() < 4)
        return out;
    for (std::size_t at = out.find(key); at != std::string::npos;
         at = out.find(key, at + wire::hidden_text.size()))
        out.replace(at, key.size(), wire::hidden_text);
    return out;
}

COKINO_DECL std::string host_access::sample(std::string_view body) const
{
    // Far more than is shown, so that no half of a key is left at the cut.
    constexpr std::size_t looked_at = 16 * limits::sample_bytes_max;
    if (body.empty())
        return {};
    return wire::redact_answer(hide_key(body.substr(0, looked_at)), limits::sample_bytes_max);
}

} // namespace cokino::detail
