// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a dialect offers that says nothing: no kind of request, no second step, no cancel.
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/provider.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

namespace provider_test {

using cokino::errc;

class bare_provider : public cokino::provider
{
public:
    bare_provider() { traits_.name = "bare"; }
    const cokino::provider_traits& traits() const noexcept override { return traits_; }
    cokino::result<void> decode_submit(const cokino::wire::response&,
                                       cokino::job_record&) const override
    {
        return {};
    }
    cokino::result<cokino::wire::request> encode_status(const cokino::job_record&) const override
    {
        return cokino::wire::request();
    }
    cokino::result<cokino::job_status> decode_status(const cokino::job_record&,
                                                     const cokino::wire::response& a) const override
    {
        cokino::job_status out;
        out.word = a.body();
        return out;
    }

private:
    cokino::provider_traits traits_;
};

TEST_CASE("a request that a host does not take at all is refused with host and request named")
{
    const bare_provider host;
    const auto check = [](const auto& out, const char* message) {
        REQUIRE(out.has_error());
        CHECK(out.error() == errc::unsupported_field);
        CHECK(out.error().facts().host == "bare");
        CHECK(out.error().facts().field == "model");
        CHECK(out.error().facts().message == message);
        CHECK(out.error().facts().billed == cokino::billing::no);
    };
    check(host.encode(cokino::text_to_video("a"), cokino::submit_context()),
          "this host takes no text_to_video");
    check(host.encode(cokino::image_to_video("https://x.example/", "a"), cokino::submit_context()),
          "this host takes no image_to_video");
    check(host.encode(cokino::text_to_image("a"), cokino::submit_context()),
          "this host takes no text_to_image");
    check(host.encode(cokino::video_upscale("https://x.example/", 2), cokino::submit_context()),
          "this host takes no video_upscale");
}

TEST_CASE("an upscale orders as much as is known of its source, and no more")
{
    cokino::video clip;
    clip.file = cokino::asset("https://example.org/clip.mp4");
    const auto ordered = [](const cokino::video_upscale& r) {
        cokino::encoded_submit out;
        out.orders_clip(r);
        return out;
    };
    using cokino::video_resolution;
    const auto nothing = ordered(cokino::video_upscale(clip, 2));
    CHECK(nothing.duration_s == 0);
    CHECK(nothing.lines == 0);
    CHECK(nothing.aspect_ratio.empty());

    clip.duration_s = 5;
    clip.lines = 720;
    clip.aspect_ratio = "9:16";
    const auto half_more = ordered(cokino::video_upscale(clip, 1.5));
    CHECK(half_more.duration_s == 5);
    CHECK(half_more.lines == 1080);
    CHECK(half_more.aspect_ratio == "9:16");
    // No page promises more than 4k.
    clip.lines = 1080;
    CHECK(ordered(cokino::video_upscale(clip, 4)).lines == 2160);
    clip.lines = 720;
    // What a host makes of "4k" in another shape than 16:9 is not told.
    CHECK(ordered(cokino::video_upscale(clip, video_resolution::uhd_4k)).lines == 0);
    clip.aspect_ratio = "16:9";
    CHECK(ordered(cokino::video_upscale(clip, video_resolution::uhd_4k)).lines == 2160);
    clip.aspect_ratio = "21:9";
    CHECK(ordered(cokino::video_upscale(clip, 2)).aspect_ratio.empty());

    // Members of the host's own may order another picture, though not another length.
    cokino::video_upscale own(clip, 2);
    own.extra = "{}";
    CHECK(ordered(own).lines == 0);
    CHECK(ordered(own).duration_s == 5);
}

TEST_CASE("a host without a second step has no request for it, and reads a status instead")
{
    const bare_provider host;
    const cokino::job_record job = provider_rows::record_of(nullptr, "8");
    const auto asked = host.encode_result(job);
    REQUIRE(asked.has_error());
    CHECK(asked.error() == errc::internal_error);
    const auto read = host.decode_result(job, provider_rows::answer(200, "word"));
    REQUIRE(read.has_value());
    CHECK(read->word == "word");
}

TEST_CASE("a host that cannot cancel says so, and sends nothing")
{
    const bare_provider host;
    const cokino::job_record job = provider_rows::record_of(nullptr, "8");
    CHECK_FALSE(host.traits().can_cancel);
    const auto asked = host.encode_cancel(job);
    REQUIRE(asked.has_error());
    CHECK(asked.error() == errc::unsupported_field);
    CHECK(asked.error().sent() == cokino::fate::not_sent);
    const auto outcome = host.decode_cancel(job, provider_rows::answer(200, ""));
    REQUIRE(outcome.has_value());
    CHECK(*outcome == cokino::cancel_outcome::not_supported);
}

TEST_CASE("what an HTTP status means when the host says nothing better")
{
    using cokino::detail::errc_of_status;
    for (const unsigned status : {200U, 201U, 204U, 299U})
        CHECK(errc_of_status(status) == errc::ok);
    const struct {
        unsigned status;
        errc meaning;
    } rows[] = {
        {300, errc::redirect_refused}, {308, errc::redirect_refused}, {400, errc::request_rejected},
        {401, errc::unauthorised},     {402, errc::out_of_credit},    {403, errc::forbidden},
        {404, errc::not_found},        {408, errc::host_fault},       {409, errc::request_rejected},
        {410, errc::not_found},        {413, errc::request_rejected}, {422, errc::request_rejected},
        {425, errc::rate_limited},     {429, errc::rate_limited},     {451, errc::content_refused},
        {500, errc::host_fault},       {503, errc::host_fault},       {599, errc::host_fault},
        {0, errc::answer_malformed},   {199, errc::answer_malformed}, {600, errc::answer_malformed},
    };
    for (const auto& row : rows) {
        CAPTURE(row.status);
        CHECK(errc_of_status(row.status) == row.meaning);
    }
}

TEST_CASE("an id is kept when it is printable, short enough and no path of its own")
{
    using cokino::detail::is_job_id;
    CHECK(is_job_id("7d1f2c90-3b54"));
    CHECK(is_job_id("a/b?c"));
    CHECK(is_job_id(std::string(256, 'a')));
    for (const std::string& id :
         {std::string(), std::string("."), std::string(".."), std::string("a b"),
          std::string("a\n"), std::string("a\0b", 3), std::string("\x7F"), std::string(257, 'a')})
        CHECK_FALSE(is_job_id(id));
}

} // namespace provider_test
