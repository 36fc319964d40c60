// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The words for what can go wrong. `errc` says what happened, one value per cause; `condition` says
// what a caller should do about it. Every errc answers to exactly one condition (except `ok`).
// Texts that came from a host are not here: they travel beside the code, in diagnostics.
#pragma once

#include <cokino/core/config.hpp>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/error_condition.hpp>

#include <optional>
#include <string_view>
#include <type_traits>

namespace cokino {

using boost::system::error_code;

/// What happened.
enum class errc {
    ok = 0,

    // The request never made sense; nothing was sent.
    invalid_argument = 1, ///< A field is missing or has a value that is not offered. Mend it.
    unsupported_field,    ///< The host or model has no such field. Drop it or change host.
    missing_credential,   ///< No key where one was looked for. Set the named variable.
    invalid_job,          ///< No job, or one of another host, version or kind of result.
    invalid_options,      ///< An option is missing or out of its bounds. Mend the named option.

    // Carriage: sockets, TLS, HTTP framing.
    resolve_failed = 100, ///< The host name did not resolve. Check name, DNS, proxy.
    connect_failed,       ///< No connection was made. Check network and proxy.
    tls_failed,           ///< The TLS handshake broke off.
    certificate_rejected, ///< The peer's certificate or name was refused. Never retried.
    no_certificates,      ///< No trusted certificate could be loaded, so nothing can be trusted.
    proxy_refused,        ///< The proxy would not open the tunnel.
    connection_lost,      ///< The connection broke before the answer was whole.
    phase_timed_out,      ///< One phase (resolve, connect, handshake, write, read) took too long.
    response_malformed,   ///< What came back is not HTTP.
    response_too_large,   ///< The answer passed a limit; nothing of it is used.
    request_malformed,    ///< A header, name or target holds forbidden characters. Not sent.

    // What a host answered.
    unauthorised = 200, ///< The key (or a hook's signature) was refused. Check it.
    forbidden,          ///< The key is good, but not for this.
    out_of_credit,      ///< The account's balance is exhausted. Top it up.
    not_found,          ///< The host does not know the job, the endpoint or the object.
    rate_limited,       ///< Too many requests or running jobs. Wait, then go on.
    request_rejected,   ///< The host refused the request; its reason is in the diagnostics.
    content_refused,    ///< A content policy refused prompt, image or result. Change them.
    host_fault,         ///< The host failed (5xx). Later may be better.
    answer_malformed,   ///< The host answered something that its own format does not allow.
    outcome_unknown,    ///< A submit may have been accepted and charged. Look before repeating.
    own_id_exists,      ///< The host has a job under the id that we chose: an earlier try went in.

    // How a job ended.
    job_failed = 300,  ///< The host gave up on the job; its reason is in the diagnostics.
    job_cancelled,     ///< The job was cancelled at the host.
    job_expired,       ///< The host dropped the job before or while it ran.
    job_unknown_state, ///< The host kept to a state that nobody knows, past the bound.
    result_missing,    ///< The job succeeded but its answer holds no usable link.
    wait_timed_out,    ///< The ceiling of a wait passed. The job may still run: keep it.

    // Bringing the bytes home.
    link_expired = 400, ///< The link is dead, and reading the job again gave no better one.
    link_refused,       ///< The link points where downloads may not go, or is not https.
    redirect_refused,   ///< A redirect too many, or to where downloads may not go.
    body_truncated,     ///< Fewer bytes than promised. The part file was kept.
    body_changed,       ///< The file changed at the host while it was fetched in pieces.
    content_mismatch,   ///< Length, type or structure is not that of the asset ordered.
    file_failed,        ///< The local file system refused. Its own code is in the diagnostics.
    disk_full,          ///< No space is left. The part file was kept.
    sink_full,          ///< The sink's cap was reached.
    object_exists,      ///< Another object has this key in the bucket.
    file_exists,        ///< A file has the final name already, and was not touched.

    // Local.
    cancelled = 500, ///< The caller cancelled.
    deadline_passed, ///< The caller's deadline passed.
    limit_reached,   ///< One of the library's own limits (waiters, depth) was reached.
    closed,          ///< The object was closed while the operation waited.
    internal_error   ///< A bug in cokino: please report it.
};

/// What to do about it. Compare with `error.code() == condition::rate_limited`.
enum class condition {
    invalid_request = 1, ///< Mend the request; sending it again cannot help.
    unauthorised,        ///< Mend the key.
    out_of_credit,       ///< Top up the account.
    rate_limited,        ///< Wait, then repeat.
    content_refused,     ///< Change prompt or image; do not repeat as is.
    provider_fault,      ///< The host's failure; repeat as your retry policy and purse allow.
    transport_fault,     ///< The network's failure; repeat if the fate says not_sent.
    timed_out,           ///< Ran out of time; a job may go on at the host.
    outcome_unknown,     ///< May have been accepted and charged; settle it before repeating.
    not_found,           ///< The host does not know it.
    link_expired,        ///< Ask the job for a fresh link.
    link_refused,        ///< The link is not one to follow.
    content_mismatch,    ///< The bytes are not what was ordered; fetch again, or complain.
    local_fault,         ///< Disk, memory or limit on this side.
    peer_untrusted,      ///< The peer could not prove who it is. Mend trust or address first.
    cancelled            ///< Somebody cancelled, here or at the host; nothing went wrong.
};

COKINO_DECL const boost::system::error_category& error_category() noexcept;
COKINO_DECL const boost::system::error_category& condition_category() noexcept;

inline error_code make_error_code(errc e) noexcept
{
    return error_code{static_cast<int>(e), error_category()};
}

inline boost::system::error_condition make_error_condition(condition c) noexcept
{
    return boost::system::error_condition{static_cast<int>(c), condition_category()};
}

/// The condition that a code answers to: exactly one for each errc but `ok`. A value that is no
/// enumerator, and `ok`, give condition{}, which equals no condition.
COKINO_DECL condition condition_of(errc e) noexcept;

/// One sentence that says what a caller can do; never empty for a known code.
COKINO_DECL std::string_view remedy_of(errc e) noexcept;

/// The enumerator's own name ("outcome_unknown"), for logs; "?" for a value that is none.
COKINO_DECL std::string_view name_of(errc e) noexcept;
COKINO_DECL std::string_view name_of(condition c) noexcept;

/// The errc inside an error_code; nothing when the code is of another category (a socket's, say).
COKINO_DECL std::optional<errc> errc_of(const error_code& code) noexcept;

} // namespace cokino

namespace boost::system {
template <> struct is_error_code_enum<cokino::errc> : std::true_type {};
template <> struct is_error_condition_enum<cokino::condition> : std::true_type {};
} // namespace boost::system

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/error.ipp>
#endif
