// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of webhook/detail/inbox_state.ipp.
#pragma once

#include <cokino/webhook/detail/inbox_state.ipp>

namespace cokino::webhook {

COKINO_DECL inbox::state::state(time_source& t, inbox_options o) : time(t), options(o)
{
    std::string seed;
    for (int i = 0; i < 4; ++i) {
        // Each of them is seeded by the system with 64 bits of its own; none is ever shown.
        random_source source =
            options.nonce_seed == 0
                ? random_source()
                : random_source(options.nonce_seed + static_cast<std::uint64_t>(i));
        const std::uint64_t word = source.next();
        seed.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    nonce_key = wire::sha256_of(seed);
    wipe(seed);
}

COKINO_DECL std::string inbox::state::new_nonce()
{
    const std::string_view key(reinterpret_cast<const char*>(nonce_key.data()), nonce_key.size());
    const std::uint64_t count = next++;
    const std::string_view message(reinterpret_cast<const char*>(&count), sizeof count);
    return wire::hex_encode(wire::hmac_sha256(key, message)).substr(0, 32);
}

COKINO_DECL void inbox::state::forget_old()
{
    const steady_time now = time.now();
    while (!messages_by_age.empty() && (messages_by_age.front().first <= now ||
                                        messages_by_age.size() > options.messages_max)) {
        messages.erase(messages_by_age.front().second);
        messages_by_age.pop_front();
    }
    const auto stale = [this](const ageing& a) {
        const entry* const e = find(a.entry);
        return e == nullptr || !e->kept || e->kept_number != a.number;
    };
    // What was taken out leaves its place in the queue; many such places are cleared at once.
    if (kept.size() > 2 * options.kept_max)
        kept.erase(std::remove_if(kept.begin(), kept.end(), stale), kept.end());
    while (!kept.empty() &&
           (stale(kept.front()) || kept.front().until <= now ||
            counts.kept_now > options.kept_max || counts.kept_bytes > options.kept_bytes_max)) {
        const ageing oldest = kept.front();
        kept.pop_front();
        if (!stale(oldest)) {
            take_kept(*find(oldest.entry));
            ++counts.dropped;
            tidy(oldest.entry);
        }
    }
    while (!addresses.empty() &&
           (addresses.front().until <= now || addresses.size() > options.addresses_max)) {
        const std::uint64_t number = addresses.front().entry;
        addresses.pop_front();
        drop_nonce(number);
    }
}

COKINO_DECL bool inbox::state::seen_before(std::string_view provider, std::string_view message_id,
                                           bool remember)
{
    const auto digest = wire::sha256_of(detail::scoped(provider, message_id));
    detail::message_key key;
    std::copy_n(digest.begin(), key.size(), key.begin());
    if (!remember)
        return messages.count(key) != 0;
    if (messages.insert(key).second)
        messages_by_age.emplace_back(later(time.now(), options.message_life), key);
    return false;
}

COKINO_DECL detail::inbox_entry* inbox::state::find(std::uint64_t number)
{
    const auto at = entries.find(number);
    return at == entries.end() ? nullptr : &at->second;
}

COKINO_DECL detail::inbox_entry* inbox::state::by_name(
    const std::unordered_map<std::string, std::uint64_t>& index, std::string_view provider,
    std::string_view name)
{
    if (name.empty())
        return nullptr;
    const auto at = index.find(detail::scoped(provider, name));
    return at == index.end() ? nullptr : find(at->second);
}

COKINO_DECL std::uint64_t inbox::state::add(std::string_view provider)
{
    const std::uint64_t number = next++;
    entries[number].provider = provider;
    return number;
}

/// An entry has at least one name.
COKINO_DECL std::uint64_t inbox::state::number_of(const entry& e) const
{
    return e.nonce.empty() ? jobs.at(detail::scoped(e.provider, e.job_id))
                           : nonces.at(detail::scoped(e.provider, e.nonce));
}

COKINO_DECL void inbox::state::name_job(std::uint64_t number, std::string_view job_id)
{
    entry& e = *find(number);
    e.job_id = job_id;
    jobs[detail::scoped(e.provider, job_id)] = number;
}

COKINO_DECL void inbox::state::drop_nonce(std::uint64_t number)
{
    entry* const e = find(number);
    if (e == nullptr || e->nonce.empty())
        return;
    nonces.erase(detail::scoped(e->provider, e->nonce));
    e->nonce.clear();
    if (e->job_id.empty()) {
        // Without any name nothing can reach it: its waiters hear nothing more, and poll.
        take_kept(*e);
        for (completion_waiter* const w : e->waiters)
            waiters.erase(w);
        entries.erase(number);
    } else {
        tidy(number);
    }
}

COKINO_DECL std::optional<completion_hint> inbox::state::take_kept(entry& e)
{
    if (e.kept) {
        --counts.kept_now;
        counts.kept_bytes -= e.kept_bytes;
    }
    return std::exchange(e.kept, std::nullopt);
}

COKINO_DECL void inbox::state::keep(std::uint64_t number, completion_hint hint)
{
    entry& e = *find(number);
    const bool had = e.kept.has_value();
    // States come out of order: what ended the job is not undone by what was sent before it.
    if (had && detail::ends_the_job(*e.kept) && !detail::ends_the_job(hint))
        return;
    if (detail::bytes_of(hint.note) > options.kept_bytes_max / 64) {
        hint.note.status.reset(); // as a mere hint it costs nothing; the job will be looked at
        hint.believed = false;
    }
    take_kept(e);
    e.kept_bytes = detail::bytes_of(hint.note);
    e.kept = std::move(hint);
    ++counts.kept_now;
    counts.kept_bytes += e.kept_bytes;
    if (!had) {
        e.kept_number = next++;
        kept.push_back(ageing{later(time.now(), options.kept_life), number, e.kept_number});
    }
    forget_old();
}

COKINO_DECL void inbox::state::tell(std::uint64_t number, const completion_hint& hint)
{
    // Each of them may unwatch any of them, itself too.
    const std::vector<completion_waiter*> all = find(number)->waiters;
    for (completion_waiter* const w : all) {
        const auto at = waiters.find(w);
        if (at != waiters.end() && at->second == number)
            w->on_hint(hint);
    }
}

COKINO_DECL void inbox::state::tidy(std::uint64_t number)
{
    const entry* const e = find(number);
    if (e == nullptr || !e->nonce.empty() || e->kept || !e->waiters.empty())
        return;
    const auto at = jobs.find(detail::scoped(e->provider, e->job_id));
    if (at != jobs.end() && at->second == number)
        jobs.erase(at);
    entries.erase(number);
}

COKINO_DECL void inbox::state::bind(std::string_view provider, std::string_view nonce,
                                    std::string_view job_id)
{
    entry* const named = by_name(nonces, provider, nonce);
    if (named == nullptr || job_id.empty() || !named->job_id.empty())
        return;
    const std::uint64_t number = number_of(*named);
    if (entry* const other = by_name(jobs, provider, job_id)) {
        // Somebody called or waited by the id before we knew that it is this nonce's.
        const std::uint64_t gone = jobs.at(detail::scoped(provider, job_id));
        if (other->nonce.empty()) {
            auto early = take_kept(*other);
            for (completion_waiter* const w : other->waiters) {
                named->waiters.push_back(w);
                waiters[w] = number;
            }
            entries.erase(gone);
            name_job(number, job_id);
            if (early)
                keep(number, std::move(*early));
        } else {
            return; // two addresses for one job: each goes on under its own name
        }
    } else {
        name_job(number, job_id);
    }
    entry* const e = find(number);
    if (e == nullptr)
        return;
    if (e->kept && e->kept->believed && e->kept->note.job_id != job_id)
        e->kept->believed = false;
    if (e->kept && !e->waiters.empty()) {
        const auto hint = take_kept(*e);
        tell(number, *hint);
    }
}

COKINO_DECL std::optional<completion_hint> inbox::state::watch(std::string_view provider,
                                                               completion_waiter& w,
                                                               std::string_view job_id,
                                                               std::string_view nonce)
{
    unwatch(w);
    forget_old();
    if (!nonce.empty() && !job_id.empty())
        bind(provider, nonce, job_id);
    entry* e = by_name(jobs, provider, job_id);
    if (e == nullptr)
        e = by_name(nonces, provider, nonce);
    if (e == nullptr) {
        if (job_id.empty())
            return std::nullopt; // a nonce that nobody knows any more
        const std::uint64_t made = add(provider);
        name_job(made, job_id);
        e = find(made);
    }
    waiters[&w] = number_of(*e);
    e->waiters.push_back(&w);
    return take_kept(*e);
}

COKINO_DECL void inbox::state::unwatch(completion_waiter& w) noexcept
{
    const auto at = waiters.find(&w);
    if (at == waiters.end())
        return;
    const std::uint64_t number = at->second;
    waiters.erase(at);
    if (entry* const e = find(number)) {
        std::erase(e->waiters, &w);
        tidy(number);
    }
}

} // namespace cokino::webhook
