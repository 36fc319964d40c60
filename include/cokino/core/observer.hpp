// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A window on what the library does: for logs, metrics and progress lines. An observer is any type
// with any subset of the on_... functions below; what it lacks costs nothing, and an on_ function
// with a wrong signature does not compile. Not for control: a hook cannot change what happens next.
//
//     struct my_log {
//         void on_retry(const cokino::retry_event& e) { std::clog << e.operation << " again\n"; }
//     };
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/fate.hpp>
#include <cokino/core/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace cokino {

// Events. Every view and pointer in them is valid during the call only. Texts are already redacted
// when they arrive: no key, no query of a link, nothing of a prompt.

/// Where a submit stands. The words are those of the journal.
enum class submit_phase : unsigned char {
    intent,   ///< About to be sent; nothing has left yet.
    sent,     ///< The request is on its way: from here on it may be charged.
    accepted, ///< The host gave a job.
    rejected, ///< The host refused it; nothing was charged.
    unknown,  ///< It may have been accepted; nobody on this side can know.
    not_sent, ///< No byte left, and it will not be tried again.
    closed    ///< Nothing remains to be done for it.
};

constexpr std::string_view name_of(submit_phase p) noexcept
{
    switch (p) {
    case submit_phase::intent: return "intent";
    case submit_phase::sent: return "sent";
    case submit_phase::accepted: return "accepted";
    case submit_phase::rejected: return "rejected";
    case submit_phase::unknown: return "unknown";
    case submit_phase::not_sent: return "not_sent";
    case submit_phase::closed: return "closed";
    }
    return "?";
}

/// A submit entered a phase.
struct submit_event {
    submit_phase phase = submit_phase::intent;
    std::string_view provider;
    std::string_view model;
    std::string_view job;         ///< The job as text, from `accepted` on.
    const failure* why = nullptr; ///< With rejected, unknown and not_sent.
};

/// One request ended, well or badly.
struct exchange_event {
    std::string_view method; ///< "POST"
    std::string_view url;    ///< Without its query.
    unsigned status = 0;     ///< 0: no status line came.
    fate sent = fate::not_sent;
    std::chrono::nanoseconds elapsed{0};
    const failure* why = nullptr; ///< When no whole answer came.
};

/// A request will be sent again.
struct retry_event {
    std::string_view operation;        ///< "submit", "status" ...
    unsigned attempt = 0;              ///< The number of the attempt that failed; the first is 1.
    std::chrono::nanoseconds delay{0}; ///< How long from now.
    const failure* why = nullptr;
};

/// A look at a job gave a state.
struct state_event {
    std::string_view job_id; ///< The host's id.
    std::string_view state;  ///< Our word: "queued", "running" ...
    std::string_view word;   ///< The host's own.
    std::optional<int> queue_position;
    std::optional<double> progress; ///< 0 to 1.
};

/// A host said a word that this version does not know. Told once for each word, and of few words
/// in all (limits::unknown_words_max). Please report it.
struct unknown_word_event {
    std::string_view provider;
    std::string_view where; ///< "status", "error code" ...
    std::string_view word;
};

/// Something will come out otherwise than asked for: a field was left out, a frame will be cropped.
struct warning_event {
    std::string_view operation;    ///< "submit".
    const failure* what = nullptr; ///< Names field and host, and says what follows.
};

/// A wait is over.
struct wait_end_event {
    std::string_view job_id;
    std::string_view state; ///< The last state known.
    unsigned polls = 0;
    std::chrono::nanoseconds elapsed{0};
    const failure* why = nullptr; ///< When it did not end with a result.
};

/// Bytes of a download were written.
struct download_progress_event {
    std::uint64_t bytes = 0;            ///< So far, bytes of an earlier part file included.
    std::optional<std::uint64_t> total; ///< As the host says.
    std::optional<std::uint64_t> rate;  ///< Bytes per second, over the last 10 s.
    /// Until it is whole, at that rate.
    std::optional<std::chrono::seconds> remaining;
    /// Until the link's deadline; negative when that has passed. Nothing: nobody knows it.
    std::optional<std::chrono::seconds> link_left;
};

/// Downloads of a manager wait for room on a disk. Told once, until they go on.
struct downloads_paused_event {
    std::string_view path;          ///< Where the first of them writes.
    std::uint64_t free_bytes = 0;   ///< As the system says; a quota may allow less.
    std::uint64_t needed_bytes = 0; ///< By the first of them.
};

/// None waits for room on that disk any more: there was some, or they gave up.
struct downloads_resumed_event {
    std::string_view path; ///< As it was said when the pause began.
    std::chrono::nanoseconds elapsed{0};
};

/// A download follows a redirect.
struct redirect_event {
    unsigned status = 0;
    std::string_view from; ///< Both without their queries.
    std::string_view to;
};

/// A dead link was replaced by reading the job again.
struct link_renewed_event {
    std::string_view job_id;
    std::string_view link; ///< The new one, without its query.
};

// Each hook and its event, once: X(hook, event).
#define COKINO_DETAIL_HOOKS(X)                                                                     \
    X(on_submit, submit_event)                                                                     \
    X(on_exchange, exchange_event)                                                                 \
    X(on_retry, retry_event)                                                                       \
    X(on_state, state_event)                                                                       \
    X(on_unknown_word, unknown_word_event)                                                         \
    X(on_warning, warning_event)                                                                   \
    X(on_wait_end, wait_end_event)                                                                 \
    X(on_download_progress, download_progress_event)                                               \
    X(on_downloads_paused, downloads_paused_event)                                                 \
    X(on_downloads_resumed, downloads_resumed_event)                                               \
    X(on_redirect, redirect_event)                                                                 \
    X(on_link_renewed, link_renewed_event)

namespace detail {

// Whether T has a member of a hook's name at all, whatever its kind, overloads and access: in a
// class that also inherits the name from elsewhere, naming it is then ambiguous. A final class
// cannot be inherited from, so there only a plain accessible function is seen.
#define COKINO_DETAIL_HOOK(hook, event)                                                            \
    struct has_##hook {                                                                            \
        struct other {                                                                             \
            void hook();                                                                           \
        };                                                                                         \
        template <class T> struct both : T, other {};                                              \
        template <class T> static constexpr bool named() noexcept                                  \
        {                                                                                          \
            if constexpr (std::is_final_v<T>)                                                      \
                return requires { &T::hook; };                                                     \
            else                                                                                   \
                return !requires { &both<T>::hook; };                                              \
        }                                                                                          \
        template <class T> static constexpr bool callable() noexcept                               \
        {                                                                                          \
            return requires(T& target, const event& e) { target.hook(e); };                        \
        }                                                                                          \
    };
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#pragma GCC diagnostic ignored "-Woverloaded-virtual"
#endif
COKINO_DETAIL_HOOKS(COKINO_DETAIL_HOOK)
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#undef COKINO_DETAIL_HOOK

/// One function pointer per hook; null where the observer has no such hook.
struct observer_table {
#define COKINO_DETAIL_HOOK(hook, event) void (*hook)(void*, const event&) noexcept = nullptr;
    COKINO_DETAIL_HOOKS(COKINO_DETAIL_HOOK)
#undef COKINO_DETAIL_HOOK
};

template <class T> constexpr observer_table make_observer_table() noexcept
{
    using plain = std::remove_const_t<T>;
    observer_table table;
#define COKINO_DETAIL_HOOK(hook, event)                                                            \
    static_assert(!has_##hook::named<plain>() || has_##hook::callable<T>(),                        \
                  "observer: " #hook " must be public and take const cokino::" #event "&");        \
    if constexpr (has_##hook::callable<T>()) {                                                     \
        table.hook = [](void* target, const event& e) noexcept {                                   \
            static_cast<T*>(target)->hook(e);                                                      \
        };                                                                                         \
    }
    COKINO_DETAIL_HOOKS(COKINO_DETAIL_HOOK)
#undef COKINO_DETAIL_HOOK
    return table;
}

template <class T> constexpr bool observes_anything() noexcept
{
#define COKINO_DETAIL_HOOK(hook, event) || has_##hook::named<std::remove_const_t<T>>()
    return false COKINO_DETAIL_HOOKS(COKINO_DETAIL_HOOK);
#undef COKINO_DETAIL_HOOK
}

template <class T> inline constexpr observer_table observer_table_of = make_observer_table<T>();

} // namespace detail

/// A reference to somebody's observer, or to nobody. Two pointers, copied freely. The object that
/// it refers to must outlive the client (or pool, or download) that was given the reference.
///
/// Hooks run on the context's thread, in the middle of the library's work: they should be quick,
/// must not throw (that ends the program), and must not call the library back.
class observer
{
public:
    /// Nobody: every hook costs one look at a null pointer.
    constexpr observer() noexcept = default;

    template <class T>
        requires(std::is_class_v<T> && !std::is_same_v<std::remove_const_t<T>, observer>)
    constexpr observer(T& target) noexcept
        : target_(const_cast<std::remove_const_t<T>*>(&target)),
          table_(&detail::observer_table_of<T>)
    {
        static_assert(detail::observes_anything<T>(),
                      "observer: this type has none of the on_... hooks");
    }

    /// Whether anybody looks: to skip the making of an event.
    explicit operator bool() const noexcept { return table_ != nullptr; }

#define COKINO_DETAIL_HOOK(hook, event)                                                            \
    void hook(const event& e) const noexcept                                                       \
    {                                                                                              \
        if (table_ && table_->hook)                                                                \
            table_->hook(target_, e);                                                              \
    }
    COKINO_DETAIL_HOOKS(COKINO_DETAIL_HOOK)
#undef COKINO_DETAIL_HOOK

private:
    void* target_ = nullptr;
    const detail::observer_table* table_ = nullptr;
};

#undef COKINO_DETAIL_HOOKS

} // namespace cokino
