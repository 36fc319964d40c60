// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a client has uploaded, by the digest of its bytes: the same frame is brought to a host once.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/core/limits.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino::detail {

class upload_memory
{
public:
    /// Where the file is, if it is known and lives for a while yet; else empty.
    std::string_view find(std::string_view digest, steady_time now) const noexcept
    {
        for (const entry& e : entries_)
            if (e.digest == digest && now < e.until)
                return e.url;
        return {};
    }

    /// The oldest makes room.
    void keep(std::string digest, std::string url, steady_time until)
    {
        std::erase_if(entries_, [&](const entry& e) { return e.digest == digest; });
        if (entries_.size() >= limits::uploads_remembered_max)
            entries_.erase(entries_.begin());
        entries_.push_back({std::move(digest), std::move(url), until});
    }

private:
    struct entry {
        std::string digest, url;
        steady_time until;
    };
    std::vector<entry> entries_;
};

} // namespace cokino::detail
