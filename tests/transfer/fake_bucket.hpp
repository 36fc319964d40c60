// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// An S3 service in memory, as the bucket sees it. It believes nothing: every signature is computed
// anew from what arrived. It can be told to fail, before or after it has done what was asked.
#pragma once

#include <cokino/async/sleep.hpp>
#include <cokino/core/text.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/transfer/bucket.hpp>
#include <cokino/transfer/detail/bucket_core.hpp>
#include <cokino/transfer/detail/s3_answer.hpp>
#include <cokino/transfer/detail/s3_xml.hpp>
#include <cokino/wire/digest_header.hpp>
#include <cokino/wire/signature.hpp>
#include <cokino/wire/sigv4.hpp>

#include "s3_messages.hpp"
#include "support/async_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fake_bucket_test {

using namespace cokino;
using namespace cokino::testing::support;
using namespace std::chrono_literals;

class fake_bucket final : public net::transport
{
public:
    struct object {
        std::string bytes, etag;
        std::map<std::string, std::string> fields; // content-type and x-amz-meta-...
        std::string checksum;                      // x-amz-checksum-sha256, where it was sent
    };
    struct open_upload {
        std::string key;
        std::map<std::string, std::string> fields;
        std::map<unsigned, std::string> parts;
        system_time begun;
        std::string initiator = "us";
        bool checksums = false;
    };

    explicit fake_bucket(executor ex) : ex_(std::move(ex)) {}

    std::map<std::string, object> objects;
    std::map<std::string, open_upload> uploads;
    std::vector<s3_seen> log;
    std::function<s3_fault(const s3_seen&)> faults;
    std::string region = "us-east-1";
    std::string key_id = "AKCANARY";
    std::string secret_text = "SKCANARY";
    std::string token;
    duration clock_ahead{0};
    duration takes{1ms};
    std::size_t part_bytes_min = 5 * 1024 * 1024;
    std::size_t bodies_now = 0;  // bytes of bodies on their way
    std::size_t bodies_most = 0; // the most there were at once
    bool conditional = true;     // If-None-Match is honoured; else 501
    bool tags = true;            // completes are answered with an ETag
    bool may_look = true;        // HEAD is allowed
    bool opaque_tags = false;    // objects' tags are no digests, as with SSE-KMS
    bool acts_first = false;     // what is asked is done when it is asked, and answered later

    std::string texts() const
    {
        std::string out;
        for (const auto& r : log)
            out += (out.empty() ? "" : ", ") + r.text();
        return out;
    }

    awaitable<result<wire::response>> exchange(wire::request request) override
    {
        s3_seen r = read(request);
        bodies_now += r.body.size();
        bodies_most = std::max(bodies_most, bodies_now);
        log.push_back(r);
        s3_fault fault = faults ? faults(r) : s3_fault();
        std::optional<wire::response> acted;
        if (acts_first)
            acted = serve(r);
        const auto slept = co_await async_sleep_for(std::max(takes, fault.takes), as_tuple_token);
        bodies_now -= r.body.size();
        if (std::get<0>(slept))
            co_return failure(errc::cancelled, fate::maybe_sent);
        auto answer = wire::response();
        if (fault.done || (!fault.fails && !fault.answers))
            answer = acted ? std::move(*acted) : serve(r);
        if (fault.fails)
            co_return *fault.fails;
        if (fault.answers)
            answer = *fault.answers;
        answer.add_field("date", http_date());
        answer.add_field("x-amz-request-id", "req-8");
        co_return answer;
    }

    awaitable<result<std::unique_ptr<net::body_stream>>> open(wire::request) override
    {
        co_return failure(errc::internal_error);
    }

private:
    std::chrono::sys_seconds now() const
    {
        return std::chrono::floor<std::chrono::seconds>(
            time_of(ex_).system_now() +
            std::chrono::duration_cast<system_time::duration>(clock_ahead));
    }

    std::string http_date() const
    {
        const auto day = std::chrono::floor<std::chrono::days>(now());
        const std::chrono::year_month_day date(day);
        const std::chrono::hh_mm_ss clock(now() - day);
        static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        const auto two = [](auto n) {
            const auto text = std::to_string(n);
            return text.size() < 2 ? "0" + text : text;
        };
        return "Thu, " + two(static_cast<unsigned>(date.day())) + " " +
               months[static_cast<unsigned>(date.month()) - 1] + " " +
               std::to_string(static_cast<int>(date.year())) + " " + two(clock.hours().count()) +
               ":" + two(clock.minutes().count()) + ":" + two(clock.seconds().count()) + " GMT";
    }

    static s3_seen read(const wire::request& request)
    {
        s3_seen r;
        r.method = wire::name_of(request.head->method());
        r.head = request.head->bytes() + request.extra_fields;
        r.body = request.payload();
        r.public_only = request.public_addresses_only;
        r.continue_wait = request.continue_wait;
        r.target = request.head->url().target();
        const auto path = wire::percent_decode(request.head->url().path());
        REQUIRE(path.has_value());
        REQUIRE(path->starts_with("/clips/"));
        r.key = path->substr(7);
        std::string_view query = request.head->url().query();
        while (!query.empty()) {
            std::string_view value = cokino::detail::take_until(query, '&');
            const auto name = cokino::detail::take_until(value, '=');
            r.query[*wire::percent_decode(name)] = *wire::percent_decode(value);
        }
        std::string_view lines = r.head;
        cokino::detail::take_until(lines, '\n');
        while (!lines.empty()) {
            std::string_view value = cokino::detail::take_until(lines, '\n');
            std::string name;
            for (const char c : cokino::detail::take_until(value, ':'))
                name += cokino::detail::to_lower(c);
            r.fields[name] = cokino::detail::trim(value.substr(0, value.find('\r')));
        }
        return r;
    }

    /// A text between two marks.
    static std::string between(const std::string& text, const std::string& from, char to)
    {
        const auto at = text.find(from);
        if (at == std::string::npos)
            return {};
        const auto begin = at + from.size();
        return text.substr(begin, text.find(to, begin) - begin);
    }

    std::optional<wire::response> check_signature(const s3_seen& r) const
    {
        const auto& value = r.fields.at("authorization");
        std::string credential = between(value, "Credential=", ',');
        const auto names = between(value, "SignedHeaders=", ',');
        std::string_view scope_text = credential;
        if (cokino::detail::take_until(scope_text, '/') != key_id)
            return s3_error(403, "InvalidAccessKeyId");
        cokino::detail::take_until(scope_text, '/');
        if (cokino::detail::take_until(scope_text, '/') != region)
            return s3_error(400, "AuthorizationHeaderMalformed", "<Region>" + region + "</Region>");
        const auto stamp = r.fields.at("x-amz-date");
        const auto iso = stamp.substr(0, 4) + "-" + stamp.substr(4, 2) + "-" + stamp.substr(6, 5) +
                         ":" + stamp.substr(11, 2) + ":" + stamp.substr(13);
        const auto at = cokino::detail::parse_iso_time(iso);
        REQUIRE(at.has_value());
        if (*at < now() - 15min || *at > now() + 15min)
            return s3_error(403, "RequestTimeTooSkewed");
        if (!token.empty() && (r.fields.count("x-amz-security-token") == 0 ||
                               r.fields.at("x-amz-security-token") != token))
            return s3_error(400, "ExpiredToken");
        wire::sigv4_message message;
        message.method = r.method;
        message.target = r.target;
        message.payload_digest = r.fields.at("x-amz-content-sha256");
        std::string_view rest = names;
        while (!rest.empty()) {
            const std::string name(cokino::detail::take_until(rest, ';'));
            message.fields.emplace_back(name, r.fields.at(name));
        }
        for (const auto& [name, text] : r.fields) // all that matters must be signed
            if (name == "host" || name == "content-type" || name.starts_with("x-amz-"))
                CHECK((";" + names + ";").find(";" + name + ";") != std::string::npos);
        wire::sigv4_scope scope;
        scope.at = *at;
        scope.region = region;
        const auto expected = wire::sigv4_signature(
            wire::sigv4_string_to_sign(wire::sigv4_canonical_request(message), scope), scope,
            secret(secret_text));
        if (value.substr(value.rfind('=') + 1) != expected)
            return s3_error(403, "SignatureDoesNotMatch");
        if (message.payload_digest != wire::hex_encode(wire::sha256_of(r.body)))
            return s3_error(400, "XAmzContentSHA256Mismatch");
        return std::nullopt;
    }

    static std::string md5(std::string_view bytes)
    {
        wire::running_digest digest(wire::digest_kind::md5);
        digest.update(bytes);
        return digest.finish();
    }

    static std::string checksum_of(std::string_view bytes)
    {
        return wire::base64_encode(cokino::detail::digest_bytes(wire::sha256_of(bytes)));
    }

    static std::map<std::string, std::string> kept(const s3_seen& r)
    {
        std::map<std::string, std::string> out;
        for (const auto& [name, value] : r.fields)
            if (name == "content-type" || name.starts_with("x-amz-meta-"))
                out[name] = value;
        return out;
    }

    wire::response serve(const s3_seen& r)
    {
        if (auto refused = check_signature(r)) {
            if (r.method == "HEAD")
                return wire::make_response(refused->status, "", "");
            return *refused;
        }
        if (r.fields.count("if-none-match") != 0) {
            if (!conditional)
                return s3_error(501, "NotImplemented");
            if (objects.count(r.key) != 0)
                return s3_error(412, "PreconditionFailed");
        }
        if (r.method == "HEAD")
            return head(r);
        if (r.method == "DELETE")
            return remove(r);
        if (r.method == "GET")
            return list(r);
        if (r.method == "POST")
            return r.has("uploads") ? begin(r) : complete(r);
        return put(r);
    }

    wire::response put(const s3_seen& r)
    {
        const auto tag = "\"" + wire::hex_encode(md5(r.body)) + "\"";
        const auto sum = r.fields.find("x-amz-checksum-sha256");
        if (sum != r.fields.end() && sum->second != checksum_of(r.body))
            return s3_error(400, "BadDigest");
        if (r.has("partNumber")) {
            const auto found = uploads.find(r.query.at("uploadId"));
            if (found == uploads.end())
                return s3_error(404, "NoSuchUpload");
            if (found->second.checksums && sum == r.fields.end())
                return s3_error(400, "InvalidRequest");
            found->second
                .parts[*cokino::detail::parse_integer<unsigned>(r.query.at("partNumber"))] = r.body;
        } else {
            objects[r.key] =
                object{r.body, tag, kept(r), sum == r.fields.end() ? std::string() : sum->second};
        }
        auto answer = wire::make_response(200, "", "");
        answer.add_field("etag", tag);
        return answer;
    }

    wire::response head(const s3_seen& r) const
    {
        if (!may_look)
            return wire::make_response(403, "", "");
        const auto found = objects.find(r.key);
        if (found == objects.end())
            return wire::make_response(404, "", "");
        auto answer = wire::make_response(200, "", "");
        answer.add_field("etag", found->second.etag);
        answer.add_field("content-length", std::to_string(found->second.bytes.size()));
        for (const auto& [name, value] : found->second.fields)
            answer.add_field(name, value);
        if (r.fields.count("x-amz-checksum-mode") != 0 && !found->second.checksum.empty())
            answer.add_field("x-amz-checksum-sha256", found->second.checksum);
        return answer;
    }

    wire::response remove(const s3_seen& r)
    {
        if (r.has("uploadId")) {
            if (uploads.erase(r.query.at("uploadId")) == 0)
                return s3_error(404, "NoSuchUpload");
        } else {
            objects.erase(r.key);
        }
        return wire::make_response(204, "", "");
    }

    wire::response begin(const s3_seen& r)
    {
        const auto id = "upload-" + std::to_string(++begun_);
        open_upload& made = uploads[id];
        made.key = r.key;
        made.fields = kept(r);
        made.begun = time_of(ex_).system_now();
        made.checksums = r.fields.count("x-amz-checksum-algorithm") != 0;
        return wire::make_response(200,
                                   "<InitiateMultipartUploadResult><UploadId>" + id +
                                       "</UploadId></InitiateMultipartUploadResult>",
                                   "application/xml");
    }

    wire::response complete(const s3_seen& r)
    {
        const auto found = uploads.find(r.query.at("uploadId"));
        if (found == uploads.end())
            return s3_error(404, "NoSuchUpload");
        object made;
        std::string sums;
        std::string digests;
        std::size_t count = 0;
        for (const auto& [number, bytes] : found->second.parts) {
            if (number != ++count ||
                (bytes.size() < part_bytes_min && count != found->second.parts.size()))
                return s3_error(400, number != count ? "InvalidPart" : "EntityTooSmall");
            const auto listed = "<PartNumber>" + std::to_string(number) +
                                "</PartNumber><ETag>&quot;" + wire::hex_encode(md5(bytes)) +
                                "&quot;</ETag>";
            if (r.body.find(listed) == std::string::npos)
                return s3_error(400, "InvalidPart");
            if (found->second.checksums && r.body.find("<ChecksumSHA256>" + checksum_of(bytes) +
                                                       "</ChecksumSHA256>") == std::string::npos)
                return s3_error(400, "InvalidPart");
            digests += cokino::detail::digest_bytes(wire::sha256_of(bytes));
            made.bytes += bytes;
            sums += md5(bytes);
        }
        made.etag = "\"" + wire::hex_encode(md5(sums)) + "-" + std::to_string(count) + "\"";
        if (opaque_tags)
            made.etag = "\"opaque-" + std::to_string(count) + "\"";
        if (found->second.checksums)
            made.checksum = checksum_of(digests) + "-" + std::to_string(count);
        made.fields = found->second.fields;
        const auto tag = made.etag;
        objects[found->second.key] = std::move(made);
        uploads.erase(found);
        return wire::make_response(
            200,
            " \n<?xml version=\"1.0\"?><CompleteMultipartUploadResult><ETag>" +
                (tags ? tag : std::string()) + "</ETag></CompleteMultipartUploadResult>",
            "application/xml");
    }

    wire::response list(const s3_seen& r) const
    {
        if (r.has("location"))
            return wire::make_response(200, "<LocationConstraint/>", "application/xml");
        std::string body;
        if (r.has("uploadId")) {
            const auto found = uploads.find(r.query.at("uploadId"));
            if (found == uploads.end())
                return s3_error(404, "NoSuchUpload");
            body = "<Initiator><ID>" + found->second.initiator + "</ID></Initiator>";
            for (const auto& [number, bytes] : found->second.parts)
                body += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
                        wire::hex_encode(md5(bytes)) + "</ETag><Size>" +
                        std::to_string(bytes.size()) + "</Size></Part>";
            return wire::make_response(200, "<ListPartsResult>" + body + "</ListPartsResult>",
                                       "application/xml");
        }
        const auto prefix = r.has("prefix") ? r.query.at("prefix") : std::string();
        for (const auto& [id, upload] : uploads)
            if (upload.key.starts_with(prefix))
                body += "<Upload><Key>" + cokino::detail::xml_escape(upload.key) +
                        "</Key><UploadId>" + id + "</UploadId><Initiator><ID>" + upload.initiator +
                        "</ID></Initiator><Initiated>" +
                        iso(upload.begun +
                            std::chrono::duration_cast<system_time::duration>(clock_ahead)) +
                        "</Initiated></Upload>";
        return wire::make_response(
            200, "<ListMultipartUploadsResult>" + body + "</ListMultipartUploadsResult>",
            "application/xml");
    }

    static std::string iso(system_time at)
    {
        wire::sigv4_scope scope;
        scope.at = std::chrono::floor<std::chrono::seconds>(at);
        const auto t = scope.time_text();
        return t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 5) + ":" +
               t.substr(11, 2) + ":" + t.substr(13, 2) + ".000Z";
    }

    executor ex_;
    unsigned begun_ = 0;
};

/// A loop in virtual time, the service and its bucket.
struct buckets {
    explicit buckets(bucket_options o = settings(), std::optional<bucket_keys> k = {},
                     observer watch = {})
        : service(t.ex()), clips(t.ex(), service, std::move(o),
                                 k ? std::move(*k) : bucket_keys::of("AKCANARY", "SKCANARY"), watch)
    {}

    static bucket_options settings()
    {
        bucket_options o;
        o.name = "clips";
        o.endpoint = "https://s3.example.com";
        o.seed = 1;
        o.part_bytes = 5 * 1024 * 1024;
        return o;
    }

    /// Fails each request whose text is this, from the n-th on, a number of times.
    void fail(std::string text, s3_fault fault, unsigned times = 1, unsigned from = 0)
    {
        service.faults = [=, n = 0U](const s3_seen& r) mutable {
            if (r.text() != text || n++ < from || n > from + times)
                return s3_fault();
            return fault;
        };
    }

    template <class T> result_for<T> outcome(awaitable<T> op) { return t.outcome(std::move(op)); }

    virtual_test t;
    fake_bucket service;
    bucket clips;
};

inline s3_fault lost(bool done)
{
    s3_fault f;
    f.fails = failure(errc::connection_lost, fate::maybe_sent);
    f.done = done;
    return f;
}

inline s3_fault says(wire::response answer, bool done = false)
{
    s3_fault f;
    f.answers = std::move(answer);
    f.done = done;
    return f;
}

inline std::string noise(std::size_t size, std::uint64_t seed = 1)
{
    random_source random(seed);
    std::string out;
    out.reserve(size + 8);
    while (out.size() < size) {
        const auto word = random.next();
        out.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    out.resize(size);
    return out;
}

} // namespace fake_bucket_test
