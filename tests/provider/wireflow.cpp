// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// wireflow: requests to graphs, what of them is refused, the workflow, files, and where the key
// goes. Answers are in wireflow_answers.cpp.
#include <cokino/provider/wireflow.hpp>

#include <provider/rows.hpp>

#include <doctest/doctest.h>

#include <string>

namespace wireflow_test {

using namespace provider_rows;
using namespace std::chrono_literals;
using cokino::errc;
using cokino::submit_context;
using cokino::video_model;

cokino::wireflow_options given()
{
    cokino::wireflow_options o;
    o.workflow_id = "cmwork0001";
    return o;
}

cokino::wireflow host(const cokino::wireflow_options& o = given())
{
    return cokino::wireflow(cokino::api_key(std::string(canary), "WIREFLOW_API_KEY"), o);
}

template <class Request>
cokino::encoded_submit encoded(const Request& r, submit_context c = {},
                               const cokino::wireflow_options& o = given())
{
    auto out = host(o).encode(r, std::move(c));
    REQUIRE(out.has_value());
    return std::move(*out);
}

template <class Request>
cokino::failure refused(const Request& r, submit_context c = {},
                        const cokino::wireflow_options& o = given())
{
    const auto out = host(o).encode(r, std::move(c));
    REQUIRE(out.has_error());
    CHECK(out.error().sent() == cokino::fate::not_sent);
    CHECK(out.error().facts().billed == cokino::billing::no);
    CHECK_FALSE(has(printed(out.error()), canary));
    return out.error();
}

const std::string tail = R"("targetNodeId":"n-kling","triggerData":{},"iteratorConfigs":[],)"
                         R"("force":true})";

std::string kling_node(const std::string& config)
{
    return R"({"id":"n-kling","type":"basedNode","position":{"x":520,"y":0},"data":{)"
           R"("label":"n-kling","nodeType":"video:kling_video_2_5_i2v","category":"video",)"
           R"("config":)" +
           config +
           R"(,"inputs":[{"id":"prompt","type":"TEXT"},{"id":"image_url","type":"IMAGE"}],)"
           R"("outputs":[{"id":"video","type":"VIDEO"}]}})";
}

TEST_CASE("wireflow: a clip from words is a graph of one node")
{
    cokino::text_to_video clip("boat");
    submit_context context;
    context.idempotency_key = "key-1";
    const auto out = encoded(clip, std::move(context));
    CHECK(out.request.head->bytes() == "POST /api/v1/workflows/cmwork0001/execute HTTP/1.1\r\n"
                                       "Host: www.wireflow.ai\r\n"
                                       "User-Agent: cokino/0.1.0\r\n"
                                       "Accept: application/json\r\n"
                                       "Content-Type: application/json\r\n"
                                       "Authorization: Bearer " +
                                           std::string(canary) + "\r\n");
    CHECK(out.request.extra_fields == "Idempotency-Key: key-1\r\n");
    CHECK(out.request.body ==
          R"({"nodes":[)" +
              kling_node(R"({"model_version":"2.5-pro","prompt":"boat","duration":5,)"
                         R"("aspect_ratio":"16:9"})") +
              R"(],"edges":[],)" + tail);
    CHECK(out.route->provider == "wireflow");
    CHECK(out.route->model == "kling-2.5-turbo-pro");
    CHECK(out.route->endpoint == "cmwork0001/n-kling");
    CHECK(out.duration_s == 5);

    clip.model = video_model::kling_3_0_standard;
    clip.negative_prompt = "text";
    clip.cfg_scale = 0.5;
    clip.audio = true;
    clip.duration = 7s;
    CHECK(encoded(clip).request.body ==
          R"({"nodes":[)" +
              kling_node(R"({"model_version":"3.0-standard","prompt":"boat","duration":7,)"
                         R"("aspect_ratio":"16:9","negative_prompt":"text","cfg_scale":0.5,)"
                         R"("generate_audio":true})") +
              R"(],"edges":[],)" + tail);
    CHECK(encoded(clip).request.extra_fields.empty());
    clip.extra = R"({"shot_type":"customize"})";
    CHECK(has(encoded(clip).request.body, R"("generate_audio":true,"shot_type":"customize"})"));
}

TEST_CASE("wireflow: a start frame is a node of its own, and an edge")
{
    const cokino::image_to_video motion("https://cdn.wireflow.ai/uploads/a.png", "push in");
    CHECK(encoded(motion).request.body ==
          R"({"nodes":[{"id":"n-image","type":"basedNode","position":{"x":0,"y":0},"data":{)"
          R"("label":"n-image","nodeType":"input:image","category":"input","inputType":"image",)"
          R"("config":{"image":"https://cdn.wireflow.ai/uploads/a.png",)"
          R"("imageUrl":"https://cdn.wireflow.ai/uploads/a.png"},)"
          R"("outputs":[{"id":"image","type":"IMAGE"}]}},)" +
              kling_node(R"({"model_version":"2.5-pro","prompt":"push in","duration":5})") +
              R"(],"edges":[{"id":"e1","source":"n-image","target":"n-kling",)"
              R"("sourceHandle":"out-image","targetHandle":"in-image_url"}],)" +
              tail);
    for (const char* foreign :
         {"https://fal.media/a.png", "http://cdn.wireflow.ai/a.png", "data:image/png;base64,AAAA",
          "https://cdn.wireflow.ai.evil.example/a.png"}) {
        const auto f = refused(cokino::image_to_video(foreign, "push in"));
        CHECK(f == errc::unsupported_field);
        CHECK(f.facts().field == "image");
    }
}

TEST_CASE("wireflow: stills, nodes that options name, and whole graphs")
{
    cokino::text_to_image still("boat");
    still.model = cokino::image_model::flux_2_pro;
    const auto flux = encoded(still);
    CHECK(has(flux.request.body, R"("nodeType":"generate:flux_2","category":"generate",)"
                                 R"("config":{"prompt":"boat","image_size":"landscape_16_9"})"));
    CHECK(has(flux.request.body, R"("outputs":[{"id":"image","type":"IMAGE"}])"));
    CHECK(flux.route->kind == cokino::job_kind::images);
    CHECK(flux.route->endpoint == "cmwork0001/n-flux");
    still.width = still.height = 512;
    CHECK(has(encoded(still).request.body, R"("image_size":{"width":512,"height":512})"));
    still.model = cokino::image_model::recraft_v4;
    CHECK(refused(still).facts().field == "model");
    cokino::text_to_video clip("boat");
    clip.model = video_model::seedance_2_0;
    CHECK(refused(clip).facts().field == "model");
    auto o = given();
    o.recraft_v4_node = "generate:recraft_v4";
    o.seedance_2_0_node = "video:seedance_2_0";
    o.force = false;
    CHECK(has(encoded(still, {}, o).request.body, R"("nodeType":"generate:recraft_v4")"));
    CHECK(has(encoded(clip, {}, o).request.body, R"("nodeType":"video:seedance_2_0")"));
    CHECK(has(encoded(clip, {}, o).request.body, R"("force":false})"));

    const cokino::raw_request<cokino::video> raw("cmwork/7", R"({"nodes":[]})");
    CHECK(refused(raw).facts().field == "endpoint");
    const cokino::raw_request<cokino::video> whole("cmwork7", R"({"nodes":[1],"edges":[]})");
    submit_context context;
    context.idempotency_key = "k";
    const auto out = encoded(whole, std::move(context));
    CHECK(target_of(out.request) == "POST /api/v1/workflows/cmwork7/execute");
    CHECK(out.request.body == R"({"nodes":[1],"edges":[]})");
    CHECK(out.request.extra_fields == "Idempotency-Key: k\r\n");
    CHECK(refused(cokino::raw_request<cokino::video>("w", R"({"nodes":})")).facts().field ==
          "input");
}

TEST_CASE("wireflow: what it does not take is refused by name, or left out with a warning")
{
    cokino::text_to_video clip("a");
    clip.seed = 1;
    CHECK(refused(clip).facts().field == "seed");
    submit_context hook;
    hook.webhook_url = "https://hooks.example.org/";
    hook.lenient = true;
    const auto out = encoded(clip, std::move(hook));
    REQUIRE(out.warnings.size() == 2);
    CHECK(out.warnings[0].facts().field == "seed");
    CHECK(out.warnings[1].facts().field == "webhook_url");
    CHECK_FALSE(has(out.request.body, "hooks"));
    clip.seed.reset();
    hook = {};
    hook.webhook_url = "https://hooks.example.org/";
    CHECK(refused(clip, std::move(hook)).facts().field == "webhook_url");
    clip.audio = true;
    CHECK(refused(clip).facts().field == "audio");
    clip.audio.reset();
    clip.extra = R"({"duration":5})";
    CHECK(refused(clip).facts().field == "extra");
    cokino::image_to_video motion("https://cdn.wireflow.ai/a.png", "x");
    motion.tail_image = "https://cdn.wireflow.ai/b.png";
    CHECK(refused(motion).facts().field == "tail_image");
    cokino::text_to_image still("a");
    CHECK(refused(still).facts().field == "model"); // flux-1.1-pro has no node
    still.model = cokino::image_model::flux_2_pro;
    still.count = 2;
    CHECK(refused(still).facts().field == "count");
    submit_context evil;
    evil.idempotency_key = "k\r\nX-Evil: 1";
    CHECK(refused(cokino::text_to_video("a"), std::move(evil)) == errc::request_malformed);
}

TEST_CASE("wireflow: the workflow is made once, unless one is given")
{
    CHECK_FALSE(host().traits().needs_setup);
    const cokino::wireflow_options fresh;
    const auto p = host(fresh);
    CHECK(p.traits().needs_setup);
    const auto ask = p.encode_setup();
    REQUIRE(ask.has_value());
    CHECK(target_of(*ask) == "POST /api/v1/workflows");
    CHECK(has(ask->body, R"({"name":"cokino","isActive":true,"tags":["cokino"],"nodes":[{)"));
    CHECK(*p.decode_setup(answer(201, R"({"data":{"id":"cmwork9","name":"x"},"meta":{}})")) ==
          "cmwork9");
    CHECK(*p.decode_setup(answer(200, R"({"id":"cmwork9"})")) == "cmwork9");
    for (const auto& hostile : hostile_bodies()) {
        CAPTURE(hostile.what);
        const auto out = p.decode_setup(answer(200, hostile.text));
        REQUIRE(out.has_error());
        check_facts(out.error(), "wireflow", 200);
    }
    const auto poor = p.decode_setup(answer(401, R"({"error":"API key has expired"})"));
    CHECK(poor.error() == errc::unauthorised);
    CHECK(poor.error().facts().operation == "setup");

    submit_context context;
    context.setup = "cmwork9";
    const auto out = encoded(cokino::text_to_video("a"), std::move(context), fresh);
    CHECK(target_of(out.request) == "POST /api/v1/workflows/cmwork9/execute");
    CHECK(refused(cokino::text_to_video("a"), {}, fresh).facts().field == "workflow_id");
    auto odd = given();
    odd.workflow_id = "..";
    CHECK(refused(cokino::text_to_video("a"), {}, odd) == errc::invalid_options);
    odd = given();
    odd.workflow_name = "";
    CHECK(refused(cokino::text_to_video("a"), {}, odd).facts().field == "workflow_name");
}

TEST_CASE("wireflow: a link is fetched by the host, a file goes as a form or to a signed link")
{
    const auto p = host();
    cokino::media_upload m;
    m.link = "https://fal.media/a.png";
    CHECK(target_of(*p.encode_upload(m)) == "POST /api/v1/media/upload");
    CHECK(p.encode_upload(m)->body == R"({"url":"https://fal.media/a.png"})");
    const std::string stored = R"({"data":{"url":"https://cdn.wireflow.ai/uploads/a.png"}})";
    REQUIRE(p.decode_upload(m, answer(200, stored)).has_value());
    CHECK(m.url == "https://cdn.wireflow.ai/uploads/a.png");

    cokino::media_upload form;
    const std::string bytes = "PNG";
    form.bytes = bytes;
    form.content_type = "image/png";
    form.file_name = "f.png";
    CHECK(p.encode_upload(form)->body ==
          "--cokino-frame-0\r\nContent-Disposition: form-data; name=\"file\"; "
          "filename=\"f.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--cokino-frame-0--\r\n");

    cokino::media_upload large = form;
    const std::string many(5 * 1024 * 1024, 'x');
    large.bytes = many;
    CHECK(target_of(*p.encode_upload(large)) == "POST /api/v1/media/upload-url");
    CHECK(p.encode_upload(large)->body ==
          R"({"filename":"f.png","contentType":"image/png","size":5242880})");
    REQUIRE(p.decode_upload(large, answer(200, R"({"data":{"uploadUrl":)"
                                               R"("https://bucket.example/u?sig=1",)"
                                               R"("method":"PUT","mediaId":"m-1"}})"))
                .has_value());
    const auto put = p.encode_upload(large);
    REQUIRE(put.has_value());
    CHECK(target_of(*put) == "PUT /u?sig=1");
    CHECK_FALSE(put->head->carries_key());
    CHECK_FALSE(has(put->head->bytes(), canary));
    CHECK(put->public_addresses_only);
    CHECK(put->payload() == many);
    REQUIRE(p.decode_upload(large, answer(200, "")).has_value());
    CHECK(target_of(*p.encode_upload(large)) == "POST /api/v1/media/upload-url/complete");
    CHECK(p.encode_upload(large)->body == R"({"mediaId":"m-1"})");
    REQUIRE(p.decode_upload(large, answer(200, stored)).has_value());
    CHECK(large.url == "https://cdn.wireflow.ai/uploads/a.png");
}

TEST_CASE("wireflow: an upload that goes astray is refused, and no key goes with it")
{
    const auto p = host();
    for (const char* body : {"", "{}", R"({"data":{"url":"https://evil.example/a.png"}})",
                             R"({"data":{"uploadUrl":"http://evil.example/u","mediaId":"m"}})",
                             R"({"data":{"uploadUrl":"https://b.example/u"}})"}) {
        cokino::media_upload m;
        m.link = "https://a.example/x.png";
        const auto out = p.decode_upload(m, answer(200, body));
        REQUIRE(out.has_error());
        CHECK(out.error() == errc::answer_malformed);
        CHECK(m.url.empty());
    }
    cokino::media_upload m;
    m.target = "http://10.0.0.1/u";
    CHECK(p.encode_upload(m).error() == errc::link_refused);
    m.target = "https://b.example/u";
    const auto denied = p.decode_upload(m, answer(403, "<Error/>"));
    CHECK(denied.error() == errc::link_expired);
    m.target.clear();
    CHECK(p.decode_upload(m, answer(403, "{}")).error() == errc::forbidden);
}

TEST_CASE("wireflow: a look goes to the long path, and nothing can be cancelled")
{
    const auto p = host();
    auto job = record_of(encoded(cokino::text_to_video("a")).route, "exec_1");
    CHECK(target_of(*p.encode_status(job)) == "GET /api/v1/workflows/executions/exec_1/poll");
    job.id = "a/b";
    CHECK(target_of(*p.encode_status(job)) == "GET /api/v1/workflows/executions/a%2Fb/poll");
    CHECK(p.encode_cancel(job).error() == errc::unsupported_field);
    CHECK_FALSE(p.traits().can_cancel);
    auto o = given();
    o.base_url = "https://wireflow.example/api/v1";
    CHECK(host(o).encode_status(job).error() == errc::invalid_job);
    const cokino::host_facts& f = p.facts();
    CHECK(f.host == p.traits().name);
    CHECK(f.api == p.traits().base_url);
    CHECK(f.repeats == p.traits().repeats);
    CHECK(f.repeats == cokino::repeat_semantics::replays);
    CHECK(f.key_lifetime == 24h);
    CHECK_FALSE(p.traits().media.takes_links);
    CHECK(p.traits().webhook == cokino::webhook_scheme::none);
}

} // namespace wireflow_test
