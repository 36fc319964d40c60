// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a download does next: ask, take the bytes, start over, wait, renew the link, check, give up.
// Many sources meet here (heads, bytes, broken connections, dead links, parts of an earlier
// process), and a wrong turn puts a wrong file on the disk; so it is pure: events in, one action
// out, no clock, no sockets, no files.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>
#include <cokino/transfer/detail/range_answers.hpp>
#include <cokino/transfer/detail/range_head.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::detail {

/// What the machine is held to.
struct range_rules {
    /// Tries in a row that bring nothing worth mentioning before it gives up.
    unsigned tries_max = 5;
    /// New bytes that count as progress, so that the count of tries starts again.
    std::uint64_t progress_bytes_min = 64 * 1024;
    /// How often the body may start over because the file changed or the host ignores ranges.
    unsigned restarts_max = 5;
    /// Renewals in all; two without progress between them are never made.
    unsigned renewals_max = 4;
    std::uint64_t bytes_max = limits::media_bytes_max;
    std::optional<std::uint64_t> size; ///< What the job's answer said.
    bool can_renew = false;
    /// A longer hint than this ends the download: the caller should know and decide.
    std::chrono::milliseconds retry_after_max{std::chrono::minutes{10}};
    /// How much of the file one request asks for, so that several can be under way; 0: all of it.
    std::uint64_t slice_bytes = 0;
};

/// The next thing to do.
struct range_action {
    enum class kind : unsigned char {
        ask,    ///< Request from `offset` on, up to `last` where there is one; with `if_range`
                ///< when offset is not 0.
        read,   ///< Take the body; its first byte belongs at `offset`. With `last`: it ends there,
                ///< and the file can be had in slices.
        wait,   ///< Back off (`step` tries failed in a row, at least `wait_min`), then on_waited.
        renew,  ///< Ask the link source, then on_renewed.
        verify, ///< The bytes are all there: look at them, then on_verified or on_unfit.
        finish, ///< Give the file its final name.
        fail    ///< `why` says what ended it.
    };
    kind what = kind::fail;
    bool start_over = false; ///< First throw away all bytes held.
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> last; ///< Inclusive.
    std::string if_range;
    unsigned step = 0;
    std::chrono::milliseconds wait_min{0};
    failure why; ///< Of `fail`, and of `wait`: what the last try failed with.

    range_action() = default;
    explicit range_action(kind k) : what(k) {}
};

constexpr std::string_view name_of(range_action::kind k) noexcept
{
    switch (k) {
    case range_action::kind::ask: return "ask";
    case range_action::kind::read: return "read";
    case range_action::kind::wait: return "wait";
    case range_action::kind::renew: return "renew";
    case range_action::kind::verify: return "verify";
    case range_action::kind::finish: return "finish";
    case range_action::kind::fail: return "fail";
    }
    return "?";
}

/// What is held of a file when a download begins.
struct range_start {
    std::uint64_t bytes = 0;
    std::string validator;
    std::optional<std::uint64_t> total;
    std::optional<wire::digest_claim> digest;
    bool link_is_dead = false; ///< Its expiry has passed: renew before the first request.
};

class range_fsm
{
public:
    enum class state : unsigned char {
        idle,
        asking,
        reading,
        waiting,
        renewing,
        verifying,
        finished,
        failed
    };

    explicit range_fsm(range_rules rules) : rules_(rules) {}

    /// Before the start: the file may come in slices, for which there are lanes.
    void slice_by(std::uint64_t bytes) noexcept { rules_.slice_bytes = bytes; }
    range_action start(const range_start& held);
    /// A head came while asking.
    range_action on_head(const range_head& head);
    /// Bytes were written. `read` again, or `fail` when there are more than were promised.
    range_action on_bytes(std::uint64_t count);
    /// The body came to its proper end.
    range_action on_end();
    /// No head came, or the body broke off.
    range_action on_failure(failure why);
    range_action on_waited();
    range_action on_renewed();
    /// The body is read in slices, and one of them met a dead link: `renew`, and read on; or
    /// `fail`.
    range_action on_dead_slice(const range_head& head);
    /// A slice was asked for beside the requests that are actions.
    void count_request() noexcept { ++requests_; }
    /// The slices were given up: what is missing is asked for in one stream.
    range_action on_slices_failed(failure why);
    /// The failure of a link that is dead while the link source had none.
    failure not_renewed(const failure& why) const;
    /// The link source had none. Carries the reason.
    range_action on_not_renewed(failure why);
    range_action on_verified();
    /// The whole file is not what was ordered. A file in pieces gets one more chance in one piece.
    range_action on_unfit(failure why);

    state now() const noexcept { return state_; }
    std::uint64_t offset() const noexcept { return offset_; }
    const std::optional<std::uint64_t>& total() const noexcept { return total_; }
    const std::string& validator() const noexcept { return validator_; }
    const std::string& etag() const noexcept { return etag_; }
    const std::string& media_type() const noexcept { return media_type_; }
    /// What is known of the version whose bytes are held.
    file_version version() const;
    /// What the host says of the whole file's digest, where it does.
    const std::optional<wire::digest_claim>& digest() const noexcept { return digest_; }
    /// Whether what is held could be taken up again by a later download.
    bool resumable() const noexcept { return offset_ != 0 && !validator_.empty() && !spoilt_; }
    /// Whether the protocol said where the file ends; if not, only its contents can tell.
    bool end_is_known() const noexcept { return end_is_known_; }
    std::uint64_t resumed_from() const noexcept { return resumed_from_; }
    unsigned requests() const noexcept { return requests_; }
    unsigned restarts() const noexcept { return restarts_; }
    unsigned renewals() const noexcept { return renewals_; }

private:
    range_action ask();
    range_action ask_again(failure why, std::chrono::milliseconds wait_min);
    range_action start_over(failure why);
    range_action fail(failure why);
    range_action verify();
    range_action dead_link(const range_head& head);
    range_action whole(const range_head& head);
    range_action first_slice(const range_head& head);
    range_action piece(const range_head& head);
    range_action read_part(const range_head& head);
    std::optional<failure> no_renewal(const range_head& head);
    range_action not_satisfiable(const range_head& head);
    range_action refused(const range_head& head);
    std::optional<failure> refuse_size(std::uint64_t size) const;
    void take_version(const range_head& head);
    void forget() noexcept;

    range_rules rules_;
    state state_ = state::idle;
    std::uint64_t offset_ = 0;
    std::uint64_t highest_ = 0;        // of the present version; what lies above is progress
    std::uint64_t gained_ = 0;         // new bytes since the last try that counted
    std::uint64_t gained_renewed_ = 0; // new bytes since the last renewal
    std::uint64_t resumed_from_ = 0;
    std::optional<std::uint64_t> total_;
    std::optional<std::uint64_t> stop_;  // where the present body must end
    std::optional<std::uint64_t> asked_; // the last byte asked for, where not all were
    std::string validator_;
    std::string etag_;
    std::string media_type_;
    std::optional<wire::digest_claim> digest_;
    failure dead_;       // what the link died of
    unsigned tries_ = 0; // in a row, without progress
    unsigned requests_ = 0;
    unsigned restarts_ = 0;
    unsigned renewals_ = 0;
    unsigned pieces_ = 0; // responses that what is held was put together from
    bool end_is_known_ = false;
    bool spoilt_ = false;
};

constexpr std::string_view name_of(range_fsm::state s) noexcept
{
    switch (s) {
    case range_fsm::state::idle: return "idle";
    case range_fsm::state::asking: return "asking";
    case range_fsm::state::reading: return "reading";
    case range_fsm::state::waiting: return "waiting";
    case range_fsm::state::renewing: return "renewing";
    case range_fsm::state::verifying: return "verifying";
    case range_fsm::state::finished: return "finished";
    case range_fsm::state::failed: return "failed";
    }
    return "?";
}

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/range_fsm.ipp>
#endif
