// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The receiver over loopback: what it takes, what it answers to all else, and how it stops.
#include <cokino/testing/certificates.hpp>
#include <webhook/loopback.hpp>

#include <doctest/doctest.h>

#include <string>

namespace receiver_test {

using namespace cokino;
using namespace cokino::testing;
using namespace cokino::testing::support;
using namespace std::chrono_literals;
using webhook::receiver;
using webhook::receiver_options;

TEST_CASE("A genuine hook is answered 200 and heard; its replay is answered alike and is not")
{
    hook_bench b;
    completion_source& source = b.box.source("kling", "http://hooks.example/hooks/kling");
    hook_listener w;
    source.watch(w, "job-1");
    const std::string hook = b.hook("job-1");
    CHECK(b.ask(hook) == 200);
    CHECK(b.ask(hook) == 200);
    REQUIRE(w.heard.size() == 1);
    CHECK(w.heard[0].believed);
    CHECK(b.listens.counts().taken == 2);
    CHECK(b.box.counts().replayed == 1);
}

TEST_CASE("The nonce of the URL names the job, and the body need not")
{
    hook_bench b;
    completion_source& source = b.box.source("kling", "http://hooks.example/hooks/kling");
    const auto address = source.new_address();
    hook_listener w;
    source.watch(w, "", address->nonce);
    CHECK(b.ask(b.hook("job-7", address->nonce)) == 200);
    REQUIRE(w.heard.size() == 1);
    CHECK(w.heard[0].note.job_id == "job-7");
    CHECK(w.heard[0].believed);
    unsigned_hook odd;
    odd.message_id = "odd";
    odd.body = "not JSON at all";
    const auto fields =
        b.signer.sign(webhook_scheme::standard_webhooks, odd, time_of(b.t.ex()).system_now());
    CHECK(b.ask(hook_text("/hooks/kling/" + address->nonce, fields, odd.body)) == 200);
    REQUIRE(w.heard.size() == 2);
    CHECK_FALSE(w.heard[1].believed);
    CHECK(b.ask(hook_text("/hooks/kling", fields, odd.body)) == 200); // the same message
    odd.message_id = "odd too";
    CHECK(b.ask(hook_text(
              "/hooks/kling",
              b.signer.sign(webhook_scheme::standard_webhooks, odd, time_of(b.t.ex()).system_now()),
              odd.body)) == 400);
}

TEST_CASE("A forged hook is answered 401, a body that is not covered is a mere hint")
{
    hook_bench b;
    hook_listener kling, kie;
    b.box.source("kling", "").watch(kling, "job-1");
    b.box.source("kie", "").watch(kie, "job-1");
    std::string forged = b.hook("job-1");
    forged[forged.find("v1,") + 5] ^= 1;
    CHECK(b.ask(forged) == 401);
    std::string swapped = b.hook("job-2");
    swapped[swapped.find("job-2") + 4] = '1';
    CHECK(b.ask(swapped) == 401);
    CHECK(b.ask(hook_text("/hooks/kling", {}, R"({"id":"job-1","status":"succeeded"})")) == 401);
    CHECK(kling.heard.empty());
    CHECK(b.listens.counts().forged == 3);
    CHECK(b.ask(b.hook("job-1", "", "kie")) == 200);
    REQUIRE(kie.heard.size() == 1);
    CHECK_FALSE(kie.heard[0].believed);
}

TEST_CASE("Where nothing is signed, only the nonce that was given out opens the door")
{
    hook_bench b;
    completion_source& source = b.box.source("plain", "http://hooks.example/hooks/plain");
    const auto address = source.new_address();
    CHECK(b.ask(b.hook("job-1", "", "plain")) == 404);
    CHECK(b.ask(b.hook("job-1", std::string(32, 'a'), "plain")) == 404);
    source.bind(address->nonce, "job-1");
    hook_listener w;
    source.watch(w, "job-1");
    CHECK(b.ask(b.hook("job-1", address->nonce, "plain")) == 200);
    REQUIRE(w.heard.size() == 1);
    CHECK_FALSE(w.heard[0].believed);
}

TEST_CASE("What is no hook is answered with what is wrong about it")
{
    receiver_options o;
    o.header_bytes_max = 1024;
    o.body_bytes_max = 4096;
    o.bodies_bytes_max = 8192;
    hook_bench b(o);
    const std::string body(100, 'x');
    CHECK(b.ask(hook_text("/", {}, body)) == 404);
    CHECK(b.ask(hook_text("/hooks/klin", {}, body)) == 404);
    CHECK(b.ask(hook_text("/hooks/klingon", {}, body)) == 404);
    CHECK(b.ask(hook_text("/hooks/kling/", {}, body)) == 404);
    CHECK(b.ask(hook_text("/hooks/kling/../kie", {}, body)) == 404);
    CHECK(b.ask(hook_text("/hooks/kling", {}, "", "GET")) == 405);
    CHECK(b.ask(hook_text("/hooks/kling", {}, "", "PUT")) == 405);
    CHECK(b.ask("BREW /hooks/kling HTTP/1.1\r\n\r\n") == 405);
    CHECK(b.ask(hook_text("/hooks/kling", {}, std::string(4097, 'x'))) == 413);
    CHECK(b.ask("POST /hooks/kling HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n") == 413);
    CHECK(b.ask("POST /hooks/kling HTTP/1.1\r\nContent-Length: -1\r\n\r\n") == 400);
    CHECK(b.ask("POST /hooks/kling HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n") == 431);
    CHECK(b.ask("POST /" + std::string(2000, 'x')) == 431);
    CHECK(b.ask("\x16\x03\x01 this is not HTTP\r\n\r\n") == 400);
    CHECK(b.ask("POST /hooks/kling HTTP/9.9\r\n\r\n") == 400);
    std::string chunked = "POST /hooks/kling HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 50; ++i)
        chunked += "64\r\n" + std::string(100, 'x') + "\r\n";
    CHECK(b.ask(chunked) == 413);
    std::string extended = "POST /hooks/kling HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 200; ++i)
        extended += "1;" + std::string(200, 'e') + "\r\nx\r\n";
    CHECK(b.ask(extended) == 413);
    CHECK(b.listens.counts().taken == 0);
    CHECK(b.listens.counts().body_bytes == 0);
    CHECK(b.box.counts().messages == 0);
    CHECK(b.ask(b.hook("job-1")) == 200);
}

TEST_CASE("A chunked hook and one sent byte by byte are taken like any other")
{
    hook_bench b;
    std::string hook = b.hook("job-1");
    const std::size_t head = hook.find("\r\n\r\n");
    const std::string body = hook.substr(head + 4);
    const std::size_t length = hook.find("Content-Length");
    std::string chunked = hook.substr(0, length) + "Transfer-Encoding: chunked\r\n\r\n";
    for (const char c : body)
        chunked += std::string("1\r\n") + c + "\r\n";
    CHECK(b.ask(chunked + "0\r\n\r\n") == 200);
    const auto by_bytes = [](hook_bench& h, std::string bytes) -> awaitable<unsigned> {
        hook_sender sender(h.t.ex(), h.port);
        const bool connected = co_await sender.connect();
        for (std::size_t i = 0; connected && i < bytes.size(); ++i) {
            std::string one(1, bytes[i]);
            co_await sender.send(std::move(one));
        }
        const unsigned status = co_await sender.status();
        co_return status;
    };
    CHECK(b.t.outcome(by_bytes(b, b.hook("job-2"))).value() == 200);
    CHECK(b.box.counts().kept_now == 2);
}

awaitable<void> several_on_one_connection(hook_bench& b)
{
    hook_sender sender(b.t.ex(), b.port);
    const bool connected = co_await sender.connect();
    REQUIRE(connected);
    std::string pipelined = b.hook("job-1") + b.hook("job-2") + b.hook("job-3");
    co_await sender.send(std::move(pipelined));
    for (int i = 0; i < 3; ++i) {
        const unsigned status = co_await sender.status();
        CHECK(status == 200);
    }
    std::string expecting = b.hook("job-4");
    const std::size_t head = expecting.find("\r\n\r\n");
    std::string first = expecting.substr(0, head) + "\r\nExpect: 100-continue\r\n\r\n";
    co_await sender.send(std::move(first));
    const unsigned go_on = co_await sender.status();
    CHECK(go_on == 100);
    std::string rest = expecting.substr(head + 4);
    co_await sender.send(std::move(rest));
    const unsigned status = co_await sender.status();
    CHECK(status == 200);
    CHECK(b.listens.counts().connections == 1);
    std::string last = b.hook("job-5");
    last.insert(last.find("\r\n") + 2, "Connection: close\r\n");
    co_await sender.send(std::move(last));
    const unsigned closing = co_await sender.status();
    CHECK(closing == 200);
    const unsigned end = co_await sender.status();
    CHECK(end == 0);
}

TEST_CASE("Several hooks may come on one connection, pipelined or after asking first")
{
    hook_bench b;
    b.t.outcome(several_on_one_connection(b)).value();
    CHECK(b.box.counts().kept_now == 5);
}

TEST_CASE("A sender that is slow is answered 408; one that says nothing is closed")
{
    receiver_options o;
    o.header_max = 50ms;
    o.body_max = 50ms;
    hook_bench b(o);
    CHECK(b.ask("") == 0);
    CHECK(b.ask("POST /hooks/kling HTTP/1.1\r\nHost:") == 408);
    CHECK(b.ask("POST /hooks/kling HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc") == 408);
    CHECK(b.ask(b.hook("job-1")) == 200);
    CHECK(b.listens.counts().timeouts >= 3);
    CHECK(b.listens.counts().body_bytes == 0);
}

awaitable<void> full_house(hook_bench& b)
{
    hook_sender first(b.t.ex(), b.port), second(b.t.ex(), b.port), third(b.t.ex(), b.port);
    bool good = co_await first.connect();
    std::string slow = "POST /hooks/kling HTTP/1.1\r\nContent-Length: 3000\r\n\r\nabc";
    good = good && co_await first.send(std::move(slow));
    good = good && co_await second.connect();
    good = good && co_await third.connect();
    std::string too_much = "POST /hooks/kling HTTP/1.1\r\nContent-Length: 3000\r\n\r\nabc";
    good = good && co_await second.send(std::move(too_much));
    REQUIRE(good);
    const unsigned busy = co_await second.status();
    CHECK(busy == 503);
    CHECK(second.last().find("Retry-After: ") != std::string::npos);
    CHECK(b.listens.counts().open == 2);
    std::string small = b.hook("job-1"); // it waits in the backlog until one of the two is gone
    co_await third.send(std::move(small));
    first.close();
    const unsigned status = co_await third.status();
    CHECK(status == 200);
}

TEST_CASE("Connections and the bytes of all bodies are bounded; who is refused hears 503")
{
    receiver_options o;
    o.connections_max = 2;
    o.body_bytes_max = 4096;
    o.bodies_bytes_max = 4096;
    hook_bench b(o);
    b.t.outcome(full_house(b)).value();
    CHECK(b.listens.counts().body_bytes == 0);
}

awaitable<void> stop_in_the_middle(hook_bench& b)
{
    hook_sender idle(b.t.ex(), b.port), halfway(b.t.ex(), b.port), late(b.t.ex(), b.port);
    bool good = co_await idle.connect();
    good = good && co_await halfway.connect();
    std::string half = b.hook("job-1");
    half.resize(half.size() - 5);
    good = good && co_await halfway.send(std::move(half));
    std::string other = b.hook("job-2");
    const unsigned taken = co_await hook_bench::exchange(b.t.ex(), b.port, std::move(other));
    REQUIRE(good);
    CHECK(taken == 200);
    b.listens.stop();
    b.listens.stop();
    co_await b.listens.stopped();
    CHECK(b.listens.counts().open == 0);
    CHECK(b.listens.counts().body_bytes == 0);
    const unsigned nothing = co_await halfway.status();
    CHECK(nothing == 0);
    const unsigned silence = co_await idle.status();
    CHECK(silence == 0);
    const bool refused = co_await late.connect();
    CHECK_FALSE(refused);
}

TEST_CASE("stop() ends every connection, and stopped() waits until nothing runs any more")
{
    hook_bench b;
    b.t.outcome(stop_in_the_middle(b)).value();
    CHECK(b.box.counts().kept_now == 1);
    b.t.outcome(b.listens.stopped()).value();
    const auto again = b.listens.listen();
    REQUIRE(again.has_value());
    b.port = *again;
    CHECK(b.ask(b.hook("job-3")) == 200);
}

TEST_CASE("The wait for the end can be cancelled by itself")
{
    hook_bench b;
    const auto cut = b.t.cancelled_after(5ms, b.listens.stopped());
    REQUIRE(cut.has_error());
    CHECK(cut.error() == errc::cancelled);
    CHECK(b.ask(b.hook("job-1")) == 200);
}

awaitable<void> say_half(hook_sender& sender)
{
    const bool connected = co_await sender.connect();
    REQUIRE(connected);
    const bool sent = co_await sender.send("POST /hooks/kling HTTP/1.1\r\nHost:");
    REQUIRE(sent);
}

TEST_CASE("A loop that ends under open connections takes everything along")
{
    real_test t;
    webhook::inbox box(time_of(t.ex()));
    hook_sender sender(t.ex(), 0);
    {
        receiver listens(t.ex(), box);
        const auto port = listens.listen();
        REQUIRE(port.has_value());
        sender = hook_sender(t.ex(), *port);
        t.outcome(say_half(sender)).value();
        while (listens.counts().open == 0)
            t.io.run_one();
    }
    t.io.stop(); // what the receiver left running is destroyed with the loop, not run to its end
}

TEST_CASE("Options and routes that cannot work are refused, naming the field")
{
    const auto bad = [](auto change) {
        receiver_options o;
        change(o);
        return validate(o).error().facts().field;
    };
    CHECK(bad([](receiver_options& o) { o.address = "hooks.example"; }) == "address");
    CHECK(bad([](receiver_options& o) { o.connections_max = 0; }) == "connections_max");
    CHECK(bad([](receiver_options& o) { o.body_bytes_max = 0; }) == "body_bytes_max");
    CHECK(bad([](receiver_options& o) { o.bodies_bytes_max = 1; }) == "bodies_bytes_max");
    CHECK(bad([](receiver_options& o) { o.header_max = 0ms; }) == "header_max");
    real_test t;
    webhook::inbox box(time_of(t.ex()));
    receiver r(t.ex(), box);
    const auto refused = [&r](auto change) {
        webhook::hook_route route;
        route.provider = "kie";
        route.path = "/kie";
        route.verify.scheme = webhook_scheme::unsigned_hook;
        route.read = read_note;
        change(route);
        const auto added = r.add(std::move(route));
        return added.has_value() ? std::string("none") : added.error().facts().field;
    };
    CHECK(refused([](webhook::hook_route& h) { h.path = "kie"; }) == "path");
    CHECK(refused([](webhook::hook_route& h) { h.path = "/"; }) == "path");
    CHECK(refused([](webhook::hook_route& h) { h.path = "/kie/"; }) == "path");
    CHECK(refused([](webhook::hook_route& h) { h.path = "/kie?x"; }) == "path");
    CHECK(refused([](webhook::hook_route& h) { h.read = nullptr; }) == "read");
    CHECK(refused([](webhook::hook_route& h) { h.provider.clear(); }) == "provider");
    CHECK(refused([](webhook::hook_route& h) {
              h.verify.scheme = webhook_scheme::standard_webhooks;
          }) == "secrets");
    CHECK(refused([](webhook::hook_route& h) { h.verify.scheme = webhook_scheme::fal_ed25519; }) ==
          "keys");
    CHECK(refused([](webhook::hook_route&) {}) == "none");
    CHECK(refused([](webhook::hook_route&) {}) == "path");
    REQUIRE(r.listen().has_value());
    CHECK(refused([](webhook::hook_route& h) { h.path = "/late"; }) == "path");
    r.stop();
}

} // namespace receiver_test
