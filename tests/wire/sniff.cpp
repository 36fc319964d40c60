// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A table of first bytes and what they are taken for.
#include <cokino/wire/sniff.hpp>

#include <doctest/doctest.h>

#include <string_view>

namespace sniff_test {

using namespace std::string_view_literals;
using cokino::wire::content_kind;
using cokino::wire::sniff;

TEST_CASE("a file's kind is told from its first bytes")
{
    struct row {
        std::string_view bytes;
        content_kind kind;
    };
    row const rows[] = {
        {"\0\0\0\x20"
         "ftypisom\0\0\2\0"sv,
         content_kind::mp4},
        {"\0\0\0\x14"
         "ftypqt  "sv,
         content_kind::mp4},
        {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv, content_kind::png},
        {"\xff\xd8\xff\xe0\0\x10JFIF"sv, content_kind::jpeg},
        {"RIFF\x10\0\0\0WEBPVP8 "sv, content_kind::webp},
        {"<!DOCTYPE html><html>"sv, content_kind::html},
        {"\xef\xbb\xbf\r\n  <!doctype HTML>"sv, content_kind::html},
        {"<HTML><head>"sv, content_kind::html},
        {"<center><h1>502 Bad Gateway</h1>"sv, content_kind::html},
        {"<?xml version=\"1.0\"?><Error>"sv, content_kind::xml},
        {"<Error><Code>AccessDenied</Code>"sv, content_kind::xml},
        {"{\"detail\":1}"sv, content_kind::json},
        {"\n [1]"sv, content_kind::json},
        {""sv, content_kind::unknown},
        {" \r\n"sv, content_kind::unknown},
        {"<"sv, content_kind::unknown},
        {"<3"sv, content_kind::unknown},
        {"\0\0\0\x20"
         "fty"sv,
         content_kind::unknown},
        {"\x89PNG\n\x1a\n"sv, content_kind::unknown},
        {"RIFF\x10\0\0\0WAVE"sv, content_kind::unknown},
        {"RIFF"sv, content_kind::unknown},
        {"Internal Server Error"sv, content_kind::unknown},
        {"\x1f\x8b\x08"sv, content_kind::unknown},
    };
    for (auto const& row : rows) {
        CAPTURE(row.bytes);
        CHECK(name_of(sniff(row.bytes)) == name_of(row.kind));
    }
}

} // namespace sniff_test
