// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The S3 service that run.sh started, as its environment describes it: a bucket over the real
// transport, and requests below the bucket's own verbs.
#pragma once

#include <cokino/async/sleep.hpp>
#include <cokino/net/http_transport.hpp>
#include <cokino/transfer/bucket.hpp>
#include <cokino/transfer/bucket_sink.hpp>
#include <cokino/transfer/detail/bucket_core.hpp>
#include <cokino/transfer/detail/s3_xml.hpp>

#include "oracles/setting.hpp"
#include "support/async_test.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

/// Tells the failure where a result must be good.
#define REQUIRE_OK(result)                                                                         \
    do {                                                                                           \
        const auto& r_ = (result);                                                                 \
        REQUIRE_MESSAGE(r_.has_value(), r_.error().describe());                                    \
    } while (false)
#define CHECK_OK(result)                                                                           \
    do {                                                                                           \
        const auto& r_ = (result);                                                                 \
        CHECK_MESSAGE(r_.has_value(), r_.error().describe());                                      \
    } while (false)

namespace bucket_oracle_test {

using namespace cokino;
using namespace cokino::testing::support;
using oracle::setting;
using namespace std::chrono_literals;

inline bucket_keys keys()
{
    return bucket_keys::of(setting("COKINO_ORACLE_KEY_ID"), setting("COKINO_ORACLE_SECRET"));
}

inline net::transport_options quiet_options()
{
    net::transport_options options;
    options.proxy = net::proxy_settings();
    return options;
}

/// A loop, a transport and the service's bucket.
struct service {
    explicit service(std::size_t part_bytes = std::size_t{8} * 1024 * 1024)
        : network(t.ex(), quiet_options()), options(settings(part_bytes)),
          clips(t.ex(), network, options, keys()),
          core(std::make_shared<cokino::detail::bucket_core>(t.ex(), network, options, keys(),
                                                             observer()))
    {}

    static bucket_options settings(std::size_t part_bytes)
    {
        bucket_options options;
        options.name = setting("COKINO_ORACLE_BUCKET");
        options.endpoint = setting("COKINO_ORACLE_ENDPOINT");
        options.region = setting("COKINO_ORACLE_REGION");
        options.allow_insecure = true;
        options.allow_private_addresses = true;
        options.part_bytes = part_bytes;
        options.tries_max = 2;
        options.backoff.base = 10ms;
        options.backoff.base_throttled = 10ms;
        return options;
    }

    static bool is_swift() { return setting("COKINO_ORACLE_NAME") == "swift"; }

    template <class T> result_for<T> outcome(awaitable<T> op) { return t.outcome(std::move(op)); }

    /// A request that no verb of the bucket makes. The body is kept until it is called.
    cokino::detail::s3_request raw(wire::method verb, std::string key, std::string body = {})
    {
        body_ = std::move(body);
        cokino::detail::s3_request r;
        r.operation = "raw";
        r.verb = verb;
        r.key = std::move(key);
        r.body = body_;
        r.digest = cokino::detail::payload_digest(body_);
        return r;
    }
    result<cokino::detail::s3_answer> call(cokino::detail::s3_request r)
    {
        return outcome(cokino::detail::bucket_core::call(core, std::move(r)));
    }

    std::string begin_upload(const std::string& key)
    {
        auto r = raw(wire::method::post, key);
        r.query.emplace_back("uploads", "");
        const auto answer = call(std::move(r));
        REQUIRE_OK(answer);
        const auto id =
            cokino::detail::s3_field(*answer, "InitiateMultipartUploadResult", "UploadId");
        REQUIRE_OK(id);
        return *id;
    }

    /// Services tell the beginning of an upload in whole seconds, some the next one.
    void age_uploads() { REQUIRE_OK(outcome(sleep_for(1100ms))); }

    std::size_t open_uploads()
    {
        auto r = raw(wire::method::get, "");
        r.query.emplace_back("uploads", "");
        const auto answer = call(std::move(r));
        REQUIRE_OK(answer);
        const auto list = cokino::detail::read_upload_list(*answer);
        REQUIRE_OK(list);
        return list->uploads.size();
    }

    /// A request that nobody signs: for links.
    wire::response plain(wire::method verb, const std::string& link, std::string body = {})
    {
        const auto to = wire::url::parse(link);
        REQUIRE_OK(to);
        wire::head_builder builder(verb, *to);
        const auto head = builder.build();
        REQUIRE_OK(head);
        wire::request request(*head, std::move(body));
        request.limits.body_bytes_max = std::uint64_t{64} * 1024 * 1024;
        auto answer = outcome(network.exchange(std::move(request)));
        REQUIRE_OK(answer);
        return std::move(*answer);
    }

    wire::response read_back(const std::string& key)
    {
        const auto link = outcome(clips.presign_get(key, 60s));
        REQUIRE_OK(link);
        auto answer = plain(wire::method::get, *link);
        REQUIRE(answer.status == 200);
        return answer;
    }

    /// Good for a minute, an hour ago.
    std::string expired_link(const std::string& key)
    {
        wire::sigv4_key key_pair;
        key_pair.id = setting("COKINO_ORACLE_KEY_ID");
        key_pair.key = secret(setting("COKINO_ORACLE_SECRET"));
        wire::sigv4_scope scope;
        scope.at = std::chrono::floor<std::chrono::seconds>(time_of(t.ex()).system_now()) - 1h;
        scope.region = options.region;
        const auto at = wire::url::parse(options.endpoint);
        REQUIRE_OK(at);
        wire::sigv4_message message;
        message.target = "/" + options.name + "/" + wire::sigv4_encode_path(key);
        message.fields.emplace_back("host", at->where().authority());
        return at->where().text() + wire::sigv4_presign(message, scope, key_pair, 60s);
    }

    real_test t{60s};
    net::http_transport network;
    bucket_options options;
    bucket clips;
    std::shared_ptr<cokino::detail::bucket_core> core;

private:
    std::string body_;
};

} // namespace bucket_oracle_test
