// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A transport that follows a script: which request is expected, and what it is answered. For tests
// of a few exchanges whose exact bytes matter; for whole conversations fake_transport is shorter.
//
//     scripted_transport net;
//     net.expect(wire::method::post, "/fal-ai/*").with_body("\"duration\":\"5\"")
//        .reply(200, R"({"request_id":"7d1f","status_url":"..."})");
//     net.expect(wire::method::get, "*/status*").fail(errc::connection_lost, fate::maybe_sent);
//     net.expect(wire::method::get, "*/status*").delay(3s).reply(202, R"({"status":"IN_QUEUE"})");
//     ...
//     CHECK(net.verify() == "");
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/testing/fake_engine.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cokino::testing {

/// One expected request and its answer. Made by scripted_transport::expect; the functions may be
/// chained. Without reply() or fail() the answer is an empty 200.
class scripted_step
{
public:
    /// The body must contain this. May be said several times.
    scripted_step& with_body(std::string part)
    {
        body_parts_.push_back(std::move(part));
        return *this;
    }
    /// A header field must have this value.
    scripted_step& with_field(std::string name, std::string value)
    {
        fields_.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    /// A header field must not be there: a key on its way to a result's link, say.
    scripted_step& without_field(std::string name)
    {
        absent_.push_back(std::move(name));
        return *this;
    }
    /// Answers. Content-Length is written unless given, and so is a JSON content type.
    scripted_step& reply(unsigned status, std::string body = {}, fake_fields fields = {})
    {
        status_ = status;
        body_ = std::move(body);
        reply_fields_ = std::move(fields);
        return *this;
    }
    /// Ends the exchange with a failure.
    scripted_step& fail(errc e, fate f) { return fail(failure(e, f)); }
    scripted_step& fail(failure f)
    {
        failure_ = std::move(f);
        return *this;
    }
    /// Waits first, on the time source of whoever awaits the exchange.
    scripted_step& delay(std::chrono::milliseconds d)
    {
        delay_ = d;
        return *this;
    }
    /// Hands the body of open() out in pieces of so many bytes, with a pause before each but the
    /// first.
    scripted_step& pieces(std::size_t bytes, std::chrono::milliseconds pause = {})
    {
        piece_bytes_ = bytes;
        pause_ = pause;
        return *this;
    }
    /// The body breaks after so many bytes. Content-Length still tells all of them.
    scripted_step& cut_after(std::size_t bytes, errc as = errc::body_truncated)
    {
        cut_at_ = bytes;
        cut_as_ = as;
        return *this;
    }
    /// How often it is expected; once unless said.
    scripted_step& times(std::size_t n)
    {
        times_ = n;
        return *this;
    }

private:
    friend class scripted_transport;

    scripted_step(wire::method m, std::string pattern, const char* file, int line)
        : method_(m), pattern_(std::move(pattern)), file_(file), line_(line)
    {}

    wire::method method_;
    std::string pattern_;
    const char* file_;
    int line_;
    std::vector<std::string> body_parts_, absent_;
    fake_fields fields_, reply_fields_;
    unsigned status_ = 200;
    std::string body_;
    std::optional<failure> failure_;
    std::chrono::milliseconds delay_{0}, pause_{0};
    std::size_t piece_bytes_ = 0;
    std::optional<std::size_t> cut_at_;
    errc cut_as_ = errc::body_truncated;
    std::size_t times_ = 1, met_ = 0;
};

/// The transport. Requests are expected in the order of expect(); another one fails with
/// internal_error and a text that says what was expected instead, at which line of the test.
///
/// One thread; outlives its streams and exchanges. What is wrong in the end is told by verify(); if
/// nobody called it, the destructor tells it to on_problem's function, by default on stderr with
/// an abort: a test must not pass by silence.
class scripted_transport final : public net::transport
{
public:
    /// File and line are the caller's own, for requests that no expect() stands for.
    explicit scripted_transport(const char* file = __builtin_FILE(), int line = __builtin_LINE());
    COKINO_DECL ~scripted_transport() override;
    scripted_transport(const scripted_transport&) = delete;
    scripted_transport& operator=(const scripted_transport&) = delete;

    /// `pattern` is matched against path and query, or against the whole URL when it begins with
    /// "http"; '*' stands for any text. File and line are the caller's own. The reference is good
    /// as long as the transport.
    scripted_step& expect(wire::method m, std::string pattern, const char* file = __builtin_FILE(),
                          int line = __builtin_LINE());

    /// Requests may then come in any order; the first step that fits is taken.
    void any_order() noexcept { any_order_ = true; }

    /// What is wrong, a line for each, "file:line: text"; empty when all came as expected.
    std::string verify();

    /// Where the destructor tells what is wrong. With doctest:
    ///   net.on_problem([](const std::string& text, const char* file, int line) {
    ///       ADD_FAIL_CHECK_AT(file, line, text); });
    using problem_function = std::function<void(const std::string&, const char*, int)>;
    void on_problem(problem_function f) { on_problem_ = std::move(f); }

    /// Every request that came, expected or not.
    const std::vector<fake_request>& seen() const noexcept { return seen_; }

    [[nodiscard]] COKINO_DECL awaitable<result<wire::response>> exchange(
        wire::request request) override;
    [[nodiscard]] COKINO_DECL awaitable<result<std::unique_ptr<net::body_stream>>> open(
        wire::request request) override;

private:
    struct problem {
        std::string text;
        const char* file;
        int line;
    };
    struct outcome;

    outcome begin(const wire::request& request);
    scripted_step* take(const fake_request& r, problem& why_not);
    std::vector<problem> problems() const;

    std::deque<scripted_step> steps_; // a deque keeps the references that were given out
    std::vector<fake_request> seen_;
    std::vector<problem> unexpected_;
    problem_function on_problem_;
    const char* file_;
    int line_;
    bool any_order_ = false;
    bool verified_ = false;
};

} // namespace cokino::testing

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/scripted_transport.ipp>
#endif
