// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's files: signed links that die, ranges, and the ways in which file servers fail.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/testing/clips.hpp>
#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/impl/fake_input.ipp>
#include <cokino/wire/image_probe.hpp>
#include <cokino/wire/mp4_probe.hpp>

#include <algorithm>

namespace cokino::testing {
namespace detail {

/// What buckets say of a link that is past its time or whose signature is wrong.
inline fake_reply denied(std::string_view reason)
{
    fake_reply reply;
    reply.status = 403;
    reply.fields.emplace_back("content-type", "application/xml");
    reply.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>"
                 "<Message>" +
                 std::string(reason) + "</Message></Error>";
    return reply;
}

/// Of an origin's file: not worth a secret, it only must differ when anything differs.
inline std::string link_signature(std::string_view path, std::string_view expires,
                                  std::string_view serial)
{
    std::string text(path);
    text.append("|").append(expires).append("|").append(serial).append("|fake");
    return hex(hash(text), 16);
}

/// One range of a file, as asked for: "bytes=0-", "bytes=5-9", "bytes=-3".
struct byte_range {
    bool valid = false;
    bool satisfiable = false;
    std::size_t first = 0, count = 0;
};

inline byte_range read_range(std::string_view text, std::size_t size)
{
    byte_range range;
    if (!text.starts_with("bytes=") || contains(text, ","))
        return range;
    text.remove_prefix(6);
    const auto dash = text.find('-');
    if (dash == std::string_view::npos)
        return range;
    const auto first = cokino::detail::parse_integer<std::size_t>(text.substr(0, dash));
    const auto last = cokino::detail::parse_integer<std::size_t>(text.substr(dash + 1));
    range.valid = first || (dash == 0 && last);
    if (!range.valid)
        return range;
    range.first = first ? *first : size - std::min(size, *last);
    const std::size_t end = first && last ? std::min(size, *last + 1) : size;
    range.satisfiable = range.first < end;
    range.count = range.satisfiable ? end - range.first : 0;
    return range;
}

} // namespace detail

COKINO_DECL std::string fake_engine::link(const fake_request& r, fake_job& job, std::size_t index)
{
    const bool video = job.kind == job_kind::video;
    const std::string name = video ? "output.mp4" : "image-" + std::to_string(index) + ".png";
    const std::string path = "/files/b/" + detail::hex(detail::hash(job.id), 8) + '/' + name;
    const auto until =
        std::chrono::floor<std::chrono::seconds>(time_.system_now()) + options_.link_lifetime;
    const std::string expires = std::to_string(until.time_since_epoch().count());
    const std::string serial = std::to_string(++job.links);
    return (options_.media_origin.empty() ? r.origin : options_.media_origin) + path +
           "?expires=" + expires + "&n=" + serial +
           "&sig=" + detail::link_signature(path, expires, serial);
}

COKINO_DECL std::shared_ptr<const std::string> fake_engine::file_of(const fake_job& job)
{
    std::string name;
    aspect_ratio ratio = job.ratio;
    if (job.kind == job_kind::images) {
        name = "png" + std::to_string(job.width) + 'x' + std::to_string(job.height);
    } else {
        // The frame gives the clip its shape; of frames that are not ours the shape is unknown.
        const auto box = job.image_url.find("/files/b/");
        if (box != std::string::npos)
            if (const auto still_of = by_box_.find(job.image_url.substr(box + 9, 8));
                still_of != by_box_.end()) {
                const fake_job& from = jobs_[still_of->second];
                ratio = from.width == from.height  ? aspect_ratio::square_1_1
                        : from.width < from.height ? aspect_ratio::portrait_9_16
                                                   : aspect_ratio::landscape_16_9;
            }
        if (const fake_upload* const frame = uploaded(job.image_url))
            if (const auto picture = wire::probe_image(*frame->bytes))
                ratio = picture->width == picture->height  ? aspect_ratio::square_1_1
                        : picture->width < picture->height ? aspect_ratio::portrait_9_16
                                                           : aspect_ratio::landscape_16_9;
        name = std::to_string(job.duration_s) + std::string(text_of(ratio)) + '+' +
               std::to_string(options_.clip_bytes_min) + '@' + std::to_string(job.lines);
    }
    auto& file = files_[name + '#' + std::to_string(job.version)];
    if (!file) {
        std::string bytes =
            job.kind == job_kind::images
                ? still(job.width, job.height)
                : clip_of_lines(job.lines, job.duration_s, ratio, options_.clip_bytes_min);
        // Another version is the same picture in a longer file.
        if (job.version > 0 && job.kind == job_kind::video)
            bytes = clip_of_lines(job.lines, job.duration_s, ratio, bytes.size() + 8 + job.version);
        file = std::make_shared<const std::string>(std::move(bytes));
    }
    return file;
}

COKINO_DECL fake_source fake_engine::source_of(std::string_view link) const
{
    constexpr std::string_view made = "/files/b/", brought = "/files/u/";
    fake_source out;
    if (link.find(brought) != std::string_view::npos) {
        const fake_upload* const file = uploaded(link);
        wire::memory_reader bytes(file ? std::string_view(*file->bytes) : std::string_view());
        const auto clip = wire::probe_mp4(bytes);
        out.readable = clip.has_value();
        if (!clip)
            return out;
        out.duration_s =
            static_cast<int>(std::chrono::round<std::chrono::seconds>(clip->duration).count());
        out.lines = static_cast<int>(std::min(clip->coded_width, clip->coded_height));
        out.ratio = clip->width == clip->height  ? aspect_ratio::square_1_1
                    : clip->width < clip->height ? aspect_ratio::portrait_9_16
                                                 : aspect_ratio::landscape_16_9;
    }
    const auto at = link.find(made);
    if (at == std::string_view::npos)
        return out;
    fake_request r;
    r.target = link.substr(at);
    const auto box = by_box_.find(detail::segment(r.path(), 2));
    if (box == by_box_.end() || jobs_[box->second].kind != job_kind::video) {
        out.readable = false;
        return out;
    }
    const fake_job& job = jobs_[box->second];
    out.duration_s = job.duration_s;
    out.lines = job.lines;
    out.ratio = job.ratio;
    out.readable = job.dead_links.count(r.target) == 0;
    const auto until = cokino::detail::parse_integer<std::int64_t>(r.query("expires")).value_or(0);
    out.dies_at = system_time(std::chrono::seconds(until));
    return out;
}

COKINO_DECL fake_reply fake_engine::media(const fake_request& r)
{
    ++counts_.downloads;
    if (!r.field("authorization").empty() || !r.field("x-api-key").empty()) {
        ++counts_.keys_leaked;
        fake_reply refused = detail::denied("Only one authentication mechanism is allowed");
        refused.status = 400;
        return refused;
    }
    if (r.method != "GET" && r.method != "HEAD")
        return detail::json_reply(405, "{}");
    const std::string_view path = r.path();
    const auto box = by_box_.find(detail::segment(path, 2));
    if (box == by_box_.end())
        return detail::json_reply(404, R"({"detail":"not found"})");
    fake_job& job = jobs_[box->second];
    ++job.downloads;
    const auto expires = r.query("expires"), serial = r.query("n");
    if (r.query("sig") != detail::link_signature(path, expires, serial))
        return detail::denied("The request signature does not match");
    const auto until = cokino::detail::parse_integer<std::int64_t>(expires).value_or(0);
    const auto now = std::chrono::floor<std::chrono::seconds>(time_.system_now());
    if (until <= now.time_since_epoch().count() || job.dead_links.count(r.target) != 0)
        return detail::denied("Request has expired");
    return media_file(r, job);
}

COKINO_DECL fake_reply fake_engine::media_file(const fake_request& r, fake_job& job)
{
    fake_reply reply;
    auto m = job.faults.next_media();
    if (m && m->what == misstep::kind::changed) {
        ++job.version;
        m = job.faults.next_media();
    }
    if (m) {
        switch (m->what) {
        case misstep::kind::link_dead:
            job.dead_links.insert(r.target);
            return detail::denied("Request has expired");
        case misstep::kind::html:
            reply.fields.emplace_back("content-type", "text/html; charset=utf-8");
            reply.body = "<!DOCTYPE html><html><head><title>Just a moment</title></head>"
                         "<body>Checking your browser.</body></html>\n";
            return reply;
        case misstep::kind::redirect:
            reply.status = 302;
            reply.fields.emplace_back("location", m->text);
            return reply;
        case misstep::kind::answer:
        case misstep::kind::lost: return acted(*m, job.dialect);
        default: break;
        }
    }
    reply.file = file_of(job);
    const std::size_t size = reply.file->size();
    reply.file_bytes = size;
    const std::string tag = '"' + detail::hex(detail::hash(*reply.file), 16) + '"';
    const bool video = job.kind == job_kind::video;
    reply.fields.emplace_back("content-type", video ? "video/mp4" : "image/png");
    reply.fields.emplace_back("etag", job.faults.weak_etag ? "W/" + tag : tag);
    if (!job.faults.ignores_range) {
        reply.fields.emplace_back("accept-ranges", "bytes");
        const std::string_view only_if = r.field("if-range");
        const bool same = only_if.empty() || (only_if == tag && !job.faults.weak_etag);
        const auto range = detail::read_range(r.field("range"), size);
        if (range.valid && same) {
            const std::string total = '/' + std::to_string(size);
            reply.status = range.satisfiable ? 206 : 416;
            reply.file_from = range.first * (range.satisfiable ? 1 : 0);
            reply.file_bytes = range.count;
            const std::string span = range.satisfiable
                                         ? std::to_string(range.first) + '-' +
                                               std::to_string(range.first + range.count - 1)
                                         : "*";
            reply.fields.emplace_back("content-range", "bytes " + span + total);
        }
    }
    std::size_t sent = r.method == "HEAD" ? 0 : reply.file_bytes;
    if (m && m->what == misstep::kind::cut) {
        reply.cut_at = m->bytes;
        reply.cut_how = m->how;
        sent = std::min(sent, m->bytes);
    } else if (m && m->what == misstep::kind::wrong_length) {
        const auto wrong = static_cast<std::ptrdiff_t>(reply.file_bytes) + m->delta;
        reply.content_length = static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(wrong, 0));
    }
    reply.no_length = job.faults.no_length;
    reply.piece_bytes = job.faults.slow_piece_bytes;
    reply.pause = job.faults.slow_pause;
    job.bytes_sent += sent;
    counts_.bytes_sent += sent;
    return reply;
}

} // namespace cokino::testing
