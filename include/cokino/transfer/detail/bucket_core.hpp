// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What all calls to one bucket share: where it is, its keys, what was learnt of clock and region.
// Signs requests and carries them; decides nothing itself.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/task_scope.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/transfer/bucket_keys.hpp>
#include <cokino/transfer/bucket_options.hpp>
#include <cokino/transfer/detail/placing_fsm.hpp>
#include <cokino/transfer/detail/s3_answer.hpp>
#include <cokino/transfer/detail/s3_call_fsm.hpp>
#include <cokino/wire/signature.hpp>
#include <cokino/wire/sigv4.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino::detail {

/// One request, before it is signed.
struct s3_request {
    s3_request() = default;

    std::string operation; ///< For errors: "put", "head" ...
    wire::method verb = wire::method::get;
    std::string key; ///< Empty: the bucket itself.
    /// Plain text; encoded when the request is made.
    std::vector<std::pair<std::string, std::string>> query;
    std::vector<wire::sigv4_field> fields;
    std::string_view body; ///< Outlives the call.
    std::string digest;    ///< Of the body, in hexadecimal digits; empty: it has none.
    bool repeats = true;   ///< Whether it may be sent again when nobody knows what became of it.
    /// Takes the tries of which nobody knows whether they were done; may be null. It outlives the
    /// call.
    std::vector<doubtful_try>* doubts = nullptr;
};

/// "bytes" in lower case, as x-amz-content-sha256 wants it.
COKINO_DECL std::string payload_digest(std::string_view bytes);

/// A digest's 32 bytes as text.
inline std::string digest_bytes(const wire::sha256_digest& digest)
{
    return std::string(digest.begin(), digest.end());
}

class bucket_core
{
public:
    COKINO_DECL bucket_core(executor ex, net::transport& network, bucket_options options,
                            bucket_keys keys, observer watch);
    bucket_core(const bucket_core&) = delete;
    bucket_core& operator=(const bucket_core&) = delete;

    const executor ex;
    const bucket_options options;
    const result<void> good; ///< Whether the options are.
    time_source& time;
    random_source random;
    /// What runs on when its sink is gone.
    task_scope tidying;
    /// The names of the uploads in parts that are under way here.
    std::vector<std::string> open_uploads;
    /// The keys for which one is being begun: its name is not known yet.
    std::vector<std::string> beginning;
    /// As whom the service lists uploads of this object; empty until one was seen.
    std::string initiator;

    /// The bucket goes: nothing is sent any more.
    void close();

    /// Sends a request until its answer can be used, within the limits.
    ///
    /// Completes — with any answer that another try would not change, good or bad.
    /// Failures — those of the keys and of the transport; rate_limited and host_fault when the
    ///   tries ended. All with operation, host and elapsed time.
    [[nodiscard]] static awaitable<result<s3_answer>> call(std::shared_ptr<bucket_core> core,
                                                           s3_request request);

    /// The same where every answer but a good one is a failure.
    [[nodiscard]] static awaitable<result<s3_answer>> call_ok(std::shared_ptr<bucket_core> core,
                                                              s3_request request);

    /// A link for whoever has it.
    [[nodiscard]] static awaitable<result<std::string>> presign(std::shared_ptr<bucket_core> core,
                                                                wire::method verb, std::string key,
                                                                std::chrono::seconds lifetime);

    /// Waits before try `step` + 1.
    [[nodiscard]] static awaitable<void> back_off(std::shared_ptr<bucket_core> core,
                                                  std::string operation, unsigned step,
                                                  bool throttled,
                                                  std::chrono::milliseconds wait_min, failure why);

    /// Options and key, before anything is sent.
    result<void> check(const std::string& key) const;
    failure described(failure why, std::string_view operation, steady_time started) const;
    /// Tells the observer, unless the bucket is gone.
    void warn(std::string_view operation, failure what) const;
    std::string name_of_object(const std::string& key) const;
    /// How far the service's clock is ahead, by an answer that has just come.
    std::chrono::seconds clock_ahead(const s3_answer& answer) const;
    /// 32 hexadecimal digits that no other upload has.
    std::string fresh_mark();

private:
    std::string endpoint() const;
    result<wire::url> address(const s3_request& request) const;
    wire::sigv4_scope scope() const;
    result<wire::request> signed_request(const s3_request& request, const bucket_key& key) const;
    wire::exchange_limits limits_for(const s3_request& request) const;
    void learn(const s3_call_action& next, const s3_answer& answer, const bucket_key& used);
    s3_call_rules rules_for(const s3_request& request) const;
    bool asks_leave(const s3_request& request) const noexcept;

    net::transport* network_; // null once closed
    bucket_keys keys_;
    observer watch_;
    std::string region_;
    bool asks_leave_ = true;
    std::chrono::seconds skew_{0}; // what the service's clock is ahead
};

/// What a put or a complete came to.
COKINO_DECL placing_answer read_placing_answer(const result<s3_answer>& answer, bool in_parts,
                                               failure& why);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/bucket_core.ipp>
#endif
