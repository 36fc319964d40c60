// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A bucket of the user's own at an S3-compatible service: put, head, remove, links that others may
// use, and what is left of uploads that broke off. Downloads go into it through bucket_sink.hpp.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/transfer/bucket_keys.hpp>
#include <cokino/transfer/bucket_options.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace cokino {

namespace detail {
class bucket_core;
}

/// One bucket. One thread; any number of calls at once.
///
/// Every request is signed for the endpoint's origin and sent nowhere else: no redirect is
/// followed, save that a refusal which names the bucket's region is answered by signing for it.
/// Before a large body the service is asked whether it wants it (bucket_options::continue_wait).
/// Ceph RGW 16 and Swift 2.30 refuse a wrong key then; that an object exists already RGW says only
/// when it has the body.
///
/// Lifetimes — the transport and the observer outlive the bucket; the bucket outlives its calls and
///   its sinks. What abandoned uploads have left to tidy ends with the bucket: see settle().
class bucket
{
public:
    /// Options out of their bounds fail each call, by name.
    bucket(executor ex, net::transport& network, bucket_options options,
           bucket_keys keys = bucket_keys(), observer watch = observer());
    bucket(const bucket&) = delete;
    bucket& operator=(const bucket&) = delete;
    ~bucket();

    const bucket_options& options() const noexcept;

    /// Stores bytes under a key, in one request. Up to 5 GiB at the service, and all in memory: for
    /// more than a few megabytes use put_file.
    ///
    /// Effects — one object, if it is not there already; never a part of one.
    /// Completes — when the service has confirmed the whole object.
    /// Failures — object_exists (another object has the key; without options.overwrite),
    ///   unauthorised, forbidden, not_found (no such bucket), request_rejected, rate_limited,
    ///   host_fault, answer_malformed, missing_credential, redirect_refused, invalid_argument,
    ///   invalid_options, and the transport's. The service's code, words and request id are in the
    ///   diagnostics.
    /// Cancellation — terminal and partial at any time, total until the first byte is sent; the
    ///   object may be there then.
    /// Repeats — safe: the same bytes under the same key count as done.
    [[nodiscard]] awaitable<object_info> put(std::string key, std::string bytes,
                                             object_options options = object_options());

    /// The same with a file, in parts if it is larger than one; it is read twice, in pieces and
    /// without a thread of its own, and must not change meanwhile.
    ///
    /// Failures — also file_failed. Parts that were sent are removed again, within bounds.
    /// Cost — options.parts_in_flight + 1 parts of memory.
    [[nodiscard]] awaitable<object_info> put_file(std::string key, std::string path,
                                                  object_options options = object_options());

    /// What is known of an object.
    ///
    /// Failures — not_found, and those of put().
    /// Cancellation — terminal, partial and total.
    [[nodiscard]] awaitable<object_info> head(std::string key);

    /// Removes an object; one that is not there is as good as removed.
    ///
    /// Failures — those of put(), save object_exists.
    /// Cancellation — as put().
    [[nodiscard]] awaitable<void> remove(std::string key);

    /// A link with which anybody may read the object, for 1 s to 7 days (keys that expire end it
    /// sooner). Makes no request; only the key may have to be fetched.
    ///
    /// Failures — invalid_argument (key, lifetime), missing_credential, invalid_options.
    /// Cancellation — terminal, partial and total.
    [[nodiscard]] awaitable<std::string> presign_get(std::string key,
                                                     std::chrono::seconds lifetime);
    /// The same for writing it: any bytes, by PUT.
    [[nodiscard]] awaitable<std::string> presign_put(std::string key,
                                                     std::chrono::seconds lifetime);

    /// Removes uploads in parts that were begun longer than `age_min` ago and never ended; their
    /// parts cost money and no listing of objects shows them. With a prefix, only those of keys
    /// that begin with it. Choose an age at which no upload of yours is still running. What a put
    /// or a sink has begun it removes itself, save where the service is out of reach, and save an
    /// upload of which the service's confirmation was lost and that could be another writer's: the
    /// observer is warned of it (bucket_options::sole_writer).
    ///
    /// Completes — with the number of those removed, of 10,000 looked at, at most.
    /// Failures — those of put(); what was removed before stays so.
    /// Cancellation — as put().
    [[nodiscard]] awaitable<std::size_t> abort_stale_uploads(std::chrono::seconds age_min,
                                                             std::string prefix = {});

    /// Waits until what abandoned uploads have left is tidied, or their time for it (30 s each) is
    /// over. Before the bucket goes; never fails for the service's sake.
    ///
    /// Cancellation — terminal, partial and total: the tidying ends too.
    [[nodiscard]] awaitable<void> settle();

private:
    friend class bucket_sink;

    std::shared_ptr<detail::bucket_core> core_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/bucket.ipp>
#endif
