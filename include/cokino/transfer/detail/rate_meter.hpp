// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How fast bytes come, over the last ten seconds: long enough that a figure can be read, short
// enough that a stall shows. Pure; `now` is said each time and never goes back.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cokino::detail {

/// Counts in slots of half a second, of which the last twenty are kept: 200 bytes, and no more
/// work for a fast download than for a slow one.
class rate_meter
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using span = std::chrono::steady_clock::duration;

    static constexpr span slot = std::chrono::milliseconds(500);
    static constexpr std::size_t slots = 20;
    /// Before that much has been seen, a rate would be a guess.
    static constexpr span seen_min = std::chrono::milliseconds(500);

    /// Bytes came since the last call. The first call, with 0 perhaps, is when the measuring
    /// begins; after a pause, one with 0 says that nothing came until then.
    void add(std::uint64_t bytes, time_point now) noexcept
    {
        move_to(now);
        const span gap = now - std::max(last_, first_);
        last_ = now;
        if (gap <= now - slot_begin_) {
            put(at_, bytes);
            return;
        }
        // A slow download tells of a buffer every few seconds: spread over the time that it took.
        const double each = static_cast<double>(bytes) / static_cast<double>(gap.count());
        const time_point since = now - gap;
        time_point end = now;
        time_point begin = slot_begin_;
        for (std::size_t back = 0; back < slots && end > since; ++back) {
            const span part = end - std::max(begin, since);
            put((at_ + slots - back) % slots,
                static_cast<std::uint64_t>(each * static_cast<double>(part.count())));
            end = begin;
            begin -= slot;
        }
    }

    /// Bytes per second. Nothing before enough has been seen; 0 when none came of late.
    std::optional<std::uint64_t> rate(time_point now) noexcept
    {
        if (!begun_)
            return std::nullopt;
        move_to(now);
        // The window ends now and begins where the oldest slot does, or where the measuring did.
        const time_point oldest = slot_begin_ - static_cast<long>(slots - 1) * slot;
        const span seen = now - std::max(oldest, first_);
        if (seen < seen_min)
            return std::nullopt;
        const std::chrono::duration<double> seconds = seen;
        return static_cast<std::uint64_t>(static_cast<double>(sum_) / seconds.count());
    }

    /// How long `bytes` take at the present rate; nothing when that cannot be said.
    std::optional<std::chrono::seconds> time_for(std::uint64_t bytes, time_point now) noexcept
    {
        const auto each = rate(now);
        if (!each || *each == 0)
            return std::nullopt;
        // A download that crawls takes "ever so long": a year is enough to say that.
        constexpr std::uint64_t longest = 366 * 24 * 3600;
        const auto whole = bytes / *each + (bytes % *each != 0 ? 1 : 0);
        return std::chrono::seconds(std::min(whole, longest));
    }

private:
    void put(std::size_t where, std::uint64_t bytes) noexcept
    {
        counts_[where] += bytes;
        sum_ += bytes;
    }

    void move_to(time_point now) noexcept
    {
        if (!begun_) {
            begun_ = true;
            first_ = last_ = slot_begin_ = now;
        }
        if (now - slot_begin_ >= static_cast<long>(slots) * slot) {
            counts_.fill(0);
            sum_ = 0;
            slot_begin_ += (now - slot_begin_) / slot * slot;
            return;
        }
        while (now - slot_begin_ >= slot) {
            at_ = (at_ + 1) % slots;
            sum_ -= counts_[at_];
            counts_[at_] = 0;
            slot_begin_ += slot;
        }
    }

    std::array<std::uint64_t, slots> counts_{};
    std::uint64_t sum_ = 0; // of all slots
    std::size_t at_ = 0;    // the present one
    time_point slot_begin_{};
    time_point first_{};
    time_point last_{};
    bool begun_ = false;
};

} // namespace cokino::detail
