// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Hooks for tests: the vectors of providers/, one genuine hook for each scheme, ready to be bent.
#pragma once

#include <cokino/webhook/verifier.hpp>
#include <cokino/wire/signature.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino::testing::support {

/// A hook whose parts a test may change.
struct sample_hook {
    sample_hook() = default;
    webhook::verifier_options options;
    std::vector<std::string> keys;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::int64_t now = 1790000000;

    std::string& field(std::string_view name)
    {
        for (auto& [n, value] : fields)
            if (n == name)
                return value;
        return fields.emplace_back(std::string(name), "").second;
    }
    /// The field that proves something: a signature, or the secret itself.
    std::string& proof() { return fields.back().second; }

    result<webhook::verified> verify() const
    {
        std::vector<webhook::hook_field> views;
        for (const auto& [name, value] : fields)
            views.push_back(webhook::hook_field{name, value});
        return webhook::verify(options, keys, views, body,
                               webhook::system_time(std::chrono::seconds(now)));
    }
};

/// providers/fal-replicate A6; the key's seed is the bytes 00 to 1f.
inline sample_hook fal_hook()
{
    sample_hook h;
    h.options.scheme = webhook_scheme::fal_ed25519;
    h.keys = {*wire::base64url_decode("A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg")};
    h.fields = {{"x-fal-webhook-request-id", "7d1f2c90-3b54-4c7e-9a61-0f5be2d8a4c3"},
                {"x-fal-webhook-user-id", "user-0001"},
                {"x-fal-webhook-timestamp", "1790000000"},
                {"x-fal-webhook-signature",
                 "e96cdfd85a4d997071bc700223a20249555ae4d4c5adfdfdbd000bd2ae994ae1"
                 "9d6a5823f05639610f5ccfc8b156bdbf30547df14a4b069da55f3f8598cc8804"}};
    h.body = R"({"error": null, "gateway_request_id": "7d1f2c90-3b54-4c7e-9a61-0f5be2d8a4c3", )"
             R"("payload": {"video": {"url": "https://v3b.fal.media/files/b/0a1b2c3d/demo.mp4"}}, )"
             R"("request_id": "7d1f2c90-3b54-4c7e-9a61-0f5be2d8a4c3", "status": "OK"})";
    return h;
}

inline sample_hook standard_hook(std::string secret_text, std::string id, std::int64_t time,
                                 std::string body, std::string signature)
{
    sample_hook h;
    h.options.scheme = webhook_scheme::standard_webhooks;
    h.options.secrets.emplace_back(std::move(secret_text));
    h.now = time;
    h.fields = {{"webhook-id", std::move(id)},
                {"webhook-timestamp", std::to_string(time)},
                {"webhook-signature", std::move(signature)}};
    h.body = std::move(body);
    return h;
}

/// providers/kling §8: published by the vendor.
inline sample_hook kling_hook()
{
    return standard_hook("whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=", "9876543210",
                         1781080794,
                         R"({"id":"1234567890","status":"succeeded","message":"",)"
                         R"("create_time":1781080778802,"update_time":1781080794151})",
                         "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=");
}

/// providers/kling §8, the second.
inline sample_hook kling_own_hook()
{
    return standard_hook("whsec_a2VzdHJlbC10ZXN0LXNlY3JldC0wMTIzNDU2Nzg5YWI=", "msg_0001",
                         1790000000, R"({"id":"871234567890123456","status":"succeeded"})",
                         "v1,p2oJnukcwKGNXez06XetdigctoTelmDssefDaf8FR4s=");
}

/// providers/fal-replicate B6.
inline sample_hook replicate_hook()
{
    return standard_hook("whsec_QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZX", "msg_demo0001", 1790000000,
                         R"({"id":"q7demo0000000000000000000","status":"succeeded",)"
                         R"("output":"https://replicate.delivery/xezq/demo/out.mp4"})",
                         "v1,w9BtflFpjNIedqVdGY2a4i5H7Wmk403YqGTG7ddM4Sw=");
}

/// providers/kling §8.
inline sample_hook pollo_hook()
{
    sample_hook h;
    h.options.scheme = webhook_scheme::pollo_hmac;
    h.options.secrets.emplace_back("a2VzdHJlbC10ZXN0LXNlY3JldC0wMTIzNDU2Nzg5YWI=");
    h.fields = {{"x-webhook-id", "msg_0001"},
                {"x-webhook-timestamp", "1790000000"},
                {"x-webhook-signature", "UFJM7/rbhA/E9qpIDck5E89SXRtHEkMJo8zXP4Jbb+s="}};
    h.body = R"({"taskId":"cm2kestrel0001","status":"succeed"})";
    return h;
}

/// providers/kling §8 and 2.3.
inline sample_hook kie_hook()
{
    sample_hook h;
    h.options.scheme = webhook_scheme::kie_hmac;
    h.options.secrets.emplace_back("kie-hmac-demo");
    h.fields = {{"x-webhook-timestamp", "1790000000"},
                {"x-webhook-signature", "t5CGVgz62eJ0L7NbGoCKKhFhveHTyQmKxDnmSC8AzNs="}};
    h.body = R"({"code":200,"msg":"Playground task completed successfully.",)"
             R"("data":{"taskId":"task_kling_1790000000001","state":"success"}})";
    return h;
}

/// providers/kling 3.4.
inline sample_hook piapi_hook()
{
    sample_hook h;
    h.options.scheme = webhook_scheme::piapi_secret;
    h.options.secrets.emplace_back("piapi-echoed-secret-0001");
    h.fields = {{"x-webhook-secret", "piapi-echoed-secret-0001"}};
    h.body = R"({"timestamp":1790000094,"data":{"task_id":"e7c1","status":"completed"}})";
    return h;
}

} // namespace cokino::testing::support
