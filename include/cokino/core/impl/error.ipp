// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One row per errc: its name, its condition, what happened, what to do. The two categories read
// this table and nothing else, so that a code cannot have a name but no remedy.
#pragma once

#include <cokino/core/error.hpp>

#include <algorithm>
#include <iterator>
#include <string>

namespace cokino {
namespace detail {

struct error_row {
    errc code;
    condition means;
    std::string_view name;
    std::string_view message;
    std::string_view remedy;
};

// Sorted by code, so that a look-up is a binary search and a gap is seen.
inline constexpr error_row error_table[] = {
    {errc::ok, condition{}, "ok", "nothing went wrong", "Nothing needs to be done."},

    {errc::invalid_argument, condition::invalid_request, "invalid_argument",
     "a field of the request is missing, or has a value that is not offered",
     "Mend the named field."},
    {errc::unsupported_field, condition::invalid_request, "unsupported_field",
     "the host or model has no such field",
     "Leave the named field unset, or use a host that has it."},
    {errc::missing_credential, condition::unauthorised, "missing_credential",
     "there is no key where one was looked for",
     "Set the named variable, or give the key in the program."},
    {errc::invalid_job, condition::invalid_request, "invalid_job",
     "this is not a job, or not one for this host, version or kind of result",
     "Check that the text is whole, and that host and kind of result are the job's own."},
    {errc::invalid_options, condition::invalid_request, "invalid_options",
     "an option is missing or out of its bounds", "Mend the named option."},

    {errc::resolve_failed, condition::transport_fault, "resolve_failed",
     "the host name did not resolve",
     "Check the host name, the DNS servers and the proxy settings, then try again."},
    {errc::connect_failed, condition::transport_fault, "connect_failed",
     "no connection could be made",
     "Check the network, the firewall and the proxy settings, then try again."},
    {errc::tls_failed, condition::transport_fault, "tls_failed", "the TLS handshake broke off",
     "Try again; if it persists, look for a proxy or firewall that cuts TLS."},
    {errc::certificate_rejected, condition::peer_untrusted, "certificate_rejected",
     "the peer's certificate or host name was refused",
     "Check the host name and this machine's clock; behind a company proxy, name its CA bundle. "
     "Do not switch the check off."},
    {errc::no_certificates, condition::peer_untrusted, "no_certificates",
     "no trusted certificate could be loaded",
     "Install the system's CA certificates (ca-certificates), or name a CA bundle."},
    {errc::proxy_refused, condition::transport_fault, "proxy_refused",
     "the proxy would not open the tunnel",
     "Check the proxy's address and credentials, or list the host in NO_PROXY."},
    {errc::connection_lost, condition::transport_fault, "connection_lost",
     "the connection broke before the answer was whole",
     "Repeat it only if it can be repeated without a second charge."},
    {errc::phase_timed_out, condition::transport_fault, "phase_timed_out",
     "one phase of the exchange took too long",
     "Check the network, or raise that phase's limit; repeat it only if it can be repeated "
     "without a second charge."},
    {errc::response_malformed, condition::transport_fault, "response_malformed",
     "what came back is not HTTP",
     "Check host, port and scheme; something between here and the host may have answered."},
    {errc::response_too_large, condition::local_fault, "response_too_large",
     "the answer passed a limit and was not used",
     "Raise the limit if such an answer is to be expected, otherwise report it to the host."},
    {errc::request_malformed, condition::invalid_request, "request_malformed",
     "a header, name or target holds forbidden characters",
     "Remove line breaks and control characters from the named value."},

    {errc::unauthorised, condition::unauthorised, "unauthorised",
     "the key or signature was refused",
     "Check that the key is whole, current and meant for this host."},
    {errc::forbidden, condition::unauthorised, "forbidden", "the key is good, but not for this",
     "Grant the key access to this model, job or bucket, or use another key."},
    {errc::out_of_credit, condition::out_of_credit, "out_of_credit",
     "the account's balance is exhausted", "Top the account up, then submit again."},
    {errc::not_found, condition::not_found, "not_found",
     "the host does not know the job, the endpoint or the object",
     "Check the name and the base URL; hosts forget old jobs, and delete their files."},
    {errc::rate_limited, condition::rate_limited, "rate_limited",
     "too many requests or running jobs",
     "Wait, then go on; submit fewer at a time or ask the host for a higher limit."},
    {errc::request_rejected, condition::invalid_request, "request_rejected",
     "the host refused the request", "Read the host's reason and mend the request."},
    {errc::content_refused, condition::content_refused, "content_refused",
     "a content policy refused the prompt, the image or the result",
     "Change the prompt or the image; the same request would be refused again."},
    {errc::host_fault, condition::provider_fault, "host_fault", "the host failed",
     "Try again later; if it persists, give the host's support the time, and the request id if "
     "there is one."},
    {errc::answer_malformed, condition::provider_fault, "answer_malformed",
     "the host answered something that its own format does not allow",
     "Check the base URL and the host's status page; the first bytes of the answer are quoted."},
    {errc::outcome_unknown, condition::outcome_unknown, "outcome_unknown",
     "the host may have accepted the request, but nothing proves it",
     "Look at the host's list of jobs before submitting again: a second submit may be a second "
     "charge."},
    {errc::own_id_exists, condition::outcome_unknown, "own_id_exists",
     "the host has a job under the id that was chosen for this one",
     "An earlier try was accepted: look for the job at the host by that id."},

    {errc::job_failed, condition::provider_fault, "job_failed", "the host gave up on the job",
     "Read the host's reason; submit again only if it looks like a passing fault."},
    {errc::job_cancelled, condition::cancelled, "job_cancelled",
     "the job was cancelled at the host", "Submit again if the clip is still wanted."},
    {errc::job_expired, condition::provider_fault, "job_expired",
     "the host dropped the job before it was done", "Submit again if the clip is still wanted."},
    {errc::job_unknown_state, condition::outcome_unknown, "job_unknown_state",
     "the host kept to a state that is not known here",
     "Look at the job at the host before submitting again, and report the state's name."},
    {errc::result_missing, condition::provider_fault, "result_missing",
     "the job succeeded, but its answer holds no usable link",
     "Read the job again later; if it stays so, give the job's id to the host's support."},
    {errc::wait_timed_out, condition::timed_out, "wait_timed_out",
     "the wait's ceiling passed before the job was done",
     "Keep the job and wait for it again: it may still finish and be billed, whether or not "
     "anybody waits."},

    {errc::link_expired, condition::link_expired, "link_expired",
     "the link is dead, and no better one could be had",
     "Give a fresh link, or the file itself. Hosts delete results after hours or days: download "
     "them soon after the job is done."},
    {errc::link_refused, condition::link_refused, "link_refused",
     "the link points where downloads may not go",
     "Check the host's answer; allow private addresses or plain http only for hosts of your own."},
    {errc::redirect_refused, condition::link_refused, "redirect_refused",
     "a redirect led too far, or to where downloads may not go",
     "Check the link; allow the target only if it is a host of your own."},
    {errc::body_truncated, condition::transport_fault, "body_truncated",
     "fewer bytes came than were promised",
     "Download again: the part file was kept and the download goes on from there."},
    {errc::body_changed, condition::content_mismatch, "body_changed",
     "the file changed at the host while it was fetched in pieces",
     "Download again from the start."},
    {errc::content_mismatch, condition::content_mismatch, "content_mismatch",
     "the bytes are not the asset that was ordered",
     "Download again; if it stays so, give the job's id to the host's support."},
    {errc::file_failed, condition::local_fault, "file_failed", "the local file system refused",
     "Check that the path is a file's, and that its directory is there and may be written to."},
    {errc::disk_full, condition::local_fault, "disk_full", "no space is left on the disk",
     "Make room, then download again: the part file was kept."},
    {errc::sink_full, condition::local_fault, "sink_full", "the sink's cap was reached",
     "Raise the sink's cap, or download to a file."},
    {errc::object_exists, condition::invalid_request, "object_exists",
     "another object has this key in the bucket",
     "Choose another key, or set overwrite; nothing of the other object was touched."},
    {errc::file_exists, condition::local_fault, "file_exists", "a file has this name already",
     "Choose another name, move the file away, or set overwrite; it was not touched, and nothing "
     "that was fetched is lost."},

    {errc::cancelled, condition::cancelled, "cancelled", "the caller cancelled",
     "Nothing has to be done if that was meant. A submitted job may go on at the host and be "
     "billed; what a download has got so far is kept for the next."},
    {errc::deadline_passed, condition::timed_out, "deadline_passed", "the caller's deadline passed",
     "Allow more time; a submitted job may go on at the host."},
    {errc::limit_reached, condition::local_fault, "limit_reached",
     "one of the library's own limits was reached", "Do less at a time, or raise the named limit."},
    {errc::closed, condition::cancelled, "closed",
     "the object was closed while the operation waited",
     "Keep the client or pool open until its operations are done."},
    {errc::internal_error, condition::local_fault, "internal_error", "this is a bug in cokino",
     "Please report it with this text."},
};

constexpr bool error_table_is_sorted() noexcept
{
    for (std::size_t i = 1; i < std::size(error_table); ++i)
        if (error_table[i - 1].code >= error_table[i].code)
            return false;
    return true;
}
static_assert(error_table_is_sorted(), "one row per errc, in the order of their values");

inline const error_row* find_error(int value) noexcept
{
    const auto* end = std::end(error_table);
    const auto* row =
        std::lower_bound(std::begin(error_table), end, value,
                         [](const error_row& r, int v) { return static_cast<int>(r.code) < v; });
    return row != end && static_cast<int>(row->code) == value ? row : nullptr;
}

// Boost's base has a protected non-virtual destructor on purpose: categories are never deleted.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#endif

// The ids are random constants: two shared libraries that both carry cokino agree on its codes.
class error_category_impl final : public boost::system::error_category
{
public:
    constexpr error_category_impl() noexcept : boost::system::error_category(0x6f3a9c51e2d84b07ULL)
    {}

    const char* name() const noexcept override { return "cokino"; }

    std::string message(int value) const override
    {
        const error_row* row = find_error(value);
        return row ? std::string(row->message) : "unknown cokino error " + std::to_string(value);
    }

    bool failed(int value) const noexcept override { return value != 0; }

    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        const error_row* row = find_error(value);
        if (!row || row->means == condition{})
            return {value, *this};
        return make_error_condition(row->means);
    }
};

struct condition_row {
    std::string_view name;
    std::string_view message;
};

// Indexed by the condition's value.
inline constexpr condition_row condition_table[] = {
    {"?", "no condition"},
    {"invalid_request", "the request must be mended"},
    {"unauthorised", "the key must be mended"},
    {"out_of_credit", "the account must be topped up"},
    {"rate_limited", "wait, then repeat"},
    {"content_refused", "the prompt or image must be changed"},
    {"provider_fault", "the host failed"},
    {"transport_fault", "the network failed"},
    {"timed_out", "time ran out"},
    {"outcome_unknown", "it may have been accepted and charged"},
    {"not_found", "the host does not know it"},
    {"link_expired", "a fresh link is needed"},
    {"link_refused", "the link is not one to follow"},
    {"content_mismatch", "the bytes are not what was ordered"},
    {"local_fault", "a fault or limit on this side"},
    {"peer_untrusted", "the peer could not prove who it is"},
    {"cancelled", "it was cancelled"},
};
static_assert(std::size(condition_table) == static_cast<std::size_t>(condition::cancelled) + 1);

inline const condition_row& find_condition(int value) noexcept
{
    const auto index = static_cast<std::size_t>(value);
    return condition_table[value > 0 && index < std::size(condition_table) ? index : 0];
}

class condition_category_impl final : public boost::system::error_category
{
public:
    constexpr condition_category_impl() noexcept
        : boost::system::error_category(0xb1c8f04d7a2596e3ULL)
    {}

    const char* name() const noexcept override { return "cokino.condition"; }

    std::string message(int value) const override
    {
        return std::string(find_condition(value).message);
    }
};

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

inline constexpr error_category_impl error_category_instance;
inline constexpr condition_category_impl condition_category_instance;

} // namespace detail

COKINO_DECL const boost::system::error_category& error_category() noexcept
{
    return detail::error_category_instance;
}

COKINO_DECL const boost::system::error_category& condition_category() noexcept
{
    return detail::condition_category_instance;
}

COKINO_DECL condition condition_of(errc e) noexcept
{
    const detail::error_row* row = detail::find_error(static_cast<int>(e));
    return row ? row->means : condition{};
}

COKINO_DECL std::string_view remedy_of(errc e) noexcept
{
    const detail::error_row* row = detail::find_error(static_cast<int>(e));
    return row ? row->remedy : std::string_view();
}

COKINO_DECL std::string_view name_of(errc e) noexcept
{
    const detail::error_row* row = detail::find_error(static_cast<int>(e));
    return row ? row->name : std::string_view("?");
}

COKINO_DECL std::string_view name_of(condition c) noexcept
{
    return detail::find_condition(static_cast<int>(c)).name;
}

COKINO_DECL std::optional<errc> errc_of(const error_code& code) noexcept
{
    if (code.category() != error_category() || !detail::find_error(code.value()))
        return std::nullopt;
    return static_cast<errc>(code.value());
}

} // namespace cokino
