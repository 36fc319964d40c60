// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which slice of a file is fetched next by which connection, and what follows each answer. Several
// lanes fetch slices of one version side by side; what they bring is taken strictly in order, and a
// lane keeps its slice until all of it was taken, so that never more than lanes x slice_bytes are
// held. Pure: events in, one action out.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/transfer/detail/range_answers.hpp>
#include <cokino/transfer/detail/range_head.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::detail {

/// The version that all slices must be of, its length known; and how they are cut.
struct slice_rules : file_version {
    std::uint64_t first = 0; ///< Where the first slice begins.
    std::uint64_t slice_bytes = 0;
    unsigned lanes = 1;
    unsigned tries_max = 5; ///< Of one slice in a row that bring nothing worth mentioning.
    std::uint64_t progress_bytes_min = 64 * 1024;
    std::chrono::milliseconds retry_after_max{std::chrono::minutes{10}};
};

/// What a lane does next.
struct slice_action {
    enum class kind : unsigned char {
        fetch, ///< Ask for the bytes from `first` to `last`, inclusive.
        read,  ///< Take the body, up to `last`.
        wait,  ///< Back off (`step` tries failed in a row, at least `wait_min`), then next().
        rest,  ///< Nothing to do until it is woken; then next().
        renew, ///< Ask for a fresh link, then on_renewed() for all, or give_up().
        over,  ///< It was given up: the lane ends. failed() says why.
        done   ///< No slice is left for this lane: it ends.
    };
    kind what = kind::rest;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    unsigned step = 0;
    std::chrono::milliseconds wait_min{0};
    failure why; ///< Of `wait`.

    slice_action() = default;
    explicit slice_action(kind k) : what(k) {}
};

constexpr std::string_view name_of(slice_action::kind k) noexcept
{
    switch (k) {
    case slice_action::kind::fetch: return "fetch";
    case slice_action::kind::read: return "read";
    case slice_action::kind::wait: return "wait";
    case slice_action::kind::rest: return "rest";
    case slice_action::kind::renew: return "renew";
    case slice_action::kind::over: return "over";
    case slice_action::kind::done: return "done";
    }
    return "?";
}

class slice_fsm
{
public:
    /// Lane 0 has the answer to the first slice open already: its first action is `read`.
    explicit slice_fsm(slice_rules rules);

    slice_action next(std::size_t lane);
    /// The head of what was fetched.
    slice_action on_head(std::size_t lane, const range_head& head);
    /// Bytes came; `read` again, or what follows a slice that is whole.
    slice_action on_bytes(std::size_t lane, std::uint64_t count);
    /// The body came to its proper end, before or at the slice's.
    slice_action on_end(std::size_t lane);
    /// No head came, or the body broke off.
    slice_action on_failure(std::size_t lane, failure why);
    /// The link is a fresh one: those that rest should be woken.
    void on_renewed() noexcept;
    /// Nothing more is fetched; what has come in order may still be taken. The first reason counts.
    void give_up(failure why);

    /// The lane that holds the next bytes, and how many of them may be taken.
    struct front {
        std::size_t lane = 0;
        std::size_t at = 0; ///< Within the lane's slice.
        std::size_t bytes = 0;
    };
    front available() const noexcept;
    /// So many of the front's bytes were taken. True: its lane is free for another slice.
    bool on_taken(std::size_t count) noexcept;

    bool whole() const noexcept { return taken_ == rules_.total; }
    bool given_up() const noexcept { return over_; }
    const failure& failed() const noexcept { return failed_; }
    std::uint64_t taken() const noexcept { return taken_; }
    /// Where in its slice a lane's next byte belongs.
    std::size_t filled(std::size_t lane) const noexcept;
    /// How many bytes the present body still has for it.
    std::uint64_t left(std::size_t lane) const noexcept
    {
        return lanes_[lane].stop - lanes_[lane].at;
    }

private:
    enum class phase : unsigned char { idle, asking, reading, waiting, held, full };
    struct lane_state {
        phase now = phase::idle;
        std::uint64_t first = 0; // of its slice
        std::uint64_t end = 0;   // one behind its last byte
        std::uint64_t at = 0;    // the next byte to come
        std::uint64_t stop = 0;  // where the present body ends
        std::uint64_t gained = 0;
        unsigned tries = 0;
        unsigned link = 0; // which link it asked
    };

    slice_action fetch(lane_state& lane);
    slice_action over(failure why);
    slice_action again(lane_state& lane, failure why, std::chrono::milliseconds wait_min);
    slice_action part(lane_state& lane, const range_head& head);

    slice_rules rules_;
    std::vector<lane_state> lanes_;
    std::uint64_t unasked_ = 0; // the first byte of no slice yet
    std::uint64_t taken_ = 0;   // all before it
    failure failed_;
    unsigned link_ = 0; // counts the renewals
    bool renewing_ = false;
    bool over_ = false;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/slice_fsm.ipp>
#endif
