// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The half of an adapter that is alike for every host: the base URL, the key and where it may go,
// and how an answer that is no success becomes a failure with its facts. No host's words are here.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/model/job.hpp>
#include <cokino/provider/provider.hpp>
#include <cokino/wire/message.hpp>
#include <cokino/wire/url.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino::detail {

/// What a host said of a failure, wherever its dialect puts it. From outside: neither cleaned nor
/// capped yet. `field` is one of our own names or empty.
struct host_words {
    std::string code, text, field;
};

/// What an HTTP status means when the host says nothing better; ok for 2xx.
COKINO_DECL errc errc_of_status(unsigned status) noexcept;

/// Whether a submit that got this status was refused, so that no job was made. A 408 may come late,
/// and balancers have numbers of their own (444, 460, 499) for work that may have begun.
constexpr bool is_refusal(unsigned status) noexcept
{
    return (status >= 400 && status <= 431 && status != 408) || status == 451;
}

/// Whether a host's id can be kept: printable, not too long, and no path of its own.
COKINO_DECL bool is_job_id(std::string_view id) noexcept;
/// Whether an answer to a look at a job names another: a cache, say, took one look for another. A
/// host that names none is believed.
inline bool is_of_another(std::string_view id, const job_record& job) noexcept
{
    return !id.empty() && id != job.id;
}
/// Whether a link to a job can be kept in its text; where it leads is judged when it is used.
COKINO_DECL bool is_job_link(std::string_view link) noexcept;

/// The buffer that came with a submit, emptied; its room is kept.
inline std::string emptied(std::string&& buffer) noexcept
{
    std::string out = std::move(buffer);
    out.clear();
    return out;
}

using header_fields = std::vector<std::pair<std::string, std::string>>;

/// Who is spoken to, and with which key.
struct access_setup {
    std::string host; ///< What jobs and errors call it.
    std::string base_url;
    api_key key;
    std::string key_header = "Authorization", key_prefix;
    std::vector<std::string> request_id_headers; ///< Where the host names an exchange; first found.
};

/// The two ways in which most keys travel: "Authorization: Bearer ..." and "x-api-key: ...".
COKINO_DECL access_setup bearer_setup(std::string host, std::string base_url, api_key key);
COKINO_DECL access_setup key_header_setup(std::string host, std::string base_url, api_key key);

/// The habits of a host that are known beforehand.
COKINO_DECL void take_facts(provider_traits& traits, const host_facts& about);

class host_access
{
public:
    /// Never fails: what is wrong with base URL or key is given back by check().
    explicit host_access(access_setup setup);

    const std::string& host() const noexcept { return setup_.host; }
    /// Without a slash at its end.
    const std::string& base_url() const noexcept { return setup_.base_url; }
    const std::string& key_alias() const noexcept { return setup_.key.alias(); }

    /// invalid_options for a base URL that is none, missing_credential without a key.
    result<void> check() const;

    /// A head with the key, to a link that is absolute or relative to the base URL.
    /// link_refused when it leads to another origin: the key appears nowhere then. An "Accept" in
    /// `extra` takes the place of application/json.
    result<std::shared_ptr<const wire::request_head>> head(wire::method m, std::string_view link,
                                                           const header_fields& extra = {}) const;

    /// The same for a path below the base URL; it begins with a single slash.
    result<std::shared_ptr<const wire::request_head>> head_below(
        wire::method m, const std::string& path, const header_fields& extra = {}) const;

    /// For constructors, which do not fail. introduce() says in `traits` who is spoken to, and
    /// gives what is wrong, be it with the options (as validate() told), the URL or the key.
    /// head_unless() gives a head, or null where there is a problem already, or is one by this.
    std::optional<failure> introduce(provider_traits& traits, const result<void>& options) const;
    std::shared_ptr<const wire::request_head> head_unless(std::optional<failure>& problem,
                                                          wire::method m, const std::string& path,
                                                          const header_fields& extra = {}) const;

    /// What the jobs of one model and endpoint have in common.
    std::shared_ptr<const job_route> route(job_kind kind, std::string_view model,
                                           std::string_view endpoint) const;

    /// invalid_job when a job is not this host's, or not this base URL's.
    result<void> own(const job_record& job) const;

    /// unsupported_field: this host does not take the field, or not with this value.
    failure unsupported(std::string field, std::string message) const;

    /// A failure about an answer, with all that is known of it. What the host said is freed of the
    /// key, cleaned and capped; without words of its own the body's first bytes stand for them.
    failure refusal(errc e, std::string_view operation, const wire::response& answer,
                    const host_words& words = {}) const;

    /// What became of a submit that was answered with success, but not with a job.
    failure unknown_outcome(const wire::response& answer, std::string message) const;

    /// A failure that a reader gave, completed with the facts of the answer it read.
    failure complete(failure f, std::string_view operation, const wire::response& answer) const;

    /// The host's words as they may be shown: freed of the key, cleaned and capped.
    std::string shown(std::string_view words) const;

private:
    std::string hide_key(std::string_view text) const;
    std::string sample(std::string_view body) const;

    access_setup setup_;
    wire::url base_;
    std::string base_path_; // of the base URL, without a slash at its end
    wire::credential credential_;
    std::optional<failure> problem_;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/access.ipp>
#endif
