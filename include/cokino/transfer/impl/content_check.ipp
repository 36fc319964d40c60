// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/content_check.hpp.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/content_check.hpp>
#include <cokino/wire/header.hpp>
#include <cokino/wire/redact.hpp>
#include <cokino/wire/sniff.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace cokino::detail {

inline content_wish wish_by_type(std::string_view type) noexcept
{
    if (iequals(type, "video/mp4") || iequals(type, "video/quicktime") ||
        iequals(type, "video/x-m4v"))
        return content_wish::mp4;
    if (istarts_with(type, "video/"))
        return content_wish::video;
    // An SVG image is XML, which is what error pages are too.
    if (istarts_with(type, "image/") && !istarts_with(type, "image/svg"))
        return content_wish::image;
    return content_wish::anything;
}

COKINO_DECL content_wish wish_for(const asset& file, bool ordered_as_video,
                                  std::string_view response_type) noexcept
{
    const auto said = wish_by_type(wire::media_type(file.content_type));
    if (said != content_wish::anything)
        return said;
    if (ordered_as_video || (!file.from.empty() && file.from.kind() == job_kind::video))
        return content_wish::mp4;
    if (!file.from.empty())
        return content_wish::image;
    return wish_by_type(response_type);
}

inline bool is_page(wire::content_kind kind) noexcept
{
    return kind == wire::content_kind::html || kind == wire::content_kind::json ||
           kind == wire::content_kind::xml;
}

inline bool is_image(wire::content_kind kind) noexcept
{
    return kind == wire::content_kind::png || kind == wire::content_kind::jpeg ||
           kind == wire::content_kind::webp;
}

inline bool begins_well(wire::content_kind kind, content_wish wish, std::string_view type) noexcept
{
    switch (wish) {
    case content_wish::anything: return true;
    case content_wish::video: return !is_page(kind);
    // Files that begin with another box than ftyp exist: the structure check judges those.
    case content_wish::mp4: return !is_page(kind) && !is_image(kind);
    case content_wish::image:
        if (is_image(kind))
            return true;
        // GIF, AVIF and the like pass where the host names them.
        return !is_page(kind) && wish_by_type(type) == content_wish::image &&
               !iequals(type, "image/png") && !iequals(type, "image/jpeg") &&
               !iequals(type, "image/webp");
    }
    return false;
}

COKINO_DECL result<void> check_beginning(std::string_view first, content_wish wish,
                                         std::string_view response_type)
{
    const auto kind = wire::sniff(first);
    if (begins_well(kind, wish, response_type))
        return {};
    std::string message = "the host sent ";
    message += wire::name_of(kind);
    message += wish == content_wish::image ? " instead of an image" : " instead of a video";
    failure why(errc::content_mismatch);
    why.explain(std::move(message));
    // Binary says nothing to a reader.
    if (is_page(kind))
        why.edit().host_text = wire::redact_answer(first.substr(0, limits::sample_bytes_max),
                                                   limits::sample_bytes_max);
    return why;
}

// Whether a still has its own end mark: the only proof of wholeness when HTTP gives none.
inline result<bool> image_has_end(wire::byte_reader& file)
{
    std::array<unsigned char, 12> tail{};
    if (file.size() < 2 * tail.size())
        return false;
    if (auto done = file.read_at(file.size() - tail.size(), tail); !done)
        return done.error();
    const std::string_view end(reinterpret_cast<const char*>(tail.data()), tail.size());
    return end == std::string_view("\0\0\0\0IEND\xAE\x42\x60\x82", 12) ||
           end.substr(10) == "\xFF\xD9";
}

COKINO_DECL result<void> check_picture(const wire::mp4_info& clip, const content_order& order)
{
    const unsigned width = clip.coded_width, height = clip.coded_height;
    const auto is = [&](std::string message) {
        std::string size = to_text(width) + "x" + to_text(height);
        if (clip.width != width || clip.height != height)
            size += " (to be shown as " + to_text(clip.width) + "x" + to_text(clip.height) + ")";
        return failure(errc::content_mismatch)
            .explain("the clip is " + size + ", but " + std::move(message));
    };
    const std::uint64_t lines = order.lines > 0 ? static_cast<std::uint64_t>(order.lines) : 0;
    const std::uint64_t pixels = std::uint64_t{width} * height;
    const bool enough_lines = std::uint64_t{std::min(width, height)} * 10 >= lines * 9;
    if (!enough_lines && pixels * 3 < lines * lines * 4)
        return is(to_text(lines) + "p was ordered");
    auto shape = order.aspect_ratio;
    const auto across = parse_integer<std::uint32_t>(take_until(shape, ':'));
    const auto down = parse_integer<std::uint32_t>(shape);
    if (!across || !down || *across == 0 || *down == 0)
        return {};
    const std::uint64_t have = std::uint64_t{clip.width} * *down;
    const std::uint64_t want = std::uint64_t{clip.height} * *across;
    if ((have > want ? have - want : want - have) > want / 20)
        return is(std::string(order.aspect_ratio) + " was ordered");
    return {};
}

inline result<wire::mp4_info> check_clip(wire::byte_reader& file, const content_order& order)
{
    auto info = wire::probe_mp4(file);
    if (!info)
        return info;
    if (auto fits = check_picture(*info, order); !fits)
        return fits.error();
    if (order.duration_s <= 0 || info->duration.count() == 0)
        return info;
    const auto ordered = std::chrono::milliseconds(std::chrono::seconds(order.duration_s));
    const auto off = info->duration > ordered ? info->duration - ordered : ordered - info->duration;
    if (off > std::chrono::milliseconds(500))
        return failure(errc::content_mismatch)
            .explain("the clip lasts " + duration_text(info->duration) + ", but " +
                     duration_text(ordered) + " were ordered");
    return info;
}

COKINO_DECL result<wire::mp4_info> check_whole(wire::byte_reader* file, const content_order& order)
{
    const auto unproved = [] {
        return failure(errc::content_mismatch)
            .explain("nothing tells whether the file is whole: the host gave no length");
    };
    if (file && order.wish == content_wish::mp4)
        return check_clip(*file, order);
    if (order.end_is_known)
        return wire::mp4_info();
    if (!file || order.wish != content_wish::image)
        return unproved();
    const auto whole = image_has_end(*file);
    if (!whole)
        return whole.error();
    if (!*whole)
        return unproved();
    return wire::mp4_info();
}

} // namespace cokino::detail
