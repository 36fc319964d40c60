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
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

COKINO_DECL orphans_found find_orphans(const s3_upload_list& list, const orphan_search& search)
{
    const auto& all = list.uploads;
    orphans_found out;
    const auto own = std::find_if(all.begin(), all.end(), [&](const s3_open_upload& upload) {
        return upload.key == search.key && upload.id == search.own;
    });
    if (!search.own.empty() && own != all.end())
        out.initiator = own->initiator;
    const auto& us = out.initiator.empty() ? search.initiator : out.initiator;
    for (const auto& upload : all) {
        const auto& known = search.known;
        const bool named = upload.id == search.own ||
                           std::find(known.begin(), known.end(), upload.id) != known.end();
        const bool then = std::any_of(search.lost.begin(), search.lost.end(), [&](auto& lost) {
            return !upload.begun || begun_within(upload, lost, search.clock_ahead);
        });
        if (upload.key != search.key || named || !then)
            continue;
        if (us.empty() || upload.initiator.empty() || upload.id.empty() || !upload.begun)
            out.doubtful = true;
        else if (upload.initiator == us)
            out.ours.push_back(upload.id);
    }
    // A page that ends within the key does not show all who might be meant; nor does a list that
    // lags so that our own is not in it yet.
    const bool cut = list.more && (all.empty() || all.back().key == search.key);
    const bool lags = !search.own.empty() && own == all.end();
    if (cut || lags || out.ours.size() > search.lost.size()) {
        out.ours.clear();
        out.doubtful = true;
    }
    return out;
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

/// Whether an upload is there and has no part; nothing if that cannot be told.
inline awaitable<std::optional<bool>> has_no_part(std::shared_ptr<bucket_core> core,
                                                  std::string key, std::string id)
{
    auto r = orphan_request(wire::method::get, std::move(key), std::move(id));
    const auto answer = co_await bucket_core::call(core, std::move(r));
    if (answer && answer->status == 404)
        co_return false;
    if (!answer || !answer->ok())
        co_return std::nullopt;
    const auto listed = read_part_list(*answer);
    if (!listed)
        co_return std::nullopt;
    co_return listed->parts.empty() && listed->next_marker == 0;
}

inline bool holds(const std::vector<std::string>& all, const std::string& one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// Aborts an upload that is ours by the list, if it still looks so. False: it is left in doubt.
inline awaitable<bool> clear_one(std::shared_ptr<bucket_core> core, std::string key, std::string id)
{
    if (holds(core->open_uploads, id))
        co_return true; // its answer came meanwhile, to another upload of this object
    if (holds(core->beginning, key))
        co_return false; // its answer may still come
    const auto empty = co_await has_no_part(core, key, id);
    if ((empty && !*empty) || holds(core->open_uploads, id))
        co_return true; // it lives, or is gone
    if (!empty || holds(core->beginning, key))
        co_return false;
    auto removal = orphan_request(wire::method::delete_, key, id);
    const auto removed = co_await bucket_core::call(core, std::move(removal));
    co_return removed && (removed->ok() || removed->status == 404);
}

/// Whether none is left that could be ours.
inline awaitable<bool> clear_in_time(std::shared_ptr<bucket_core> core, orphan_search search)
{
    s3_request r;
    r.operation = "abort";
    r.query.emplace_back("uploads", "");
    r.query.emplace_back("prefix", search.key);
    const auto answer = co_await bucket_core::call_ok(core, std::move(r));
    if (!answer)
        co_return false;
    const auto list = read_upload_list(*answer);
    if (!list)
        co_return false;
    search.clock_ahead = core->clock_ahead(*answer);
    search.known = core->open_uploads;
    search.initiator = core->initiator;
    const auto found = find_orphans(*list, search);
    if (!found.initiator.empty())
        core->initiator = found.initiator;
    if (found.ours.empty())
        co_return !found.doubtful;
    co_await sleep_for(duration(limits::orphan_upload_pause));
    bool none_left = !found.doubtful;
    for (const auto& id : found.ours) {
        const bool cleared = co_await clear_one(core, search.key, id);
        none_left = none_left && cleared;
    }
    co_return none_left;
}

COKINO_DECL awaitable<void> clear_orphans(std::shared_ptr<bucket_core> core, orphan_search search)
{
    if (core->options.sole_writer) {
        auto clearing =
            with_timeout(clear_in_time(core, search), duration(limits::upload_tidy_max));
        const auto none_left = co_await as_result(std::move(clearing));
        if (none_left && *none_left)
            co_return;
    }
    failure what = search.lost.back().why;
    what.explain("the service did not confirm an upload in parts of " +
                 core->name_of_object(search.key) +
                 ". If it was begun, it is left, empty, since it could not be told from another "
                 "writer's; abort_stale_uploads removes it");
    core->warn(search.operation, std::move(what));
}

} // namespace cokino::detail
