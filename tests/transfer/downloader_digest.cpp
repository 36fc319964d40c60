// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Files that must have the digest which their host names: in one piece, resumed in the same process
// and in the next one.

#include <cokino/transfer/detail/file_digests.hpp>
#include <cokino/transfer/downloader.hpp>
#include <cokino/wire/digest_header.hpp>

#include "downloads.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace downloader_digest_test {

using namespace media_host_test;
using cokino::detail::file_digests;
using wire::digest_kind;

std::string base64_of(digest_kind kind, std::string_view bytes)
{
    wire::running_digest digest(kind);
    digest.update(bytes);
    return wire::base64_encode(digest.finish());
}

/// Each field that names a digest of the whole file, as a good host writes it.
std::vector<std::pair<std::string, std::string>> claims(std::string_view bytes)
{
    return {{"Repr-Digest", "sha-256=:" + base64_of(digest_kind::sha256, bytes) + ":"},
            {"Repr-Digest", "sha-512=:" + base64_of(digest_kind::sha512, bytes) + ":"},
            {"x-goog-hash", "crc32c=" + base64_of(digest_kind::crc32c, bytes)},
            {"x-goog-hash", "md5=" + base64_of(digest_kind::md5, bytes)},
            {"Content-Digest", "sha-512=:" + base64_of(digest_kind::sha512, bytes) + ":"},
            {"x-amz-checksum-sha1", base64_of(digest_kind::sha1, bytes)},
            {"x-amz-checksum-crc64nvme", base64_of(digest_kind::crc64nvme, bytes)},
            {"x-amz-checksum-crc32", base64_of(digest_kind::crc32, bytes)},
            {"Content-MD5", base64_of(digest_kind::md5, bytes)}};
}

bool is_sent_with_parts(std::string_view name)
{
    return name == "Repr-Digest" || name == "x-goog-hash";
}

/// A host that names a digest with every answer, right or not, and cuts the first body.
void serve_with(downloads& d, const media& file, std::pair<std::string, std::string> claim,
                std::optional<std::size_t> cut = std::nullopt)
{
    d.host.answers = [file, claim = std::move(claim), cut, n = 0](const seen& r) mutable {
        auto a = serve(file, r);
        if (a.status == 200 || is_sent_with_parts(claim.first))
            a.fields.push_back(claim);
        if (n++ == 0)
            a.breaks_after = cut;
        return a;
    };
}

TEST_CASE("a file with the digest that its host names passes, in one piece and in two")
{
    const auto file = some_clip(600'000);
    for (const auto& claim : claims(file.bytes))
        for (const auto cut : {std::optional<std::size_t>(), std::optional<std::size_t>(300'000)}) {
            CAPTURE(claim.second);
            downloads d(file);
            serve_with(d, file, claim, cut);
            const auto r = d.run();
            REQUIRE(r.has_value());
            CHECK(r->restarts == 0);
            CHECK(read_file(d.path()) == file.bytes);
            CHECK(r->sha256 == wire::hex_encode(wire::sha256_of(file.bytes)));
        }
}

TEST_CASE("a byte that changed on the way is found by every digest, and who said so is named")
{
    const auto file = some_clip(600'000);
    auto spoilt = file;
    spoilt.bytes[500'000] ^= 1;
    for (const auto& claim : claims(file.bytes)) {
        CAPTURE(claim.second);
        downloads d(file);
        serve_with(d, spoilt, claim);
        const auto why = d.failed();
        CHECK(why == errc::content_mismatch);
        CHECK(says(why, claim.first + " says that the file's "));
        CHECK(d.host.log.size() == 1);
        CHECK(d.dir.names().empty());

        // In two pieces it gets one more chance in one.
        downloads twice(file);
        serve_with(twice, spoilt, claim, 300'000);
        CHECK(twice.failed() == errc::content_mismatch);
        CHECK(twice.host.log.size() == 3);

        download_options options;
        options.check_digest = false;
        CHECK(d.run(options).has_value());
    }
}

TEST_CASE("a file glued together wrongly is found out, fetched in one piece, and then passes")
{
    const auto file = some_clip(600'000);
    auto other = file; // the same length and ETag: only the bytes differ
    other.bytes[100'000] ^= 1;
    for (const auto& claim : claims(file.bytes)) {
        CAPTURE(claim.second);
        downloads d(file);
        d.host.answers = [&, n = 0](const seen& r) mutable {
            auto a = serve(n == 0 ? other : file, r);
            if (a.status == 200 || is_sent_with_parts(claim.first))
                a.fields.push_back(claim);
            if (n++ == 0)
                a.breaks_after = 300'000;
            return a;
        };
        const auto r = d.run();
        REQUIRE(r.has_value());
        CHECK(r->restarts == 1);
        CHECK(read_file(d.path()) == file.bytes);
    }
}

TEST_CASE("the next process checks a part that it did not fetch")
{
    const auto file = some_clip(600'000);
    for (const bool good : {true, false})
        for (const auto& claim : claims(file.bytes)) {
            CAPTURE(claim.second);
            auto first = file;
            first.bytes[100'000] ^= good ? 0 : 1;
            downloads d(file);
            d.host.answers = [&first](const seen& r) {
                auto a = r.ranged ? plain(500) : serve(first, r);
                a.breaks_after = 300'000;
                return a;
            };
            CHECK(d.failed() == errc::host_fault);
            serve_with(d, file, claim);
            d.host.log.clear();
            const auto r = d.run();
            REQUIRE(r.has_value());
            CHECK(d.host.log[0].offset == 300'000);
            const bool found = !good && is_sent_with_parts(claim.first);
            CHECK(r->restarts == (found ? 1U : 0U));
            CHECK((read_file(d.path()) == file.bytes) == (good || found));
        }
}

TEST_CASE(
    "what the host said of the digest is kept with the part, and the next process holds to it")
{
    const auto file = some_clip(600'000);
    for (const bool own_digest : {true, false})
        for (const bool good : {true, false})
            for (const auto& claim : claims(file.bytes)) {
                CAPTURE(claim.second);
                auto first = file;
                first.bytes[100'000] ^= good ? 0 : 1;
                downloads d(file);
                d.host.answers = [&](const seen& r) {
                    auto a = r.ranged ? plain(500) : serve(first, r);
                    a.fields.push_back(claim);
                    a.breaks_after = 300'000;
                    return a;
                };
                download_options options;
                options.digest = own_digest;
                CHECK(d.failed(options) == errc::host_fault);
                // Which does not say it any more.
                d.host.answers = [&](const seen& r) { return serve(file, r); };
                d.host.log.clear();
                const auto r = d.run(options);
                REQUIRE(r.has_value());
                CHECK(d.host.log[0].offset == 300'000);
                CHECK(r->restarts == (good ? 0U : 1U));
                CHECK(read_file(d.path()) == file.bytes);
            }
}

TEST_CASE("a part that was held whole is checked against the digest before it gets its name")
{
    const auto file = some_clip(600'000);
    auto spoilt = file;
    spoilt.bytes[100'000] ^= 1;
    const auto claim = claims(file.bytes)[2];
    downloads d(file);
    d.host.answers = [&](const seen& r) {
        auto a = r.ranged ? plain(500) : serve(spoilt, r);
        a.fields.push_back(claim);
        a.breaks_after = file.bytes.size();
        return a;
    };
    CHECK(d.failed() == errc::host_fault);
    d.host.answers = [&](const seen& r) { return serve(file, r); };
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->restarts == 1);
    CHECK(read_file(d.path()) == file.bytes);
}

TEST_CASE("a digest that changed between two answers is another version")
{
    const auto file = some_clip(600'000);
    downloads d(file);
    d.host.answers = [&, n = 0](const seen& r) mutable {
        auto a = serve(file, r);
        const std::string_view of = n == 0 ? std::string_view("old") : file.bytes;
        a.fields.emplace_back("Repr-Digest",
                              "sha-256=:" + base64_of(digest_kind::sha256, of) + ":");
        if (n++ == 0)
            a.breaks_after = 300'000;
        return a;
    };
    const auto r = d.run();
    REQUIRE(r.has_value());
    CHECK(r->restarts == 1);
    CHECK(read_file(d.path()) == file.bytes);
}

TEST_CASE("without a SHA-256 of our own, what the host names is checked all the same")
{
    const auto file = some_clip(600'000);
    auto spoilt = file;
    spoilt.bytes[500'000] ^= 1;
    download_options options;
    options.digest = false;
    for (const auto& claim : claims(file.bytes)) {
        downloads d(file);
        serve_with(d, file, claim, 300'000);
        const auto r = d.run(options);
        REQUIRE(r.has_value());
        CHECK(r->sha256.empty());
        downloads bad(file);
        serve_with(bad, spoilt, claim);
        CHECK(bad.failed(options) == errc::content_mismatch);
    }
}

TEST_CASE("digests that nobody understands refuse nothing")
{
    const auto file = some_clip();
    for (const auto& claim : std::vector<std::pair<std::string, std::string>>{
             {"Repr-Digest", "sha-256=:x:"},
             {"Repr-Digest", "blake3=:" + base64_of(digest_kind::sha256, "other") + ":"},
             {"x-amz-checksum-sha256", base64_of(digest_kind::sha256, "other") + "-2"},
             {"Content-MD5", "rather long"},
             {"ETag", "\"d41d8cd98f00b204e9800998ecf8427e\""}}) {
        downloads d(file);
        serve_with(d, file, claim);
        CHECK(d.run().has_value());
    }
}

TEST_CASE("a sink that cannot be read back keeps its file, though the digest came too late")
{
    file_digests digests;
    digests.update("first half, ");
    std::optional<wire::digest_claim> claim(std::in_place);
    claim->kind = digest_kind::md5;
    claim->bytes = std::string(16, 'x');
    CHECK(digests.follow(claim));
    digests.give_up();
    CHECK(digests.check(claim).has_value());
    CHECK(digests.check(std::nullopt).has_value());
    digests.restart();
    CHECK_FALSE(digests.follow(claim)); // nothing has passed yet
    CHECK(digests.check(claim).has_error());
    CHECK(digests.sha256() == wire::hex_encode(wire::sha256_of("")));
}

} // namespace downloader_digest_test
