// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host as a program, for clients that are not ours: it prints where it listens as one line
// of JSON, with a webhook that the library signed, and serves until its input ends. Then it prints
// what it has counted. Words in square brackets in a prompt make a job misbehave.
#include <cokino/testing/fake_server.hpp>
#include <cokino/wire/hmac.hpp>
#include <cokino/wire/json_writer.hpp>
#include <cokino/wire/signature.hpp>

#include <chrono>
#include <iostream>
#include <iterator>
#include <string>

namespace {

using namespace cokino;
using namespace std::chrono_literals;

testing::fake_server_options options()
{
    testing::fake_server_options out;
    out.host.api_key = "conformance-id:conformance-secret";
    out.host.queue_time = 150ms;
    out.host.render_time = 450ms;
    return out;
}

void misbehave(testing::fault_script& script)
{
    script.on_prompt("[hangs]").hangs();
    script.on_prompt("[flagged]").content_refused();
    script.on_prompt("[limited]").rate_limited(1, 1s);
    script.on_prompt("[unsteady]").polls_answer(503, 1);
    script.on_prompt("[deaf]").stream_cut(1);
}

/// Signed as Replicate signs (Standard Webhooks), with the vector's own secret, id and time.
void write_hook(wire::json_writer& w)
{
    const std::string secret = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZX";
    const std::string id = "msg_demo0001", timestamp = "1790000000";
    const std::string body = R"({"id":"q7demo0000000000000000000","status":"succeeded",)"
                             R"("output":"https://replicate.delivery/xezq/demo/out.mp4"})";
    const auto mac =
        wire::hmac_sha256(wire::base64_decode(secret).value(), id + '.' + timestamp + '.' + body);
    const std::string bytes(mac.begin(), mac.end());
    w.begin_object("hook").member("secret", "whsec_" + secret).member("id", id);
    w.member("timestamp", timestamp).member("body", body);
    w.member("signature", "v1," + wire::base64_encode(bytes)).end_object();
}

void print(std::string line) { std::cout << line << std::endl; }

} // namespace

int main()
{
    testing::fake_server server(options());
    server.script(misbehave);
    std::string hello;
    {
        wire::json_writer w(hello);
        w.begin_object().member("origin", server.plain_url());
        w.member("key", options().host.api_key);
        write_hook(w);
        w.end_object();
    }
    print(std::move(hello));
    // Nothing is said to it; the end of its input is the end of the clients.
    std::string ignored((std::istreambuf_iterator<char>(std::cin)), {});
    const testing::fake_counts counts = server.counts();
    std::string goodbye;
    {
        wire::json_writer w(goodbye);
        w.begin_object().member("jobs", counts.jobs).member("submits", counts.submits);
        w.member("streams", counts.streams).member("uploads", counts.uploads);
        w.member("cancelled", counts.jobs_cancelled);
        w.member("unknown_routes", counts.unknown_routes);
        w.member("unauthorised", counts.unauthorised);
        w.member("keys_leaked", counts.keys_leaked);
        w.member("spent_mills", counts.spent_mills).end_object();
    }
    print(std::move(goodbye));
}
