// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal's other half at the fake host: its further models, its storage, its event stream; each is
// spoken to by the library's own dialect, so that the two agree on more than themselves.

#include <cokino/provider/fal.hpp>
#include <cokino/testing/clips.hpp>
#include <cokino/testing/detail/carried.hpp>
#include <cokino/testing/fake_engine.hpp>

#include "testing/engine_driver.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace fake_engine_fal_test {

using namespace engine_test;

/// A body as an answer, to be read by the driver.
cokino::testing::fake_reply reply_of(std::string body)
{
    cokino::testing::fake_reply out;
    out.body = std::move(body);
    return out;
}

/// The adapter on one side, the engine on the other.
struct pair_of_them : engine_test::host {
    fake_reply carry(const result<wire::request>& r)
    {
        REQUIRE_MESSAGE(r.has_value(), (r ? std::string() : r.error().describe()));
        return engine.handle(testing::detail::carried::request_of(*r));
    }
    wire::response answer(const result<wire::request>& r)
    {
        const fake_reply reply = carry(r);
        return wire::make_response(reply.status, reply.payload());
    }
    template <class Request> result<job_record> submit(const Request& request)
    {
        auto encoded = there.encode(request, submit_context());
        REQUIRE_MESSAGE(encoded.has_value(), (encoded ? "" : encoded.error().describe()));
        job_record job;
        job.route = encoded->route;
        job.duration_s = encoded->duration_s;
        const auto decoded = there.decode_submit(answer(encoded->request), job);
        if (!decoded)
            return decoded.error();
        return job;
    }
    job_status result_of(const job_record& job)
    {
        auto status = there.decode_status(job, answer(there.encode_status(job)));
        REQUIRE(status.has_value());
        if (!status->result_pending)
            return *status;
        auto full = there.decode_result(job, answer(there.encode_result(job)));
        REQUIRE(full.has_value());
        return *full;
    }
    std::string uploaded(std::string_view bytes)
    {
        media_upload m;
        m.bytes = bytes;
        m.content_type = "image/png";
        m.file_name = "frame-1.png";
        for (int step = 0; step < 2; ++step)
            REQUIRE(there.decode_upload(m, answer(there.encode_upload(m))).has_value());
        return m.url;
    }

    cokino::fal there{api_key("k", "FAL_KEY"), [] {
                          fal_options o;
                          o.base_url = "http://127.0.0.1:4711";
                          return o;
                      }()};
};

TEST_CASE("every model that the dialect knows is taken, rendered, and has its price")
{
    pair_of_them f;
    const struct {
        video_model model;
        int seconds;
        std::optional<bool> audio;
        std::int64_t mills;
    } rows[] = {
        {video_model::kling_2_5_turbo_pro, 10, {}, 700},
        {video_model::kling_3_0_pro, 5, {}, 840}, // with sound unless it is turned off
        {video_model::kling_3_0_pro, 3, false, 336},
        {video_model::kling_3_0_standard, 15, true, 1890},
        {video_model::seedance_2_0, 4, false, 1208},
    };
    for (const auto& row : rows) {
        CAPTURE(text_of(row.model));
        text_to_video clip("a street");
        clip.model = row.model;
        clip.duration = std::chrono::seconds(row.seconds);
        clip.audio = row.audio;
        image_to_video motion("https://example.org/first.png", "push in");
        motion.model = row.model;
        motion.duration = clip.duration;
        motion.audio = row.audio;
        motion.tail_image = "https://example.org/last.png";
        for (const auto& job : {f.submit(clip), f.submit(motion)}) {
            REQUIRE(job.has_value());
            CHECK(f.engine.jobs().back().price_mills == row.mills);
            CHECK(f.engine.jobs().back().invalid_input == "");
            CHECK(f.engine.jobs().back().duration_s == row.seconds);
            f.clock.pass(12s);
            const auto done = f.result_of(*job);
            CHECK(done.state == job_state::succeeded);
            REQUIRE(done.output.has_value());
            CHECK(done.output->assets.size() == 1);
        }
    }
    for (const auto m : {image_model::flux_1_1_pro, image_model::flux_2_pro,
                         image_model::recraft_v3, image_model::recraft_v4}) {
        CAPTURE(text_of(m));
        text_to_image still("a lantern");
        still.model = m;
        const auto job = f.submit(still);
        REQUIRE(job.has_value());
        f.clock.pass(12s);
        CHECK(f.result_of(*job).state == job_state::succeeded);
    }
    CHECK(f.engine.counts().unknown_routes == 0);
}

TEST_CASE(
    "what a model is called at another host, or of another type, is refused as fal refuses it")
{
    const std::string v3 = "/fal-ai/kling-video/v3/pro/image-to-video";
    const std::string seedance = "/bytedance/seedance-2.0/text-to-video";
    const struct {
        std::string path, body;
        const char* field;
    } rows[] = {
        {v3, R"({"prompt":"p","image_url":"https://example.org/x.png"})", "start_image_url"},
        {v3, R"({"prompt":"p","start_image_url":"https://x.example/","duration":5})", "duration"},
        {v3, R"({"prompt":"p","start_image_url":"https://x.example/","duration":"16"})",
         "duration"},
        {v3, R"({"prompt":"p","start_image_url":"https://x.example/","generate_audio":"yes"})",
         "generate_audio"},
        {seedance, R"({"prompt":"p","duration":"3"})", "duration"},
        {i2v, R"({"prompt":"p","image_url":"https://queue.fal.run/files/u/9/x.png"})", "image_url"},
    };
    fake_options o;
    o.validates_at_submit = true;
    host h(o);
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto refused = h.fal_submit(row.body, row.path);
        CHECK(refused.status == 422);
        CHECK(text_at(refused, "/detail/0/loc/1") == row.field);
    }
    CHECK(h.engine.counts().jobs == 0);
}

TEST_CASE("a frame is announced with the key, put without it, and then starts a clip of its shape")
{
    pair_of_them f;
    const std::string frame = still(512, 768);
    const std::string url = f.uploaded(frame);
    CHECK(url == "http://127.0.0.1:4711/files/u/1/frame-1.png");
    CHECK(f.engine.counts().uploads == 1);
    CHECK(f.engine.counts().keys_leaked == 0);
    REQUIRE(f.engine.uploads().size() == 1);
    CHECK(*f.engine.uploads()[0].bytes == frame);
    const auto fetched = f.ask("GET", "/files/u/1/frame-1.png");
    CHECK(fetched.status == 200);
    CHECK(fetched.field("content-type") == "image/png");
    CHECK(fetched.payload() == frame);

    image_to_video motion(url, "push in");
    motion.negative_prompt = "blurry, warped faces, text, watermark";
    const auto job = f.submit(motion);
    REQUIRE(job.has_value());
    CHECK(text_at(reply_of(f.engine.jobs()[0].body), "/negative_prompt") == motion.negative_prompt);
    CHECK(f.engine.jobs()[0].image_url == url);
    f.clock.pass(12s);
    const auto done = f.result_of(*job);
    REQUIRE(done.state == job_state::succeeded);
    CHECK(f.fetch(done.output->assets[0].url).payload() ==
          clip_1080p(5, aspect_ratio::portrait_9_16));
}

TEST_CASE("the storage refuses what was not announced, not signed, of another type, or keyed")
{
    host h;
    const std::string announce = "/storage/upload/initiate?storage_type=fal-cdn-v3";
    const std::string body = R"({"content_type":"image/png","file_name":"a b.png"})";
    CHECK(h.ask("POST", announce, body).status == 401);
    CHECK(h.fal("POST", "/storage/upload/initiate", body).status == 422);
    CHECK(h.fal("POST", announce, R"({"content_type":"image/png"})").status == 422);
    CHECK(h.fal("POST", announce, "{").status == 422);
    CHECK(h.fal("GET", announce).status == 405);
    const auto told = h.fal("POST", announce, body);
    CHECK(members_of(told) == "upload_url file_url");
    const std::string to = host::target_of(text_at(told, "/upload_url"));
    const std::string file = host::target_of(text_at(told, "/file_url"));
    CHECK(file == "/files/u/1/a%20b.png");
    CHECK(h.ask("GET", file).status == 404); // nothing has come yet
    const std::pair<std::string, std::string> png{"content-type", "image/png"};
    CHECK(h.ask("PUT", file, "x", {png}).status == 403);
    CHECK(h.ask("PUT", to + "0", "x", {png}).status == 403);
    CHECK(h.ask("PUT", to, "x", {{"content-type", "image/jpeg"}}).status == 400);
    CHECK(h.ask("PUT", to, "x", {png, {"authorization", "Key k"}}).status == 400);
    CHECK(h.engine.counts().keys_leaked == 1);
    CHECK(h.engine.counts().uploads == 0);
    CHECK(h.ask("PUT", to, "x", {png}).status == 200);
    CHECK(h.ask("GET", file).payload() == "x");
    CHECK(h.ask("DELETE", file).status == 404);
}

/// When each piece comes, and what it says.
struct heard {
    std::vector<std::chrono::milliseconds> at;
    std::vector<std::string> words; ///< "ping", or the host's word.
    std::chrono::milliseconds end{0};
};

heard hear(const fake_reply& r)
{
    heard out;
    for (const fake_piece& piece : r.pieces) {
        out.end += piece.after;
        CHECK(piece.bytes.ends_with("\n\n"));
        out.at.push_back(out.end);
        if (piece.bytes == ": ping\n\n")
            out.words.emplace_back("ping");
        else
            out.words.push_back(text_at(reply_of(piece.bytes.substr(6)), "/status"));
    }
    return out;
}

TEST_CASE("the stream tells each state when it comes, and pings between")
{
    pair_of_them f;
    f.engine.faults().on_job(1).renders_in(40s);
    const auto job = f.submit(text_to_video("a street"));
    REQUIRE(job.has_value());
    const auto reply = f.carry(f.there.encode_stream(*job));
    CHECK(reply.status == 200);
    CHECK(reply.field("content-type").starts_with("text/event-stream"));
    const auto all = hear(reply);
    CHECK(all.words ==
          std::vector<std::string>{"IN_QUEUE", "IN_PROGRESS", "ping", "ping", "COMPLETED"});
    CHECK(all.at == std::vector<std::chrono::milliseconds>{0s, 1s, 16s, 31s, 41s});
    for (const fake_piece& piece : reply.pieces)
        if (piece.bytes.starts_with("data: ")) {
            const auto told = f.there.decode_stream(*job, piece.bytes.substr(6));
            REQUIRE(told.has_value());
            CHECK(told->state != job_state::unknown);
        }

    f.clock.pass(5s);
    CHECK(hear(f.carry(f.there.encode_stream(*job))).words.front() == "IN_PROGRESS");
    f.clock.pass(40s);
    const auto late = hear(f.carry(f.there.encode_stream(*job)));
    CHECK(late.words == std::vector<std::string>{"COMPLETED"});
    CHECK(late.end == 0s);
    CHECK(f.engine.counts().streams == 3);
    CHECK(f.engine.counts().polls == 0);
}

TEST_CASE("the stream of a job that never ends pings for an hour; logs come when asked for")
{
    host h;
    h.engine.faults().on_job(1).hangs();
    h.fal_submit();
    const auto all = hear(h.fal("GET", h.fal_job() + "/status/stream"));
    CHECK(all.words.size() == 2 + 239);
    CHECK(all.words.back() == "ping");
    CHECK(all.end > 59min);
    CHECK(all.end <= 1h);
    const auto told = h.fal("GET", h.fal_job() + "/status/stream?logs=1");
    CHECK(told.pieces.at(1).bytes.find("rendering: ") != std::string::npos);
    CHECK(h.fal("GET", "/fal-ai/kling-video/requests/none/status/stream").status == 404);
    CHECK(h.ask("GET", h.fal_job() + "/status/stream").status == 401);
}

TEST_CASE("a stream breaks off after as many events as it is told, or never begins")
{
    host h;
    h.engine.faults().on_job(1).stream_cut(1).stream_cut(0, 1, breakage::reset).stream_answers(502);
    h.fal_submit();
    const std::string stream = h.fal_job() + "/status/stream";
    const auto cut = h.fal("GET", stream);
    CHECK(hear(cut).words == std::vector<std::string>{"IN_QUEUE"});
    CHECK(cut.cut_at.has_value());
    CHECK(cut.cut_how == breakage::close);
    const auto none = h.fal("GET", stream);
    CHECK(none.in_pieces);
    CHECK(none.pieces.empty());
    CHECK(none.cut_how == breakage::reset);
    CHECK(h.fal("GET", stream).status == 502);
    CHECK(hear(h.fal("GET", stream)).words.back() == "COMPLETED");
}

} // namespace fake_engine_fal_test
