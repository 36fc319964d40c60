// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal: the models beside Kling 2.5 and FLUX, what each of them does not know, and raw orders.
#include <cokino/provider/detail/fal_facts.hpp>
#include <cokino/provider/fal.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace fal_models_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::image_model;
using cokino::submit_context;
using cokino::video_model;

const cokino::fal& host()
{
    static const cokino::fal fal(cokino::api_key(std::string(canary), "FAL_KEY"));
    return fal;
}

submit_context leniently()
{
    submit_context c;
    c.lenient = true;
    return c;
}

template <class Request>
void check(const Request& request, std::string_view path, std::string_view body)
{
    CAPTURE(path);
    const auto out = host().encode(request, submit_context());
    REQUIRE(out.has_value());
    CHECK(target_of(out->request) == "POST /" + std::string(path));
    CHECK(out->request.body == body);
    CHECK(out->route->endpoint == path);
    CHECK(out->route->model == text_of(request.model));
    CHECK(out->warnings.empty());
}

TEST_CASE("fal: Kling 3.0 names its frames in its own way, and takes sound and odd lengths")
{
    cokino::text_to_video clip("a street");
    clip.model = video_model::kling_3_0_pro;
    clip.duration = 13s;
    clip.audio = false;
    clip.cfg_scale = 0.5;
    check(clip, "fal-ai/kling-video/v3/pro/text-to-video",
          R"({"prompt":"a street","duration":"13","aspect_ratio":"16:9","cfg_scale":0.5,)"
          R"("generate_audio":false})");
    clip.model = video_model::kling_3_0_standard;
    clip.audio.reset();
    clip.cfg_scale.reset();
    clip.duration = 3s;
    check(clip, "fal-ai/kling-video/v3/standard/text-to-video",
          R"({"prompt":"a street","duration":"3","aspect_ratio":"16:9"})");

    cokino::image_to_video motion("https://example.org/first.png", "push in");
    motion.tail_image = "https://example.org/last.png";
    motion.negative_prompt = "text";
    motion.audio = true;
    motion.model = video_model::kling_3_0_standard;
    check(motion, "fal-ai/kling-video/v3/standard/image-to-video",
          R"({"prompt":"push in","start_image_url":"https://example.org/first.png",)"
          R"("end_image_url":"https://example.org/last.png","duration":"5",)"
          R"("negative_prompt":"text","generate_audio":true})");
    motion.model = video_model::kling_3_0_pro;
    motion.tail_image = "";
    check(motion, "fal-ai/kling-video/v3/pro/image-to-video",
          R"({"prompt":"push in","start_image_url":"https://example.org/first.png",)"
          R"("duration":"5","negative_prompt":"text","generate_audio":true})");
}

TEST_CASE("fal: Seedance has an owner of its own, which its jobs are asked for under")
{
    cokino::text_to_video clip("a street");
    clip.model = video_model::seedance_2_0;
    clip.seed = 7;
    clip.audio = true;
    check(clip, "bytedance/seedance-2.0/text-to-video",
          R"({"prompt":"a street","duration":"5","aspect_ratio":"16:9","generate_audio":true,)"
          R"("seed":7})");
    cokino::image_to_video motion("https://example.org/first.png", "push in");
    motion.model = video_model::seedance_2_0;
    motion.tail_image = "https://example.org/last.png";
    motion.duration = 15s;
    check(motion, "bytedance/seedance-2.0/image-to-video",
          R"({"prompt":"push in","image_url":"https://example.org/first.png",)"
          R"("end_image_url":"https://example.org/last.png","duration":"15"})");
    const auto sent = host().encode(motion, submit_context());
    REQUIRE(sent.has_value());
    const auto look = host().encode_status(record_of(sent->route, "7d1f2c90"));
    REQUIRE(look.has_value());
    CHECK(target_of(*look) == "GET /bytedance/seedance-2.0/requests/7d1f2c90/status");
}

TEST_CASE("fal: Recraft takes prompt and size")
{
    cokino::text_to_image still("a lantern");
    still.model = image_model::recraft_v3;
    check(still, "fal-ai/recraft/v3/text-to-image",
          R"({"prompt":"a lantern","image_size":"landscape_16_9"})");
    still.model = image_model::recraft_v4;
    still.width = 1024;
    still.height = 512;
    check(still, "fal-ai/recraft/v4/text-to-image",
          R"({"prompt":"a lantern","image_size":{"width":1024,"height":512}})");
}

/// Strict: refused by that field. Lenient: the same body as without the field, and a warning.
template <class Request>
void check_unknown(const Request& plain, const Request& asking, const char* field)
{
    CAPTURE(field);
    const auto refused = host().encode(asking, submit_context());
    REQUIRE(refused.has_error());
    CHECK(refused.error() == errc::unsupported_field);
    CHECK(refused.error().facts().field == field);
    CHECK(refused.error().facts().host == "fal");
    CHECK(refused.error().sent() == cokino::fate::not_sent);
    const auto without = host().encode(plain, submit_context());
    const auto lenient = host().encode(asking, leniently());
    REQUIRE(without.has_value());
    REQUIRE(lenient.has_value());
    CHECK(lenient->request.body == without->request.body);
    REQUIRE(lenient->warnings.size() == 1);
    CHECK(lenient->warnings[0].facts().field == field);
    CHECK(lenient->warnings[0].facts().message == refused.error().facts().message);
}

TEST_CASE("fal: a field that a model does not know is refused, or left out with a warning")
{
    const auto clip = [](video_model model, auto change) {
        cokino::text_to_video out("a street");
        out.model = model;
        change(out);
        return out;
    };
    const auto none = [](auto&) {};
    for (const auto m : {video_model::kling_2_5_turbo_pro, video_model::kling_3_0_pro,
                         video_model::kling_3_0_standard})
        check_unknown(clip(m, none), clip(m, [](auto& r) { r.seed = 1; }), "seed");
    const auto seedance = video_model::seedance_2_0;
    check_unknown(clip(seedance, none), clip(seedance, [](auto& r) { r.negative_prompt = "x"; }),
                  "negative_prompt");
    check_unknown(clip(seedance, none), clip(seedance, [](auto& r) { r.cfg_scale = 0.5; }),
                  "cfg_scale");
    const auto turbo = video_model::kling_2_5_turbo_pro;
    check_unknown(clip(turbo, none), clip(turbo, [](auto& r) { r.audio = true; }), "audio");
    // Silence is what it makes anyway.
    const auto silent =
        host().encode(clip(turbo, [](auto& r) { r.audio = false; }), submit_context());
    REQUIRE(silent.has_value());
    CHECK_FALSE(has(silent->request.body, "audio"));
    CHECK(silent->warnings.empty());

    cokino::image_to_video motion("https://example.org/first.png", "push in");
    motion.model = video_model::kling_2_5_turbo_standard;
    auto with_tail = motion;
    with_tail.tail_image = "https://example.org/last.png";
    check_unknown(motion, with_tail, "tail_image");

    for (const auto m :
         {image_model::flux_2_pro, image_model::recraft_v3, image_model::recraft_v4}) {
        cokino::text_to_image one("a lantern");
        one.model = m;
        auto several = one;
        several.count = 2;
        check_unknown(one, several, "count");
        if (m == image_model::flux_2_pro)
            continue;
        auto seeded = one;
        seeded.seed = 1;
        check_unknown(one, seeded, "seed");
    }

    // Leniency is about fields, not about models or values.
    const auto absent =
        host().encode(clip(video_model::kling_2_5_turbo_standard, none), leniently());
    REQUIRE(absent.has_error());
    CHECK(absent.error() == errc::unsupported_field);
    CHECK(absent.error().facts().field == "model");
    const auto longer = host().encode(clip(turbo, [](auto& r) { r.duration = 7s; }), leniently());
    REQUIRE(longer.has_error());
    CHECK(longer.error() == errc::invalid_argument);
}

TEST_CASE("fal: the user's own members stand beside ours, and never in their place")
{
    cokino::text_to_video clip("a street");
    clip.model = video_model::seedance_2_0;
    clip.extra = R"({"resolution":"480p","end_user_id":"ann"})";
    const auto out = host().encode(clip, submit_context());
    REQUIRE(out.has_value());
    CHECK(out->request.body ==
          R"({"prompt":"a street","duration":"5","aspect_ratio":"16:9","resolution":"480p",)"
          R"("end_user_id":"ann"})");
    cokino::text_to_image still("a lantern");
    still.seed = 17454220438242315174U;
    still.extra = R"({"output_format":"png"})";
    const auto seeded = host().encode(still, submit_context());
    REQUIRE(seeded.has_value());
    CHECK(has(seeded->request.body, R"("seed":17454220438242315174,"output_format":"png"})"));

    clip.extra = R"({"duration":"9"})";
    const auto twice = host().encode(clip, submit_context());
    REQUIRE(twice.has_error());
    CHECK(twice.error() == errc::invalid_argument);
    CHECK(twice.error().facts().field == "extra");
    CHECK(has(twice.error().facts().message, "duration"));
    clip.extra = R"({"resolution":})";
    CHECK(host().encode(clip, submit_context()).has_error());
}

TEST_CASE("fal: a raw order goes to the endpoint that it names, with its input as the body")
{
    const cokino::raw_request<cokino::video> order("workflows/ann/boats/v2",
                                                   R"({"prompt":"a street","n":1e2})");
    submit_context c;
    c.webhook_url = "https://hooks.example.org/";
    const auto out = host().encode(order, std::move(c));
    REQUIRE(out.has_value());
    CHECK(target_of(out->request) ==
          "POST /workflows/ann/boats/v2?fal_webhook=https%3A%2F%2Fhooks.example.org%2F");
    CHECK(out->request.body == R"({"prompt":"a street","n":1e2})");
    CHECK(out->request.head->carries_key());
    CHECK(out->route->kind == cokino::job_kind::video);
    CHECK(out->route->endpoint == "workflows/ann/boats/v2");
    CHECK(out->route->model == "workflows/ann/boats/v2");
    CHECK(out->duration_s == 0);
    const auto look = host().encode_result(record_of(out->route, "7d1f2c90"));
    REQUIRE(look.has_value());
    CHECK(target_of(*look) == "GET /workflows/ann/boats/requests/7d1f2c90");

    const cokino::raw_request<cokino::images> still("fal-ai/flux/dev", "{}");
    const auto images = host().encode(still, submit_context());
    REQUIRE(images.has_value());
    CHECK(images->route->kind == cokino::job_kind::images);

    for (const char* endpoint :
         {"flux", "/fal-ai/flux", "fal-ai/flux/", "fal-ai//flux", "fal-ai/../keys",
          "fal-ai/flux/..", "fal-ai/flux?a=b", "fal-ai/flux/x#y", "https://evil.example/x",
          "fal-ai/flux/%2e%2e"}) {
        CAPTURE(endpoint);
        const cokino::raw_request<cokino::images> odd(endpoint, "{}");
        const auto refused = host().encode(odd, submit_context());
        REQUIRE(refused.has_error());
        CHECK(refused.error() == errc::invalid_argument);
        CHECK(refused.error().facts().field == "endpoint");
    }
    for (const char* input : {R"({"prompt":})", R"({"a":1}{"b":2})", "{\"a\":\"\xFF\"}"}) {
        CAPTURE(input);
        const cokino::raw_request<cokino::images> odd("fal-ai/flux/dev", input);
        const auto refused = host().encode(odd, submit_context());
        REQUIRE(refused.has_error());
        CHECK(refused.error() == errc::invalid_argument);
        CHECK(refused.error().facts().field == "input");
    }
}

TEST_CASE("fal: a complaint about a host's field names ours")
{
    const std::pair<const char*, const char*> rows[] = {
        {"start_image_url", "image"}, {"end_image_url", "tail_image"}, {"generate_audio", "audio"}};
    for (const auto& [theirs, ours] : rows) {
        const auto sent = host().encode(cokino::text_to_video("a"), submit_context());
        REQUIRE(sent.has_value());
        auto job = record_of(sent->route, "");
        const auto refused = host().decode_submit(
            answer(422, R"({"detail":[{"loc":["body",")" + std::string(theirs) +
                            R"("],"msg":"m","type":"missing"}]})"),
            job);
        REQUIRE(refused.has_error());
        CHECK(refused.error().facts().field == ours);
    }
}

TEST_CASE("fal: what is told of it beforehand is what its adapter does")
{
    const cokino::host_facts& facts = host().facts();
    const cokino::provider_traits& traits = host().traits();
    CHECK(facts.host == traits.name);
    CHECK(facts.api == traits.base_url);
    CHECK(facts.repeats == traits.repeats);
    CHECK(facts.status_stream == traits.status_stream);
    CHECK(facts.status_batch_max == traits.status_batch_max);
    CHECK(facts.webhook == traits.webhook);
    CHECK(facts.result_lifetime == traits.result_lifetime);
    CHECK(facts.media.upload_bytes_max == traits.media.upload_bytes_max);
    CHECK(facts.cancel.empty() != traits.can_cancel);
    CHECK(traits.media.formats.has(cokino::image_format::avif));

    namespace tables = cokino::detail::fal_facts;
    CHECK(facts.models.size() == 11);
    for (const auto& m : facts.models) {
        CAPTURE(m.model);
        CHECK(tables::endpoint_of(m.model, false).has_value() == m.from_text);
        const auto frame = tables::endpoint_of(m.model, true);
        CHECK(frame.has_value() == (m.from_image || !m.sizes.empty()));
        CHECK((frame && !tables::endpoints[*frame].last_frame.empty()) == m.tail_image);
        CHECK_FALSE(m.price.empty());
    }
    for (const auto& row : tables::endpoints) {
        CAPTURE(row.path);
        CHECK(tables::is_endpoint(row.path));
        CHECK(row.kind == (row.path.find("video") != std::string_view::npos
                               ? cokino::job_kind::video
                               : cokino::job_kind::images));
    }
}

} // namespace fal_models_test
