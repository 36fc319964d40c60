// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A media host in memory, as the downloader sees it: one function from request to answer, with
// bodies that come in pieces, break off, hang or lie. And a place on the disk for each test.
#pragma once

#include <cokino/async/sleep.hpp>
#include <cokino/core/text.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/transfer/link_source.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace media_host_test {

using namespace cokino;
using namespace std::chrono_literals;

/// A request as it arrived.
struct seen {
    std::string url;
    std::string head; // all of it, as on the wire
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> last; // of a range with an end, inclusive
    std::string if_range;
    bool ranged = false;
    bool public_only = false;
};

/// What the host does about it.
struct answer {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    bool with_length = true;                 // Content-Length: that of the body
    std::optional<std::size_t> breaks_after; // then the connection is lost
    std::optional<std::size_t> hangs_after;  // then nothing comes any more
    std::size_t piece = 16 * 1024;           // bytes that one read gives
    duration each{0};                        // time that one read takes
    std::optional<failure> fails;            // no head comes at all
};

/// One version of a file.
struct media {
    std::string bytes;
    std::string etag = "\"v1\"";
    std::string type = "video/mp4";
};

inline answer plain(unsigned status, std::string body = {}, std::string type = "text/html")
{
    answer a;
    a.status = status;
    a.body = std::move(body);
    a.fields.emplace_back("Content-Type", std::move(type));
    return a;
}

inline answer redirect(std::string to, unsigned status = 302)
{
    answer a = plain(status);
    a.fields.emplace_back("Location", std::move(to));
    return a;
}

/// What a good server does: ranges, If-Range, 416.
inline answer serve(const media& file, const seen& request)
{
    answer a;
    a.fields.emplace_back("Content-Type", file.type);
    if (!file.etag.empty())
        a.fields.emplace_back("ETag", file.etag);
    const auto size = detail::to_text(file.bytes.size());
    if (!request.ranged || (!request.if_range.empty() && request.if_range != file.etag)) {
        a.body = file.bytes;
        return a;
    }
    if (request.offset >= file.bytes.size()) {
        a.status = 416;
        a.fields.emplace_back("Content-Range", "bytes */" + size);
        return a;
    }
    a.status = 206;
    const auto last =
        std::min<std::uint64_t>(request.last.value_or(UINT64_MAX), file.bytes.size() - 1);
    a.body = file.bytes.substr(request.offset, last - request.offset + 1);
    a.fields.emplace_back("Content-Range", "bytes " + detail::to_text(request.offset) + "-" +
                                               detail::to_text(last) + "/" + size);
    return a;
}

class media_body final : public net::body_stream
{
public:
    media_body(answer a, duration stall, std::uint64_t* served = nullptr)
        : answer_(std::move(a)), stall_(stall), served_(served)
    {
        head_.start({});
        head_.status = answer_.status;
        for (const auto& [name, value] : answer_.fields)
            head_.add_field(name, value);
        if (answer_.with_length && !head_.has_field("content-length"))
            head_.add_field("Content-Length", detail::to_text(answer_.body.size()));
    }

    const wire::response& head() const noexcept override { return head_; }

    awaitable<result<std::size_t>> read_some(asio::mutable_buffer into) override
    {
        const bool hangs = answer_.hangs_after && at_ >= *answer_.hangs_after;
        const auto slept =
            co_await async_sleep_for(hangs ? stall_ : answer_.each, as_tuple_token); // 0 yields
        if (std::get<0>(slept))
            co_return failure(errc::cancelled, fate::maybe_sent);
        if (hangs)
            co_return failure(errc::phase_timed_out, fate::maybe_sent);
        auto count = std::min({into.size(), answer_.piece, answer_.body.size() - at_});
        for (const auto& edge : {answer_.breaks_after, answer_.hangs_after})
            if (edge)
                count = std::min(count, *edge - std::min(*edge, at_));
        if (count == 0 && answer_.breaks_after && at_ >= *answer_.breaks_after)
            co_return failure(errc::body_truncated, fate::maybe_sent);
        answer_.body.copy(static_cast<char*>(into.data()), count, at_);
        at_ += count;
        if (served_)
            *served_ += count;
        if (count == 0 && answer_.hangs_after && at_ < answer_.body.size())
            co_return co_await read_some(into);
        co_return count;
    }

private:
    answer answer_;
    duration stall_;
    std::uint64_t* served_;
    wire::response head_;
    std::size_t at_ = 0;
};

class media_host final : public net::transport
{
public:
    using handler = std::function<answer(const seen&)>;

    media_host() = default;
    explicit media_host(media file)
        : answers([file = std::move(file)](const seen& r) { return serve(file, r); })
    {}

    handler answers;
    std::vector<seen> log;
    std::uint64_t served = 0; // bytes of bodies

    awaitable<result<wire::response>> exchange(wire::request) override
    {
        co_return failure(errc::internal_error);
    }

    awaitable<result<std::unique_ptr<net::body_stream>>> open(wire::request request) override
    {
        seen r = read(request);
        log.push_back(r);
        const auto slept = co_await async_sleep_for(1ms, as_tuple_token);
        if (std::get<0>(slept))
            co_return failure(errc::cancelled, fate::not_sent);
        answer a = answers(r);
        if (a.fails)
            co_return *a.fails;
        const auto stall = request.limits.read_stall.count() == 0
                               ? duration(24h)
                               : duration(request.limits.read_stall);
        std::unique_ptr<net::body_stream> stream =
            std::make_unique<media_body>(std::move(a), stall, &served);
        co_return stream;
    }

private:
    static std::string_view field_of(std::string_view head, std::string_view name)
    {
        const auto at = detail::ifind(head, name);
        if (at == std::string_view::npos)
            return {};
        head.remove_prefix(at + name.size());
        return head.substr(0, head.find("\r\n"));
    }

    static seen read(const wire::request& request)
    {
        seen r;
        r.url = request.head->url().text();
        r.head = request.head->bytes() + request.extra_fields;
        r.public_only = request.public_addresses_only;
        const auto range = field_of(r.head, "\r\nRange: bytes=");
        r.ranged = !range.empty();
        auto last = range;
        r.offset = detail::parse_integer<std::uint64_t>(detail::take_until(last, '-')).value_or(0);
        if (!last.empty())
            r.last = detail::parse_integer<std::uint64_t>(last);
        r.if_range = field_of(r.head, "\r\nIf-Range: ");
        return r;
    }
};

/// Gives one link after the other, then link_expired.
class link_list final : public link_source
{
public:
    std::vector<std::string> links;
    unsigned asked = 0;
    duration takes{1ms};

    awaitable<result<asset>> renew(asset dead) override
    {
        const auto slept = co_await async_sleep_for(takes, as_tuple_token);
        if (std::get<0>(slept))
            co_return failure(errc::cancelled);
        if (asked == links.size())
            co_return failure(errc::link_expired);
        dead.url = links[asked++];
        dead.expires_at.reset();
        co_return dead;
    }
};

inline job_handle some_job(job_kind kind = job_kind::video)
{
    auto route = std::make_shared<job_route>();
    route->kind = kind;
    route->provider = "fal";
    route->base_url = "https://queue.fal.run";
    route->endpoint = "fal-ai/kling";
    auto record = std::make_shared<job_record>();
    record->route = std::move(route);
    record->id = "job-1";
    return job_handle(std::move(record));
}

class scratch_directory
{
public:
    /// `in_memory`: where syncs cost nothing, if there is such a place here.
    explicit scratch_directory(bool in_memory = false)
    {
        std::error_code none;
        const std::filesystem::path memory = "/dev/shm";
        auto place = std::filesystem::temp_directory_path();
        if (in_memory && std::filesystem::space(memory, none).available > 256 * 1024 * 1024 &&
            !none)
            place = memory;
        auto pattern = (place / "cokino-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    ~scratch_directory()
    {
        std::error_code ignored;
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
        std::filesystem::remove_all(path_, ignored);
    }

    std::string operator/(std::string_view name) const { return (path_ / name).string(); }
    std::string path() const { return path_.string(); }

    /// Names of all that is there, sorted and joined by blanks.
    std::string names() const
    {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(path_))
            all.push_back(entry.path().filename().string());
        std::sort(all.begin(), all.end());
        std::string text;
        for (const auto& name : all)
            text += text.empty() ? name : " " + name;
        return text;
    }

private:
    std::filesystem::path path_;
};

inline std::string read_file(const std::string& path)
{
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    std::string bytes(in ? static_cast<std::size_t>(in.tellg()) : 0, '\0');
    in.seekg(0).read(bytes.data(), static_cast<long>(bytes.size()));
    return bytes;
}

inline void write_file(const std::string& path, std::string_view bytes)
{
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
}

} // namespace media_host_test
