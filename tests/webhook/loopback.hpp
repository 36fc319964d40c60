// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A receiver on loopback and a sender that says to it whatever a test wants.
#pragma once

#include <cokino/testing/hook_signer.hpp>
#include <cokino/webhook/receiver.hpp>
#include <cokino/wire/json_view.hpp>
#include <support/async_test.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cokino::testing::support {

/// {"id":"...","status":"succeeded"}, in place of a dialect.
inline result<webhook_note> read_note(std::string_view body)
{
    auto doc = wire::json_document::parse(body);
    if (!doc)
        return doc.error();
    webhook_note out;
    out.job_id = (*doc)["id"].string_or((*doc).at("data.taskId").string_or(""));
    if ((*doc)["status"].string_or("") == "succeeded") {
        out.status.emplace();
        out.status->state = job_state::succeeded;
    }
    return out;
}

struct hook_listener final : completion_waiter {
    std::vector<completion_hint> heard;
    void on_hint(const completion_hint& h) override { heard.push_back(h); }
};

/// One connection of a sender.
class hook_sender
{
public:
    hook_sender(executor ex, std::uint16_t port)
        : socket_(ex), to_(asio::ip::address_v4::loopback(), port)
    {}

    awaitable<bool> connect()
    {
        const auto done = co_await socket_.async_connect(to_, as_tuple_token);
        co_return !std::get<0>(done);
    }
    awaitable<bool> send(std::string bytes)
    {
        const auto put = co_await asio::async_write(socket_, asio::buffer(bytes), as_tuple_token);
        co_return !std::get<0>(put);
    }
    /// The status of the next answer; 0 when the connection ended.
    awaitable<unsigned> status()
    {
        for (;;) {
            const std::size_t head = in_.find("\r\n\r\n");
            const std::size_t told = in_.find("Content-Length: ");
            if (head != std::string::npos && told < head) {
                const std::size_t whole = head + 4 + std::stoul(in_.substr(told + 16));
                if (in_.size() >= whole) {
                    const unsigned code = static_cast<unsigned>(std::stoul(in_.substr(9, 3)));
                    last_ = in_.substr(0, whole);
                    in_.erase(0, whole);
                    co_return code;
                }
            } else if (head != std::string::npos && in_.starts_with("HTTP/1.1 100")) {
                in_.erase(0, head + 4);
                co_return 100U;
            }
            const auto got = co_await socket_.async_read_some(asio::buffer(piece_), as_tuple_token);
            if (std::get<0>(got))
                co_return 0U;
            in_.append(piece_.data(), std::get<1>(got));
        }
    }
    const std::string& last() const { return last_; }
    void close()
    {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

private:
    asio::ip::tcp::socket socket_;
    asio::ip::tcp::endpoint to_;
    std::string in_, last_;
    std::array<char, 4096> piece_{};
};

inline std::string hook_text(const std::string& target, const fake_fields& fields,
                             const std::string& body, const std::string& method = "POST")
{
    std::string out = method + ' ' + target + " HTTP/1.1\r\nHost: hooks.example\r\n";
    for (const auto& [name, value] : fields)
        out += name + ": " + value + "\r\n";
    return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Inbox, receiver and a signer that share their secrets, on one real loop.
struct hook_bench {
    explicit hook_bench(webhook::receiver_options o = {}) : listens(t.ex(), box, o)
    {
        add("kling", webhook_scheme::standard_webhooks);
        add("kie", webhook_scheme::kie_hmac);
        add("plain", webhook_scheme::unsigned_hook);
        port = listens.listen().value();
    }
    ~hook_bench() { listens.stop(); }

    void add(const std::string& provider, webhook_scheme s)
    {
        webhook::hook_route route;
        route.provider = provider;
        route.path = "/hooks/" + provider;
        route.verify.scheme = s;
        if (!signer.secret_of(s).empty())
            route.verify.secrets.emplace_back(signer.secret_of(s));
        route.read = read_note;
        listens.add(std::move(route)).value();
    }

    std::string hook(const std::string& job, const std::string& nonce = {},
                     const std::string& provider = "kling")
    {
        const webhook_scheme s = provider == "kling" ? webhook_scheme::standard_webhooks
                                 : provider == "kie" ? webhook_scheme::kie_hmac
                                                     : webhook_scheme::unsigned_hook;
        unsigned_hook h;
        h.message_id = "msg_" + std::to_string(++messages);
        h.task_id = job;
        h.body = provider == "kie" ? R"({"data":{"taskId":")" + job + R"("},"status":"succeeded"})"
                                   : R"({"id":")" + job + R"(","status":"succeeded"})";
        return hook_text("/hooks/" + provider + (nonce.empty() ? "" : "/" + nonce),
                         signer.sign(s, h, time_of(t.ex()).system_now()), h.body);
    }

    /// Sends bytes on a connection of their own; the status that comes back, 0 for none.
    unsigned ask(std::string bytes) { return t.outcome(exchange(t.ex(), port, bytes)).value(); }

    static awaitable<unsigned> exchange(executor ex, std::uint16_t port, std::string bytes)
    {
        hook_sender sender(ex, port);
        const bool connected = co_await sender.connect();
        if (!connected)
            co_return 0U;
        const bool sent = co_await sender.send(std::move(bytes));
        static_cast<void>(sent); // an early answer may cut it short
        const unsigned status = co_await sender.status();
        co_return status;
    }

    real_test t;
    hook_signer signer;
    webhook::inbox box{time_of(t.ex())};
    webhook::receiver listens;
    std::uint16_t port = 0;
    int messages = 0;
};

} // namespace cokino::testing::support
