// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An adapter for a host whose API is POST a task, GET its state: pure functions between model and
// wire. Whatever is not overridden is refused, and the refusal names it.
#pragma once

#include <cokino/cokino.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>

class my_host final : public cokino::provider
{
    using text = std::string;
    template <class T> using result = cokino::result<T>;
    using head = std::shared_ptr<const cokino::wire::request_head>;

public:
    my_host(const text& base, const cokino::api_key& key)
    {
        traits_.name = "my-host";
        traits_.base_url = base;
        key_.prefix = "Bearer ";
        key_.key = key.key();
        key_.bound_to = cokino::wire::url::parse(base).value().where();
        route_ = std::make_shared<cokino::job_route>(cokino::job_route{
            cokino::job_kind::video, "my-host", "kling-2.5", "text-to-video", base, key.alias()});
    }
    const cokino::provider_traits& traits() const noexcept override { return traits_; }

    using provider::encode;
    result<cokino::encoded_submit> encode(const cokino::text_to_video& r,
                                          cokino::submit_context&&) const override
    {
        if (auto sound = validate(r); !sound)
            return sound.error();
        cokino::encoded_submit out;
        out.route = route_;
        out.duration_s = static_cast<int>(r.duration.count());
        cokino::wire::json_writer w(out.request.body);
        w.begin_object().member("prompt", r.prompt).member("duration", out.duration_s).end_object();
        auto to = build(cokino::wire::method::post, "/v1/kling/v2-5/text-to-video");
        if (auto written = w.finish(); !written || !to)
            return written ? to.error() : written.error();
        out.request.head = *to;
        return out;
    }
    result<void> decode_submit(const cokino::wire::response& r,
                               cokino::job_record& j) const override
    {
        const auto answer = cokino::wire::json_document::parse(r.body());
        j.id = answer ? answer->at("data.task_id").string_or("") : "";
        if (r.ok() && !j.id.empty())
            return {};
        // What is not understood has perhaps been bought: only a refusal may say "refused".
        return cokino::failure(r.ok() ? cokino::errc::outcome_unknown
                                      : cokino::errc::request_rejected);
    }
    result<cokino::wire::request> encode_status(const cokino::job_record& j) const override
    {
        auto to = build(cokino::wire::method::get, "/v1/kling/v2-5/tasks/" + j.id);
        return to ? result<cokino::wire::request>(cokino::wire::request(*to)) : to.error();
    }
    result<cokino::job_status> decode_status(const cokino::job_record&,
                                             const cokino::wire::response& r) const override
    {
        const auto answer = cokino::wire::json_document::parse(r.body());
        if (!r.ok() || !answer)
            return cokino::failure(cokino::errc::host_fault); // says nothing of the job
        cokino::job_status out;
        out.word = answer->at("data.status").string_or("");
        out.state = out.word == "succeed"  ? cokino::job_state::succeeded
                    : out.word == "failed" ? cokino::job_state::failed
                                           : cokino::job_state::running;
        if (out.state == cokino::job_state::succeeded)
            out.output.emplace().assets.emplace_back(answer->at("data.video_url").string_or(""));
        return out;
    }

private:
    result<head> build(cokino::wire::method m, const text& path) const
    {
        cokino::wire::head_builder b(m, cokino::wire::url::parse(traits_.base_url + path).value());
        return b.field("Content-Type", "application/json").authorize(key_).build();
    }
    cokino::provider_traits traits_;
    cokino::wire::credential key_;
    std::shared_ptr<const cokino::job_route> route_;
};
