// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Looking around in a tree of unknown shape, and errors that say where.
#include <cokino/wire/json_view.hpp>

#include <doctest/doctest.h>

#include <string>

namespace json_view_test {

using namespace cokino::wire;
using cokino::errc;

json_document parsed(std::string_view text)
{
    auto made = json_document::parse(text);
    REQUIRE(made.has_value());
    return *std::move(made);
}

TEST_CASE("a chain of lookups ends in a value or in what is given instead")
{
    auto const d = parsed(R"({"detail":[{"loc":["body","image_url"],"msg":"too small","n":3}]})");
    CHECK(d["detail"][0]["msg"].string_or("") == "too small");
    CHECK(d["detail"][0]["loc"][1].string_or("") == "image_url");
    CHECK(d.at("detail[0].loc[1]").string_or("") == "image_url");
    CHECK(d["detail"][0]["n"].integer_or(0) == 3);
    CHECK(d["detail"][1]["msg"].string_or("none") == "none");
    CHECK(d["detail"][-1].exists() == false);
    CHECK(d["detail"]["msg"].exists() == false);
    CHECK(d["nothing"]["at"]["all"][5].string_or("none") == "none");
    CHECK(d.at("detail[x].msg").exists() == false);
    CHECK(d.at("detail[0").at("msg").string_or("none") == "too small"); // a lost bracket ends there
    CHECK(d["detail"][0]["n"].string_or("none") == "none");
    CHECK(d["detail"].size() == 1);
    CHECK(d["detail"][0].size() == 3);
    CHECK(d["detail"][0]["msg"].size() == 0);
    CHECK(json_view().size() == 0);
}

TEST_CASE("numbers and texts are converted where nothing is lost")
{
    auto const d = parsed(R"({"i":-5,"u":18446744073709551615,"d":2.0,"h":2.5,"s":"t","b":true,
                              "inf":1e999,"z":null})");
    CHECK(d["i"].integer_or(0) == -5);
    CHECK(d["u"].integer_or(1) == 1);
    CHECK(d["d"].integer_or(1) == 2);
    CHECK(d["h"].integer_or(1) == 1);
    CHECK(d["h"].number_or(1) == 2.5);
    CHECK(d["u"].number_or(1) == 18446744073709551615.0);
    CHECK(d["inf"].number_or(1) == 1);
    CHECK(d["s"].number_or(1) == 1);
    CHECK(d["i"].text_or("") == "-5");
    CHECK(d["u"].text_or("") == "18446744073709551615");
    CHECK(d["h"].text_or("") == "2.5");
    CHECK(d["s"].text_or("") == "t");
    CHECK(d["b"].text_or("none") == "none");
    CHECK(d["inf"].text_or("none") == "none");
    CHECK(d["b"].boolean_or(false));
    CHECK(d["s"].boolean_or(true));
    CHECK(d["z"].is_null());
    CHECK(d["z"].exists());
    CHECK(!d["none"].is_null());
    CHECK(d["s"].is_string());
    CHECK(d["i"].is_number());
    CHECK(d.root().is_object());
    CHECK(!d.root().is_array());
}

TEST_CASE("what is required and not there is an error with its whole path")
{
    auto const d = parsed(R"({"data":{"task_id":5,"list":[{"url":null}],"inf":1e999},"s":"x"})");
    auto const message = [](auto const& r) {
        REQUIRE(!r.has_value());
        CHECK(r.error() == errc::answer_malformed);
        CHECK(r.error().sent() == cokino::fate::answered);
        return r.error().facts().message;
    };
    auto const root = d.root();
    CHECK(message(root.require_string("data.task_id")) ==
          "data.task_id: expected a string, found a number");
    CHECK(message(d["data"]["list"].require_string("[0].url")) ==
          "data.list[0].url: expected a string, found null");
    CHECK(message(root.require_text("data.list[0]")) ==
          "data.list[0]: expected a string or a number, found an object");
    CHECK(message(root.require_integer("s")) == "s: expected a whole number, found a string");
    CHECK(message(root.require_number("data.inf")) ==
          "data.inf: expected a number, found a number out of range");
    CHECK(message(root.require_boolean("data")) == "data: expected true or false, found an object");
    CHECK(message(root.require_object("data.list")) ==
          "data.list: expected an object, found an array");
    CHECK(message(root.require_array("data.none")) == "data.none: missing");
    CHECK(message(root.require_array()) == "the answer: expected an array, found an object");
    CHECK(root.require_string("data.list[0].url").error().facts().field == "data.list[0].url");
    CHECK(*root.require_text("data.task_id") == "5");
    CHECK(*root.require_string("s") == "x");
    CHECK(*root.require_integer("data.task_id") == 5);
    CHECK(*root.require_number("data.task_id") == 5);
    CHECK(root.require_array("data.list")->size() == 1);
    CHECK(root.require_object("data")->path() == "data");
    CHECK(*d["s"].require_string() == "x");
}

TEST_CASE("elements and members are visited with their paths")
{
    auto const d = parsed(R"({"a":[1,2],"b":{"x":"y"}})");
    std::string seen;
    d["a"].for_each_element([&](json_view v) { seen += v.path() + "=" + v.text_or("") + ";"; });
    d["b"].for_each_member([&](std::string_view name, json_view v) {
        seen.append(name).append("@").append(v.path()).append(";");
    });
    d["b"].for_each_element([&](json_view) { seen += "wrong"; });
    d["a"].for_each_member([&](std::string_view, json_view) { seen += "wrong"; });
    CHECK(seen == "a[0]=1;a[1]=2;x@b.x;");
    CHECK(d["b"].json() == R"({"x":"y"})");
    CHECK(d["none"].json().empty());
    CHECK(d["b"].raw() != nullptr);
    CHECK(d["none"].raw() == nullptr);
}

TEST_CASE("what is no JSON, too deep or too long is no document")
{
    for (auto const* bad : {"", "{", "{} x", "[1,]", "\"\xFF\"", "\"\\ud800\"", "<html>"}) {
        CAPTURE(bad);
        auto const made = json_document::parse(bad);
        REQUIRE(!made.has_value());
        CHECK(made.error() == errc::answer_malformed);
        CHECK(made.error().facts().message.starts_with("not valid JSON ("));
    }
    CHECK(json_document::parse(std::string(32, '[') + std::string(32, ']')).has_value());
    CHECK(!json_document::parse(std::string(33, '[') + std::string(33, ']')).has_value());
    CHECK(!json_document::parse(std::string(1'000'000, '[')).has_value());
    CHECK(json_document::parse("[1,2,3]", 6).error() == errc::response_too_large);
    auto const sampled = json_document::parse(R"({"prompt":"CANARY","state":"OK")");
    CHECK(sampled.error().facts().host_text == R"({"prompt":"***","state":"OK")");
}

} // namespace json_view_test
