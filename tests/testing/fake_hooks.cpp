// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the fake host sends is what the verifiers and the adapters take: the same table for every
// dialect that calls back, on virtual time and without sockets.
#include <cokino/provider/fal.hpp>
#include <cokino/provider/kie.hpp>
#include <cokino/provider/kling.hpp>
#include <cokino/provider/piapi.hpp>
#include <cokino/provider/pollo.hpp>
#include <cokino/provider/replicate.hpp>
#include <cokino/testing/fake_hooks.hpp>
#include <cokino/testing/fake_transport.hpp>
#include <cokino/webhook/verifier.hpp>
#include <cokino/wire/ed25519.hpp>
#include <support/async_test.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace fake_hooks_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

struct row {
    std::string name;
    std::unique_ptr<provider> host;
};

std::vector<row> rows()
{
    std::vector<row> out;
    out.push_back({"fal", std::make_unique<fal>(api_key("k", "K"))});
    out.push_back({"kling", std::make_unique<kling>(api_key("k", "K"))});
    out.push_back({"kie", std::make_unique<kie>(api_key("k", "K"))});
    piapi_options with_secret;
    with_secret.webhook_secret = secret(hook_signer(1).secret_of(webhook_scheme::piapi_secret));
    out.push_back({"piapi", std::make_unique<piapi>(api_key("k", "K"), with_secret)});
    out.push_back({"pollo", std::make_unique<pollo>(api_key("k", "K"))});
    out.push_back({"replicate", std::make_unique<replicate>(api_key("k", "K"))});
    return out;
}

/// A submit through the adapter; the job's id as the adapter reads it.
std::string submit(virtual_test& t, fake_transport& net, const provider& host)
{
    text_to_video request("a slow dolly shot across a rain-soaked neon street");
    submit_context context;
    context.webhook_url = "https://hooks.example/in/0123";
    auto encoded = host.encode(request, std::move(context));
    REQUIRE(encoded.has_value());
    const auto answer = t.outcome(net.exchange(std::move(encoded->request)));
    REQUIRE(answer.has_value());
    job_record job;
    job.route = encoded->route;
    const auto decoded = host.decode_submit(*answer, job);
    REQUIRE(decoded.has_value());
    return job.id;
}

result<webhook::verified> check(const hook_delivery& d, const fake_hooks& hooks, virtual_test& t)
{
    webhook::verifier_options o(d.scheme);
    if (!hooks.signer().secret_of(d.scheme).empty())
        o.secrets.emplace_back(hooks.signer().secret_of(d.scheme));
    std::vector<webhook::hook_field> fields;
    for (const auto& [name, value] : d.fields)
        fields.push_back(webhook::hook_field{name, value});
    const auto keys = wire::parse_ed25519_jwks(hooks.signer().jwks());
    return webhook::verify(o, *keys, fields, d.body, t.time.system_now());
}

TEST_CASE("Each host's hook is genuine to its verifier and read by its adapter")
{
    for (const row& r : rows()) {
        CAPTURE(r.name);
        virtual_test t;
        fake_transport net(t.ex());
        fake_hooks hooks(net.engine());
        const std::string id = submit(t, net, *r.host);
        CHECK(hooks.due("https://127.0.0.1:1").empty());
        t.time.run_for(10s);
        const fake_counts before = net.counts();
        const auto due = hooks.due("https://127.0.0.1:1");
        CHECK(hooks.due("https://127.0.0.1:1").empty());
        CHECK(net.counts().polls == before.polls);
        CHECK(net.counts().unauthorised == 0);
        CHECK(net.counts().unknown_routes == 0);
        REQUIRE(due.size() == 1);
        CAPTURE(due[0].body);
        CHECK(due[0].url == "https://hooks.example/in/0123");
        CHECK(due[0].scheme == r.host->traits().webhook);
        const auto genuine = check(due[0], hooks, t);
        REQUIRE(genuine.has_value());
        const auto note = r.host->read_webhook(due[0].body);
        REQUIRE(note.has_value());
        CHECK(note->job_id == id);
        if (genuine->body_covered) {
            REQUIRE(note->status.has_value());
            CHECK(note->status->state == job_state::succeeded);
        }
    }
}

TEST_CASE("A failed job's hook says so, in each host's words")
{
    for (const row& r : rows()) {
        CAPTURE(r.name);
        virtual_test t;
        fake_transport net(t.ex());
        fake_hooks hooks(net.engine());
        net.faults().on_job(1).fails("content_policy_violation");
        submit(t, net, *r.host);
        t.time.run_for(10s);
        const auto due = hooks.due("https://127.0.0.1:1");
        REQUIRE(due.size() == 1);
        CAPTURE(due[0].body);
        REQUIRE(check(due[0], hooks, t).has_value());
        const auto note = r.host->read_webhook(due[0].body);
        REQUIRE(note.has_value());
        if (note->status && !note->status->result_pending)
            CHECK(note->status->state == job_state::failed);
    }
}

TEST_CASE("Hooks can be lost, repeated, forged or late")
{
    virtual_test t;
    fake_transport net(t.ex());
    fake_hooks hooks(net.engine());
    const fal host(api_key("k", "K"));
    hooks.on_job(1).lost = true;
    hooks.on_job(2).repeats = 2;
    hooks.on_job(3).forged = 1;
    hooks.on_job(4).delay = 1h;
    for (int i = 0; i < 4; ++i)
        submit(t, net, host);
    t.time.run_for(1min);
    const auto due = hooks.due("https://127.0.0.1:1");
    REQUIRE(due.size() == 5);
    CHECK(due[0].job == 2);
    CHECK(due[2].job == 2);
    CHECK(due[0].fields == due[2].fields);
    CHECK(due[3].forged);
    CHECK_FALSE(check(due[3], hooks, t).has_value());
    CHECK(check(due[4], hooks, t).has_value());
    t.time.run_for(1h);
    const auto late = hooks.due("https://127.0.0.1:1");
    REQUIRE(late.size() == 1);
    CHECK(late[0].job == 4);
    CHECK(check(late[0], hooks, t).has_value());
}

TEST_CASE("The fake host serves the keys that its hooks are signed with")
{
    virtual_test t;
    fake_options options = fake_transport::default_options();
    options.seed = 77;
    fake_transport net(t.ex(), options);
    fake_request r;
    r.target = "/.well-known/jwks.json";
    const fake_reply reply = net.engine().handle(r);
    CHECK(reply.status == 200);
    CHECK(reply.payload() == fake_hooks(net.engine()).signer().jwks());
    CHECK(reply.payload() != hook_signer(78).jwks());
}

} // namespace fake_hooks_test
