// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Where hooks that proved genuine meet those who wait. It absorbs replays, keeps what came before
// its waiter did (a hook may overtake the answer to its own submit), and hands out callback URLs
// whose nonce names a job even when its id never reached us. Bounded in count, bytes and age. No
// sockets and no signatures: those are receiver.hpp's and verifier.hpp's.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/model/completion_source.hpp>
#include <cokino/model/webhook_note.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cokino::webhook {

/// What is remembered, and for how long. All bounds at least 1.
struct inbox_options {
    /// Messages that are known again when they come a second time. Older ones are forgotten first.
    std::size_t messages_max = 32'768;
    /// How long they are known: longer than a signature is good, so that no replay slips between.
    std::chrono::seconds message_life{15 * 60};
    /// Hooks kept for waiters who have not come yet, their bytes in all, and for how long.
    std::size_t kept_max = 4096;
    std::size_t kept_bytes_max = 8 * 1024 * 1024;
    std::chrono::seconds kept_life{60 * 60};
    /// Callback addresses that are remembered, and for how long: longer than any job renders.
    std::size_t addresses_max = 65'536;
    std::chrono::seconds address_life{24 * 60 * 60};
    /// 0: nonces are unguessable. Else they follow from this number: for tests that are repeated.
    std::uint64_t nonce_seed = 0;
};

/// Failures: invalid_options, naming the field.
COKINO_DECL result<void> validate(const inbox_options& o);

/// A genuine hook, read.
struct arrival {
    arrival() = default;
    std::string message_id;
    std::string nonce; ///< As the URL had it; empty: none.
    webhook_note note;
    bool body_covered = false;
};

enum class arrival_outcome : unsigned char {
    delivered, ///< A waiter was told.
    kept,      ///< For whoever comes.
    replayed,  ///< This message had come before: nothing was done.
    unknown    ///< It names no job, by id or nonce: nothing was done.
};

struct inbox_counts {
    std::uint64_t delivered = 0, kept = 0, replayed = 0, unknown = 0;
    std::uint64_t dropped = 0; ///< Kept ones that made room for others or grew too old.
    std::size_t messages = 0, kept_now = 0, kept_bytes = 0, addresses = 0, waiting = 0; ///< Now.
};

/// One for all hosts of a program. One thread; the time source outlives it, and it outlives the
/// sources that it gave. Throws cokino::error from its constructor when the options are not sound.
class inbox
{
public:
    explicit inbox(time_source& time, inbox_options options = {});
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;
    ~inbox();

    /// The part of this inbox that is one host's: what a client of that host is given. `base_url`
    /// is where the outside reaches the receiver's route of this host; "/<nonce>" is appended to
    /// its path. The same provider gives the same source again, with the base that is given now.
    /// Lifetimes: the inbox's own.
    completion_source& source(std::string_view provider, std::string_view base_url);

    /// Takes a genuine hook of a host. Waiters are told inside this call.
    ///
    /// A hook is of the job that its nonce was made for; without one that is known, of the job that
    /// its body names. One whose nonce and body name two different jobs wakes the nonce's, and is
    /// not believed.
    arrival_outcome deliver(std::string_view provider, arrival a);

    /// Whether a nonce is one that was handed out for this host and is remembered.
    bool knows(std::string_view provider, std::string_view nonce) const;

    inbox_counts counts() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace cokino::webhook

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/webhook/impl/inbox.ipp>
#include <cokino/webhook/impl/inbox_state.ipp>
#endif
