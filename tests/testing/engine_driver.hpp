// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the tests of the fake host share: an engine on a clock that is set by hand, requests in one
// line, and a look at an answer's JSON. No test of its own.
#pragma once

#include <cokino/testing/fake_engine.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace engine_test {

using namespace cokino;
using namespace cokino::testing;
using namespace std::chrono_literals;

/// Time that stands until it is moved. No timers: the engine asks for the time only.
class hand_clock final : public time_source
{
public:
    steady_time now() const noexcept override { return steady_time(1h) + gone_; }
    system_time system_now() const noexcept override { return system_time(1767225600s) + gone_; }
    void arm(cokino::timer&, steady_time) override { FAIL("the engine needs no timer"); }
    void disarm(cokino::timer&) noexcept override {}

    void pass(std::chrono::milliseconds d) { gone_ += d; }

private:
    std::chrono::milliseconds gone_{0};
};

inline const std::string t2v = "/fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
inline const std::string i2v = "/fal-ai/kling-video/v2.5-turbo/pro/image-to-video";

/// A host with 1 s of queue and 10 s of rendering.
struct host {
    explicit host(fake_options o = {}) : engine(clock, timed(std::move(o))) {}

    static fake_options timed(fake_options o)
    {
        o.queue_time = 1s;
        o.render_time = 10s;
        return o;
    }

    fake_reply ask(std::string method, std::string target, std::string body = {},
                   fake_fields fields = {})
    {
        fake_request r;
        r.method = std::move(method);
        r.target = std::move(target);
        r.origin = "https://queue.fal.run";
        r.fields = std::move(fields);
        r.body = std::move(body);
        return engine.handle(r);
    }

    fake_reply fal(std::string method, std::string target, std::string body = {})
    {
        return ask(std::move(method), std::move(target), std::move(body),
                   {{"authorization", "Key k"}, {"content-type", "application/json"}});
    }
    fake_reply fal_submit(std::string body = R"({"prompt":"a boat"})", std::string path = t2v)
    {
        return fal("POST", std::move(path), std::move(body));
    }
    /// Of the n-th job, from 1.
    std::string fal_job(std::size_t n = 1, std::string_view app = "kling-video") const
    {
        return "/fal-ai/" + std::string(app) + "/requests/" + engine.jobs().at(n - 1).id;
    }
    fake_reply fal_status(std::size_t n = 1) { return fal("GET", fal_job(n) + "/status"); }
    fake_reply fal_result(std::size_t n = 1) { return fal("GET", fal_job(n)); }

    fake_reply rest(std::string method, std::string target, std::string body = {})
    {
        return ask(std::move(method), std::move(target), std::move(body),
                   {{"x-api-key", "k"}, {"content-type", "application/json"}});
    }
    fake_reply rest_submit(std::string body = R"({"prompt":"a boat"})")
    {
        return rest("POST", "/v1/kling/v2-5/text-to-video", std::move(body));
    }
    fake_reply rest_status(std::size_t n = 1)
    {
        return rest("GET", "/v1/kling/v2-5/tasks/" + engine.jobs().at(n - 1).id);
    }

    /// The link of the n-th job's file, by reading the job.
    std::string link(std::size_t n = 1);
    /// Path and query of a link.
    static std::string target_of(const std::string& url)
    {
        return url.substr(url.find('/', std::string("https://").size()));
    }
    fake_reply fetch(const std::string& url, fake_fields fields = {})
    {
        return ask("GET", target_of(url), {}, std::move(fields));
    }

    hand_clock clock;
    fake_engine engine;
};

inline boost::json::value json_of(const fake_reply& r)
{
    boost::json::error_code error;
    auto value = boost::json::parse(r.body, error);
    CHECK_MESSAGE(!error, r.body);
    return value;
}

/// A string at a JSON pointer; "" when there is none.
inline std::string text_at(const fake_reply& r, const char* pointer)
{
    const auto value = json_of(r);
    boost::json::error_code error;
    const auto* at = value.find_pointer(pointer, error);
    return at != nullptr && at->is_string() ? std::string(at->get_string().c_str()) : std::string();
}

/// The members of an object, in order: "status request_id ...".
inline std::string members_of(const fake_reply& r)
{
    std::string out;
    const auto value = json_of(r);
    for (const auto& member : value.as_object())
        out += (out.empty() ? "" : " ") + std::string(member.key());
    return out;
}

inline std::string host::link(std::size_t n)
{
    const bool is_fal = engine.jobs().at(n - 1).dialect == fake_dialect::fal;
    return is_fal ? text_at(fal_result(n), "/video/url")
                  : text_at(rest_status(n), "/data/video_url");
}

} // namespace engine_test
