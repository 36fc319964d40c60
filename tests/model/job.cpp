// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A job as text and back: what it pins, what is refused and in which words, what makes two equal.
#include <cokino/core/limits.hpp>
#include <cokino/model/asset.hpp>
#include <cokino/model/job.hpp>

#include <doctest/doctest.h>

#include <string>

namespace job_test {

using cokino::job_handle;

cokino::job_route sample_route()
{
    cokino::job_route route;
    route.provider = "fal";
    route.model = "kling-2.5-turbo-pro";
    route.endpoint = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
    route.base_url = "https://queue.fal.run";
    route.key = "FAL_KEY";
    return route;
}

cokino::job_record sample_record()
{
    cokino::job_record record;
    record.route = std::make_shared<const cokino::job_route>(sample_route());
    record.id = "7d1f2c90-3b54";
    return record;
}

job_handle handle(cokino::job_record record)
{
    return job_handle(std::make_shared<const cokino::job_record>(std::move(record)));
}

constexpr std::string_view sample_text =
    "cokino-job:1:video?provider=fal&model=kling-2.5-turbo-pro"
    "&endpoint=fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
    "&base_url=https://queue.fal.run&key=FAL_KEY&id=7d1f2c90-3b54";

TEST_CASE("a job's text is one line that names everything needed to find it, save the key")
{
    CHECK(handle(sample_record()).text() == sample_text);
    CHECK(job_handle().text().empty());
}

TEST_CASE("a job read back is the job that was written, odd characters and all")
{
    cokino::job_route route = sample_route();
    route.kind = cokino::job_kind::images;
    route.provider = "rest & more=?%+#";
    route.model = "";
    route.key = "clé \"x\"";
    cokino::job_record record;
    record.route = std::make_shared<const cokino::job_route>(route);
    record.id = "id/with?odd&marks=%41";
    record.status_url = "https://other.example/s?a=b&c=d";
    record.result_url = "https://other.example/r";
    record.cancel_url = "https://other.example/c";
    record.submitted_ms = 1'790'000'000'123;
    record.duration_s = 10;
    record.lines = 1080;
    record.aspect_ratio = "16:9";
    const job_handle written = handle(record);
    for (const char c : written.text())
        CHECK((c > 0x20 && c < 0x7F));
    const auto read = cokino::parse_job(written.text());
    REQUIRE(read.has_value());
    CHECK(*read == written);
    CHECK(*read->record().route == route);
    CHECK(read->record().id == record.id);
    CHECK(read->record().status_url == record.status_url);
    CHECK(read->record().result_url == record.result_url);
    CHECK(read->record().cancel_url == record.cancel_url);
    CHECK(read->record().submitted_ms == record.submitted_ms);
    CHECK(read->record().duration_s == record.duration_s);
    CHECK(read->record().lines == record.lines);
    CHECK(read->record().aspect_ratio == record.aspect_ratio);
    CHECK(read->text() == written.text());
}

std::string with(std::string_view from, std::string_view to)
{
    std::string text(sample_text);
    text.replace(text.find(from), from.size(), to);
    return text;
}

TEST_CASE("a text that is no whole job of this version is refused with the reason")
{
    const struct {
        std::string text;
        std::string_view message;
    } rows[] = {
        {"", "this is not a job: the text does not begin with cokino-job:"},
        {"https://queue.fal.run/x", "this is not a job: the text does not begin with cokino-job:"},
        {"cokino-job:", "this is not a whole job: the text was cut off"},
        {"cokino-job:1:video", "this is not a whole job: the text was cut off"},
        {"cokino-job:1:video?", "provider is missing"},
        {with(":1:", ":x:"), "the format version is not a number"},
        {with(":1:", ":0:"), "the format version is not a number"},
        {with(":1:", ":99999999999:"), "the format version is not a number"},
        {with(":1:", ":2:"), "written by a newer version of cokino (format 2; this version reads "
                             "up to 1)"},
        {with(":video?", ":sound?"), "the kind of job is unknown; video or images"},
        {with("provider=fal", "provider="), "provider is missing"},
        {with("&model=kling-2.5-turbo-pro", ""), "model is missing"},
        {with("&base_url=https://queue.fal.run", "&base_url="), "base_url is missing"},
        {with("&key=FAL_KEY", ""), "key is missing"},
        {with("&id=7d1f2c90-3b54", ""), "id is missing"},
        {with("&id=7d1f2c90-3b54", "&id="), "id is missing"},
        {with("&id=", "&id=1&id="), "id stands there twice"},
        {with("&id=", "&duration_s=5&duration_s=5&id="), "duration_s stands there twice"},
        {with("&id=", "&duration_s=5.5&id="), "duration_s is not a number that fits"},
        {with("&id=", "&lines=-1&id="), "lines is not a number that fits"},
        {with("&id=", "&lines=2147483648&id="), "lines is not a number that fits"},
        {with("&id=", "&aspect_ratio=16:9&aspect_ratio=16:9&id="),
         "aspect_ratio stands there twice"},
        {with("&id=", "&duration_s=-5&id="), "duration_s is not a number that fits"},
        {with("&id=", "&duration_s=2147483648&id="), "duration_s is not a number that fits"},
        {with("&id=", "&submitted_ms=9223372036854775808&id="),
         "submitted_ms is not a number that fits"},
        {with("&id=", "&stray&id="), "a part of it is not name=value"},
        {with("&id=", "&=x&id="), "a part of it is not name=value"},
        {with("&id=", "&&id="), "a part of it is not name=value"},
        {with("7d1f", "%7-"), "id holds a broken escape or a control character"},
        {with("3b54", "%"), "id holds a broken escape or a control character"},
        {with("7d1f", "%G1"), "id holds a broken escape or a control character"},
        {with("7d1f", "%0d%0aHost:x"), "id holds a broken escape or a control character"},
        {with("7d1f", "%00"), "id holds a broken escape or a control character"},
        {with("&id=", "&evil\"=%01&id="), "a part of it holds a broken escape or a control "
                                          "character"},
        {with("7d1f", "7d 1f"), "this is not a job: a blank, a control character or a letter "
                                "beyond ASCII stands in it"},
        {with("3b54", "3b54\n"), "this is not a job: a blank, a control character or a letter "
                                 "beyond ASCII stands in it"},
        {with("7d1f", "é"), "this is not a job: a blank, a control character or a letter beyond "
                            "ASCII stands in it"},
        {with("7d1f", std::string(16384, 'a')), "a text of 16554 bytes; a job has at most 16384"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text.substr(0, 300));
        const auto read = cokino::parse_job(row.text);
        REQUIRE(read.has_error());
        CHECK(read.error() == cokino::errc::invalid_job);
        CHECK(read.error().facts().field == "job");
        CHECK(read.error().facts().message == row.message);
    }
}

TEST_CASE("every cut of a job's text is refused, or gives another id and never a crash")
{
    for (std::size_t length = 0; length < sample_text.size(); ++length) {
        const auto read = cokino::parse_job(sample_text.substr(0, length));
        if (read.has_value()) {
            CHECK(read->id() != "7d1f2c90-3b54");
            CHECK(length > sample_text.find("&id=") + 4);
        }
    }
}

TEST_CASE("a part that a later version added is ignored")
{
    const auto read = cokino::parse_job(with("&id=", "&region=eu%20west&id="));
    REQUIRE(read.has_value());
    CHECK(read->text() == sample_text);
}

TEST_CASE("a job can be read as the kind that it is, and as no other")
{
    CHECK(cokino::parse_job_as<cokino::video>(sample_text).has_value());
    const auto other = cokino::parse_job_as<cokino::images>(sample_text);
    REQUIRE(other.has_error());
    CHECK(other.error() == cokino::errc::invalid_job);
    CHECK(cokino::parse_job_as<cokino::images>("nonsense").has_error());
}

TEST_CASE("jobs are equal when host, endpoint, kind and id are, whatever else is remembered")
{
    const job_handle one = handle(sample_record());
    cokino::job_record later = sample_record();
    later.submitted_ms = 5;
    later.status_url = "https://queue.fal.run/x";
    CHECK(one == handle(later));
    CHECK(job_handle() == job_handle());
    CHECK_FALSE(one == job_handle());
    CHECK_FALSE(job_handle() == one);

    cokino::job_record other_id = sample_record();
    other_id.id = "8";
    CHECK_FALSE(one == handle(other_id));
    for (const auto change : {&cokino::job_route::provider, &cokino::job_route::endpoint,
                              &cokino::job_route::base_url}) {
        cokino::job_route route = sample_route();
        route.*change = "another";
        cokino::job_record record = sample_record();
        record.route = std::make_shared<const cokino::job_route>(route);
        CHECK_FALSE(one == handle(record));
    }
}

TEST_CASE("the longest job that an adapter keeps fits into a job's text, however it is escaped")
{
    cokino::job_route route = sample_route();
    cokino::job_record record;
    route.base_url = std::string(cokino::limits::job_link_bytes_max, '%');
    record.route = std::make_shared<const cokino::job_route>(route);
    record.id = std::string(cokino::limits::job_id_bytes_max, '%');
    record.status_url = record.result_url = record.cancel_url =
        std::string(cokino::limits::job_link_bytes_max, '%');
    const job_handle longest = handle(record);
    const auto read = cokino::parse_job(longest.text());
    REQUIRE(read.has_value());
    CHECK(*read == longest);
}

} // namespace job_test
