// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the inbox is made of. An entry is what is known of one job: its names, its waiters, the hook
// that is kept for them. It is found by either name and goes when nothing is left in it.
#pragma once

#include <cokino/core/random_source.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/webhook/inbox.hpp>
#include <cokino/wire/hmac.hpp>
#include <cokino/wire/signature.hpp>
#include <cokino/wire/url.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cokino::webhook {
namespace detail {

/// A message's id, as short as it must be to be known again.
using message_key = std::array<unsigned char, 16>;

struct message_hash {
    std::size_t operator()(const message_key& k) const noexcept
    {
        std::size_t out = 0;
        std::memcpy(&out, k.data(), sizeof out); // a digest's bytes are as good as a hash
        return out;
    }
};

inline std::string scoped(std::string_view provider, std::string_view name)
{
    std::string out(provider);
    out += '\0';
    out += name;
    return out;
}

/// About what a kept note costs.
inline std::size_t bytes_of(const webhook_note& note) noexcept
{
    std::size_t out = sizeof(completion_hint) + note.job_id.size();
    if (!note.status)
        return out;
    out += note.status->word.size();
    for (const job_log& line : note.status->logs)
        out += sizeof line + line.message.size() + line.level.size() + line.timestamp.size();
    if (note.status->output)
        for (const asset& a : note.status->output->assets)
            out += sizeof a + a.url.size() + a.content_type.size() + a.file_name.size();
    return out;
}

inline bool ends_the_job(const completion_hint& h) noexcept
{
    return h.believed && h.note.status && is_final(h.note.status->state);
}

struct inbox_entry {
    inbox_entry() = default;
    std::string provider, job_id, nonce;
    std::optional<completion_hint> kept;
    std::size_t kept_bytes = 0;
    std::uint64_t kept_number = 0;
    std::vector<completion_waiter*> waiters;
};

} // namespace detail

struct inbox::state {
    using entry = detail::inbox_entry;
    /// Something that is forgotten at its time; a queue of them is in the order of time.
    struct ageing {
        steady_time until;
        std::uint64_t entry;
        std::uint64_t number;
    };
    class host_source;

    state(time_source& t, inbox_options o);

    void forget_old();
    bool seen_before(std::string_view provider, std::string_view message_id, bool remember);
    entry* find(std::uint64_t number);
    entry* by_name(const std::unordered_map<std::string, std::uint64_t>& index,
                   std::string_view provider, std::string_view name);
    std::uint64_t add(std::string_view provider);
    std::uint64_t number_of(const entry& e) const;
    void name_job(std::uint64_t number, std::string_view job_id);
    void drop_nonce(std::uint64_t number);
    std::optional<completion_hint> take_kept(entry& e);
    void keep(std::uint64_t number, completion_hint hint);
    void tell(std::uint64_t number, const completion_hint& hint);
    void tidy(std::uint64_t number);
    std::string new_nonce();
    void bind(std::string_view provider, std::string_view nonce, std::string_view job_id);
    std::optional<completion_hint> watch(std::string_view provider, completion_waiter& w,
                                         std::string_view job_id, std::string_view nonce);
    void unwatch(completion_waiter& w) noexcept;

    time_source& time;
    inbox_options options;
    inbox_counts counts;
    std::uint64_t next = 1;
    wire::sha256_digest nonce_key{};
    std::unordered_map<std::uint64_t, entry> entries;
    std::unordered_map<std::string, std::uint64_t> jobs, nonces; // scoped names
    std::unordered_map<completion_waiter*, std::uint64_t> waiters;
    std::deque<ageing> kept, addresses;
    std::unordered_set<detail::message_key, detail::message_hash> messages;
    std::deque<std::pair<steady_time, detail::message_key>> messages_by_age;
    std::unordered_map<std::string, std::unique_ptr<host_source>> sources;
};

class inbox::state::host_source final : public completion_source
{
public:
    host_source(state& s, std::string provider) : state_(s), provider_(std::move(provider)) {}

    void base(std::string_view url) { base_ = url; }

    result<callback_address> new_address() override
    {
        const auto parsed = wire::url::parse(base_);
        if (!parsed)
            return invalid("base_url", "is no http(s) URL to call back to", errc::invalid_options);
        callback_address out;
        out.nonce = state_.new_nonce();
        out.url = parsed->text();
        const std::size_t end = std::min(out.url.find('?'), out.url.size());
        const bool slash = end != 0 && out.url[end - 1] == '/';
        out.url.insert(end, (slash ? "" : "/") + out.nonce);
        state_.forget_old();
        const std::uint64_t number = state_.add(provider_);
        state_.find(number)->nonce = out.nonce;
        state_.nonces[detail::scoped(provider_, out.nonce)] = number;
        const steady_time until = later(state_.time.now(), state_.options.address_life);
        state_.addresses.push_back(ageing{until, number, 0});
        return out;
    }

    void bind(std::string_view nonce, std::string_view job_id) override
    {
        state_.bind(provider_, nonce, job_id);
    }

    std::optional<completion_hint> watch(completion_waiter& w, std::string_view job_id,
                                         std::string_view nonce) override
    {
        return state_.watch(provider_, w, job_id, nonce);
    }

    void unwatch(completion_waiter& w) noexcept override { state_.unwatch(w); }

private:
    state& state_;
    std::string provider_;
    std::string base_;
};

} // namespace cokino::webhook
