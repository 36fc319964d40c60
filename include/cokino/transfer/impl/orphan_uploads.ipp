// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/orphan_uploads.hpp.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/async/with_timeout.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/transfer/detail/bucket_core.hpp>
#include <cokino/transfer/detail/orphan_uploads.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

/// Services tell times in whole seconds, some of them the next one, and so does the Date by which
/// their clock is known.
inline constexpr std::chrono::seconds orphan_clock_slack{2};

inline bool begun_within(const s3_open_upload& upload, const doubtful_try& lost,
                         std::chrono::seconds clock_ahead) noexcept
{
    const auto from = std::chrono::floor<std::chrono::seconds>(lost.from) + clock_ahead;
    const auto until = std::chrono::ceil<std::chrono::seconds>(lost.until) + clock_ahead;
    return upload.begun && *upload.begun >= from - orphan_clock_slack &&
           *upload.begun <= until + orphan_clock_slack;
}

COKINO_DECL std::vector<std::string> find_orphans(const s3_upload_list& list,
                                                  const orphan_search& search)
{
    const auto& all = list.uploads;
    // A page that ends within the key does not show all who might be meant.
    if (list.more && (all.empty() || all.back().key == search.key))
        return {};
    const auto own = std::find_if(all.begin(), all.end(), [&](const s3_open_upload& upload) {
        return upload.key == search.key && upload.id == search.own;
    });
    if (!search.own.empty() && own == all.end())
        return {};
    std::vector<std::string> found;
    for (const auto& upload : all) {
        const auto& known = search.known;
        const bool named = upload.id.empty() || upload.id == search.own ||
                           std::find(known.begin(), known.end(), upload.id) != known.end();
        const bool then = std::any_of(search.lost.begin(), search.lost.end(), [&](auto& lost) {
            return begun_within(upload, lost, search.clock_ahead);
        });
        const bool others = own != all.end() && upload.initiator != own->initiator;
        if (upload.key == search.key && !named && then && !others)
            found.push_back(upload.id);
    }
    if (found.size() > search.lost.size())
        found.clear();
    return found;
}

inline s3_request orphan_request(wire::method verb, std::string key, std::string id)
{
    s3_request r;
    r.operation = "abort";
    r.verb = verb;
    r.key = std::move(key);
    r.query.emplace_back("uploadId", std::move(id));
    return r;
}

/// Whether an upload is there and has no part.
inline awaitable<bool> has_no_part(std::shared_ptr<bucket_core> core, std::string key,
                                   std::string id)
{
    auto r = orphan_request(wire::method::get, std::move(key), std::move(id));
    const auto answer = co_await bucket_core::call_ok(core, std::move(r));
    if (!answer)
        co_return false;
    const auto listed = read_part_list(*answer);
    co_return listed && listed->parts.empty() && listed->next_marker == 0;
}

inline awaitable<void> clear_in_time(std::shared_ptr<bucket_core> core, orphan_search search)
{
    s3_request r;
    r.operation = "abort";
    r.query.emplace_back("uploads", "");
    r.query.emplace_back("prefix", search.key);
    const auto answer = co_await bucket_core::call_ok(core, std::move(r));
    if (!answer)
        co_return;
    const auto list = read_upload_list(*answer);
    if (!list)
        co_return;
    search.clock_ahead = core->clock_ahead(*answer);
    search.known = core->open_uploads;
    const auto found = find_orphans(*list, search);
    if (found.empty())
        co_return;
    co_await sleep_for(duration(limits::orphan_upload_pause));
    for (const auto& id : found) {
        const auto& known = core->open_uploads;
        if (std::find(known.begin(), known.end(), id) != known.end())
            continue; // its answer came meanwhile, to another upload of this process
        const bool empty = co_await has_no_part(core, search.key, id);
        if (!empty)
            continue;
        auto removal = orphan_request(wire::method::delete_, search.key, id);
        const auto removed = co_await bucket_core::call(core, std::move(removal));
        static_cast<void>(removed); // abort_stale_uploads finds what is left
    }
}

COKINO_DECL awaitable<void> clear_orphans(std::shared_ptr<bucket_core> core, orphan_search search)
{
    auto clearing = with_timeout(clear_in_time(std::move(core), std::move(search)),
                                 duration(limits::upload_tidy_max));
    const auto cleared = co_await as_result(std::move(clearing));
    static_cast<void>(cleared);
}

} // namespace cokino::detail
