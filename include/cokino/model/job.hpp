// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A job: a small copyable handle to something that runs, and costs money, at a host. It can be
// written to text and read back in another process or month, and pins all that is needed to find
// the job again: host, model, endpoint, base URL, credential alias (never the key).
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace cokino {

struct video;
struct images;

/// What kind of result a job gives.
enum class job_kind : unsigned char { video, images };

constexpr std::string_view name_of(job_kind k) noexcept
{
    return k == job_kind::video ? "video" : "images";
}

/// The part of a job that all jobs of one client, model and endpoint share.
struct job_route {
    job_kind kind = job_kind::video;
    std::string provider; ///< "fal", "rest": which dialect speaks to it.
    std::string model;    ///< Our name of the model: "kling-2.5-turbo-pro".
    std::string endpoint; ///< The host's own name or path of it.
    std::string base_url; ///< The API's origin (and path prefix), as it was at submit.
    std::string key;      ///< The alias of the credential: "FAL_KEY".
    friend bool operator==(const job_route&, const job_route&) = default;
};

/// Everything a job remembers.
struct job_record {
    std::shared_ptr<const job_route> route;
    std::string id; ///< The host's id.
    /// Links that the host gave with the id and that cannot be derived from it; usually empty.
    std::string status_url, result_url, cancel_url;
    /// Milliseconds since 1970 at which the submit was answered; 0 when unknown.
    std::int64_t submitted_ms = 0;
    /// What was ordered, to be checked against what comes: seconds of video, 0 when not known.
    int duration_s = 0;
    /// The same: 1080 for 1080p, 0 when not known; and "16:9", empty when nobody asked for a shape.
    int lines = 0;
    std::string aspect_ratio;
};

/// An untyped job. Empty until it comes from a submit, a result or parse_job.
class job_handle
{
public:
    job_handle() = default;
    explicit job_handle(std::shared_ptr<const job_record> r) : record_(std::move(r)) {}

    bool empty() const noexcept { return !record_; }
    explicit operator bool() const noexcept { return !empty(); }

    /// Precondition: not empty.
    const job_record& record() const noexcept { return *record_; }
    const std::shared_ptr<const job_record>& shared() const noexcept { return record_; }
    const std::string& id() const noexcept { return record_->id; }
    job_kind kind() const noexcept { return record_->route->kind; }

    /// One line of printable ASCII that parse_job reads back; empty text for an empty job.
    ///   cokino-job:1:video?provider=fal&model=...&endpoint=...&base_url=...&key=FAL_KEY&id=...
    /// Behind the id stand, where they are known, status_url, result_url, cancel_url, aspect_ratio,
    /// submitted_ms, duration_s and lines. Values are percent-encoded, as in the query of a URL.
    std::string text() const;

    /// The same job: host (provider, base URL), endpoint, kind and id are equal. What is merely
    /// remembered of it (times, links, the key's alias) does not count.
    friend bool operator==(const job_handle& a, const job_handle& b) noexcept;

private:
    std::shared_ptr<const job_record> record_;
};

/// A job whose result type is known: `job<video>`, `job<images>`.
template <class Result> class job : public job_handle
{
public:
    static_assert(std::is_same_v<Result, video> || std::is_same_v<Result, images>);
    static constexpr job_kind kind_v =
        std::is_same_v<Result, video> ? job_kind::video : job_kind::images;

    job() = default;
    explicit job(std::shared_ptr<const job_record> r) : job_handle(std::move(r)) {}
};

/// Reads what job_handle::text wrote. Fails with invalid_job, saying what is wrong: not a job, a
/// newer format version, an unknown kind, a missing part, a part that stands there twice, control
/// characters (escaped or not), more than limits::job_text_bytes_max. A part that this version does
/// not know is ignored and not kept: whatever a reader must understand raises the format version.
/// A text from outside is trusted no further than that: the adapter checks where it points.
COKINO_DECL result<job_handle> parse_job(std::string_view text);

/// The same, and the kind must be that of Result.
template <class Result> result<job<Result>> parse_job_as(std::string_view text);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/model/impl/job.ipp>
#endif

namespace cokino {

template <class Result> result<job<Result>> parse_job_as(std::string_view text)
{
    auto any = parse_job(text);
    if (!any)
        return any.error();
    if (any->kind() != job<Result>::kind_v)
        return invalid("job",
                       "is one that gives " + std::string(name_of(any->kind())) + ", not " +
                           std::string(name_of(job<Result>::kind_v)),
                       errc::invalid_job);
    return job<Result>(any->shared());
}

} // namespace cokino
