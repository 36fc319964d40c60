// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What no host offers, said before anything is sent. What one host does not offer is said by its
// adapter.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/model/request.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cokino {
namespace detail {

inline constexpr int image_side_min = 256, image_side_max = 2048;
inline constexpr int image_count_max = 4;
inline constexpr double upscale_factor_min = 1, upscale_factor_max = 4; // of all known hosts
inline constexpr int upscale_fps_min = 15, upscale_fps_max = 120;       // the same

// Steps over printable ASCII, eight bytes at a time: most prompts hold nothing else.
inline std::size_t plain_prefix(std::string_view text) noexcept
{
    constexpr std::uint64_t tops = 0x8080808080808080U;
    constexpr std::uint64_t blanks = 0x2020202020202020U;
    std::size_t at = 0;
    for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof word);
        // A byte below a blank borrows into its top bit. The borrow may run into a neighbour,
        // which only sends it the slow way.
        if ((((word - blanks) | word) & tops) != 0)
            break;
    }
    return at;
}

// The length in bytes of the UTF-8 character that the text begins with; 0 when it is none, or a
// control character that no prompt has. Overlong forms and surrogates are none.
inline std::size_t character_length(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned head = byte(0), next = byte(1);
    if (head < 0x80)
        return head >= 0x20 || head == '\t' || head == '\n' || head == '\r' ? 1 : 0;
    if (head < 0xC2 || head > 0xF4 || !follows(1))
        return 0;
    if (head < 0xE0)
        return 2;
    if (!follows(2) || (head == 0xE0 && next < 0xA0) || (head == 0xED && next > 0x9F))
        return 0;
    if (head < 0xF0)
        return 3;
    const bool in_range = !(head == 0xF0 && next < 0x90) && !(head == 0xF4 && next > 0x8F);
    return follows(3) && in_range ? 4 : 0;
}

inline result<void> check_text(std::string_view text, const char* field)
{
    std::size_t characters = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t plain = plain_prefix(rest);
        characters += plain;
        rest.remove_prefix(plain);
        if (rest.empty())
            break;
        const std::size_t length = character_length(rest);
        if (length == 0)
            return invalid(field, static_cast<unsigned char>(rest.front()) < 0x20
                                      ? "holds a control character"
                                      : "is not valid UTF-8");
        ++characters;
        rest.remove_prefix(length);
    }
    if (characters > limits::prompt_chars_max)
        return invalid(field, to_text(characters) + " characters; at most " +
                                  to_text(limits::prompt_chars_max));
    return {};
}

inline result<void> check_prompt(std::string_view prompt)
{
    if (prompt.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return invalid("prompt", "is empty");
    return check_text(prompt, "prompt");
}

inline result<void> check_duration(std::chrono::seconds duration, video_model model)
{
    const clip_lengths offered = lengths_of(model);
    const auto s = duration.count();
    if (s >= offered.from_s && s <= offered.to_s && (s - offered.from_s) % offered.step_s == 0)
        return {};
    const bool two = offered.from_s + offered.step_s == offered.to_s;
    return invalid("duration", to_text(s) + " s is not offered; " + to_text(offered.from_s) +
                                   (two ? " or " : " to ") + to_text(offered.to_s));
}

/// Only its shape: whether it is JSON is found out by whoever merges it.
inline result<void> check_object(std::string_view json, const char* field)
{
    const std::string_view text = trim(json);
    if (text.size() < 2 || text.front() != '{' || text.back() != '}')
        return invalid(field, "is no JSON object");
    if (json.size() > limits::extra_json_bytes_max)
        return invalid(field, to_text(json.size()) + " bytes; at most " +
                                  to_text(limits::extra_json_bytes_max));
    return {};
}

inline result<void> check_extra(std::string_view json)
{
    return json.empty() ? result<void>() : check_object(json, "extra");
}

inline result<void> check_ratio(aspect_ratio ratio)
{
    if (text_of(ratio) == "?")
        return invalid("aspect_ratio", "is none of 16:9, 9:16, 1:1");
    return {};
}

inline result<void> check_cfg_scale(const std::optional<double>& scale)
{
    if (!scale || (*scale >= 0 && *scale <= 1))
        return {};
    if (!std::isfinite(*scale))
        return invalid("cfg_scale", "is not a finite number; 0 to 1");
    return invalid("cfg_scale", to_text(*scale) + " is outside 0 to 1");
}

template <class Model> result<void> check_model(Model model)
{
    if (text_of(model) == "?")
        return invalid("model", "is no model that this version knows");
    return {};
}

inline result<void> check_web_link(std::string_view link, std::string_view rest, const char* field)
{
    if (link.size() > limits::url_bytes_max)
        return invalid(field, "a link of " + to_text(link.size()) + " bytes; at most " +
                                  to_text(limits::url_bytes_max));
    for (const char c : link)
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F)
            return invalid(field, "the link holds a blank, a control character or a letter beyond "
                                  "ASCII; percent-encode it");
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.empty() || authority.front() == ':')
        return invalid(field, "the link names no host");
    if (authority.find('@') != std::string_view::npos)
        return invalid(field, "the link holds a user name, which the host would get to see");
    return {};
}

inline result<void> check_data_link(std::string_view link, const char* field)
{
    constexpr std::string_view mark = ";base64,";
    const std::size_t at = link.substr(0, 128).find(mark);
    if (!istarts_with(link, "data:image/") || at == std::string_view::npos)
        return invalid(field, "a data link must begin with data:image/...;base64,");
    if (link.size() > limits::image_data_bytes_max)
        return invalid(field, "a data link of " + to_text(link.size()) + " bytes; at most " +
                                  to_text(limits::image_data_bytes_max));
    const std::string_view data = link.substr(at + mark.size());
    if (data.empty())
        return invalid(field, "the data link is empty");
    for (const char c : data) {
        const char low = to_lower(c);
        if (!(low >= 'a' && low <= 'z') && !is_digit(c) && c != '+' && c != '/' && c != '=')
            return invalid(field, "the data link is not base64");
    }
    return {};
}

inline result<void> check_is_link(const media_source& source, const char* field)
{
    if (source.is_link())
        return {};
    return invalid(field, "is a file or bytes, which only a client brings to a host; submit the "
                          "request through one");
}

inline result<void> check_clip_source(const video_source& clip, const char* field)
{
    if (clip.empty())
        return invalid(field, "is empty; a clip is required");
    if (auto ok = check_is_link(clip, field); !ok)
        return ok;
    const std::string_view link = clip.url;
    for (const std::string_view scheme : {"https://", "http://"})
        if (istarts_with(link, scheme))
            return check_web_link(link, link.substr(scheme.size()), field);
    return invalid(field, "is no http(s) link; a file on this machine is video_source::from_file");
}

inline result<void> check_upscale_size(const video_upscale& r)
{
    if (r.factor && r.resolution)
        return invalid("resolution", "is given beside factor; give one of the two");
    if (!r.factor && !r.resolution)
        return invalid("factor", "is missing; give a factor or a resolution");
    if (r.resolution && text_of(*r.resolution) == "?")
        return invalid("resolution", "is none of 720p, 1080p, 1440p, 4k");
    if (r.factor && !std::isfinite(*r.factor))
        return invalid("factor", "is not a finite number; 1 to 4");
    if (r.factor && (*r.factor < upscale_factor_min || *r.factor > upscale_factor_max))
        return invalid("factor", to_text(*r.factor) + " is outside 1 to 4");
    return {};
}

inline result<void> check_image(const image_source& image, const char* field)
{
    if (auto ok = check_is_link(image, field); !ok)
        return ok;
    const std::string_view link = image.url;
    for (const std::string_view scheme : {"https://", "http://"})
        if (istarts_with(link, scheme))
            return check_web_link(link, link.substr(scheme.size()), field);
    if (istarts_with(link, "data:"))
        return check_data_link(link, field);
    return invalid(field, "is neither an http(s) link nor a data:image/...;base64, link; a file "
                          "must be put where the host can fetch it");
}

inline result<void> check_side(const std::optional<int>& side, const char* field)
{
    if (!side)
        return invalid(field, "is missing; give both width and height, or neither");
    if (*side < image_side_min || *side > image_side_max)
        return invalid(field, to_text(*side) + " is outside " + to_text(image_side_min) + " to " +
                                  to_text(image_side_max));
    return {};
}

} // namespace detail

COKINO_DECL result<void> validate(const text_to_video& r)
{
    if (auto ok = detail::check_prompt(r.prompt); !ok)
        return ok;
    if (auto ok = detail::check_text(r.negative_prompt, "negative_prompt"); !ok)
        return ok;
    if (auto ok = detail::check_duration(r.duration, r.model); !ok)
        return ok;
    if (auto ok = detail::check_ratio(r.aspect_ratio); !ok)
        return ok;
    if (auto ok = detail::check_cfg_scale(r.cfg_scale); !ok)
        return ok;
    if (auto ok = detail::check_extra(r.extra); !ok)
        return ok;
    return detail::check_model(r.model);
}

COKINO_DECL result<void> validate(const image_to_video& r)
{
    if (r.image.empty())
        return invalid("image", "is empty; a start frame is required");
    if (auto ok = detail::check_image(r.image, "image"); !ok)
        return ok;
    if (!r.tail_image.empty())
        if (auto ok = detail::check_image(r.tail_image, "tail_image"); !ok)
            return ok;
    if (auto ok = detail::check_prompt(r.prompt); !ok)
        return ok;
    if (auto ok = detail::check_text(r.negative_prompt, "negative_prompt"); !ok)
        return ok;
    if (auto ok = detail::check_duration(r.duration, r.model); !ok)
        return ok;
    if (auto ok = detail::check_cfg_scale(r.cfg_scale); !ok)
        return ok;
    if (auto ok = detail::check_extra(r.extra); !ok)
        return ok;
    return detail::check_model(r.model);
}

COKINO_DECL result<void> validate(const text_to_image& r)
{
    if (auto ok = detail::check_prompt(r.prompt); !ok)
        return ok;
    if (auto ok = detail::check_ratio(r.aspect_ratio); !ok)
        return ok;
    if (r.width || r.height) {
        if (auto ok = detail::check_side(r.width, "width"); !ok)
            return ok;
        if (auto ok = detail::check_side(r.height, "height"); !ok)
            return ok;
    }
    if (r.count < 1 || r.count > detail::image_count_max)
        return invalid("count", detail::to_text(r.count) + " is outside 1 to " +
                                    detail::to_text(detail::image_count_max));
    if (auto ok = detail::check_extra(r.extra); !ok)
        return ok;
    return detail::check_model(r.model);
}

COKINO_DECL result<void> validate(const video_upscale& r)
{
    if (auto ok = detail::check_clip_source(r.video, "video"); !ok)
        return ok;
    if (auto ok = detail::check_upscale_size(r); !ok)
        return ok;
    if (r.fps && (*r.fps < detail::upscale_fps_min || *r.fps > detail::upscale_fps_max))
        return invalid("fps", detail::to_text(*r.fps) + " is outside 15 to 120");
    if (auto ok = detail::check_extra(r.extra); !ok)
        return ok;
    return detail::check_model(r.model);
}

COKINO_DECL result<void> validate(const raw_order& r)
{
    if (r.endpoint.empty())
        return invalid("endpoint", "is empty");
    for (const char c : r.endpoint)
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F)
            return invalid("endpoint", "holds a blank, a control character or a letter beyond "
                                       "ASCII");
    if (r.endpoint.size() > limits::url_bytes_max)
        return invalid("endpoint", detail::to_text(r.endpoint.size()) + " bytes; at most " +
                                       detail::to_text(limits::url_bytes_max));
    return detail::check_object(r.input, "input");
}

} // namespace cokino
