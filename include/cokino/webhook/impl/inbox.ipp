// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of webhook/inbox.hpp.
#pragma once

#include <cokino/webhook/detail/inbox_state.ipp>
#include <cokino/webhook/inbox.hpp>

#include <utility>

namespace cokino::webhook {

COKINO_DECL result<void> validate(const inbox_options& o)
{
    const auto check = [](bool good, const char* field) -> result<void> {
        if (good)
            return {};
        return invalid(field, "must be at least 1", errc::invalid_options);
    };
    using std::chrono::seconds;
    for (const auto& [good, field] : {std::pair(o.messages_max > 0, "messages_max"),
                                      {o.kept_max > 0, "kept_max"},
                                      {o.kept_bytes_max > 0, "kept_bytes_max"},
                                      {o.addresses_max > 0, "addresses_max"},
                                      {o.message_life >= seconds(1), "message_life"},
                                      {o.kept_life >= seconds(1), "kept_life"},
                                      {o.address_life >= seconds(1), "address_life"}})
        if (auto sound = check(good, field); !sound)
            return sound;
    return {};
}

COKINO_DECL inbox::inbox(time_source& time, inbox_options options)
{
    validate(options).value(); // throws what is wrong
    state_ = std::make_unique<state>(time, options);
}

COKINO_DECL inbox::~inbox() = default;

COKINO_DECL completion_source& inbox::source(std::string_view provider, std::string_view base_url)
{
    auto& source = state_->sources[std::string(provider)];
    if (!source)
        source = std::make_unique<state::host_source>(*state_, std::string(provider));
    source->base(base_url);
    return *source;
}

COKINO_DECL arrival_outcome inbox::deliver(std::string_view provider, arrival a)
{
    state& s = *state_;
    s.forget_old();
    if (s.seen_before(provider, a.message_id, false)) {
        ++s.counts.replayed;
        return arrival_outcome::replayed;
    }
    state::entry* e = s.by_name(s.nonces, provider, a.nonce);
    if (e == nullptr)
        e = s.by_name(s.jobs, provider, a.note.job_id);
    if (e == nullptr && a.note.job_id.empty()) {
        ++s.counts.unknown;
        return arrival_outcome::unknown;
    }
    s.seen_before(provider, a.message_id, true);
    std::uint64_t number = 0;
    if (e == nullptr) {
        number = s.add(provider);
        s.name_job(number, a.note.job_id);
        e = s.find(number);
    } else {
        number = s.number_of(*e);
    }
    completion_hint hint;
    hint.believed = a.body_covered && a.note.status.has_value() && !a.note.job_id.empty() &&
                    (e->job_id.empty() || e->job_id == a.note.job_id);
    hint.note = std::move(a.note);
    if (!hint.believed && !e->job_id.empty())
        hint.note.job_id = e->job_id; // what is looked at is our job, whatever the body says
    if (e->waiters.empty()) {
        s.keep(number, std::move(hint));
        ++s.counts.kept;
        return arrival_outcome::kept;
    }
    s.tell(number, hint);
    ++s.counts.delivered;
    return arrival_outcome::delivered;
}

COKINO_DECL bool inbox::knows(std::string_view provider, std::string_view nonce) const
{
    return state_->by_name(state_->nonces, provider, nonce) != nullptr;
}

COKINO_DECL inbox_counts inbox::counts() const
{
    inbox_counts out = state_->counts;
    out.messages = state_->messages.size();
    out.addresses = state_->nonces.size();
    out.waiting = state_->waiters.size();
    return out;
}

} // namespace cokino::webhook
