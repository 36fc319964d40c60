// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a host offers, as data: the table in README is made from it, the client's decisions about
// media, batches and hooks follow it, and each row names its source beside it in the adapter.
#pragma once

#include <cokino/core/repeat_semantics.hpp>
#include <cokino/model/webhook_note.hpp>

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace cokino {

enum class image_format : unsigned char { png = 1, jpeg = 2, webp = 4, gif = 8, avif = 16 };

/// A set of image formats.
struct image_formats {
    unsigned bits = 0;
    constexpr image_formats() = default;
    constexpr image_formats(image_format f) noexcept : bits(static_cast<unsigned>(f)) {}
    constexpr bool has(image_format f) const noexcept
    {
        return (bits & static_cast<unsigned>(f)) != 0;
    }
    friend constexpr image_formats operator|(image_formats a, image_formats b) noexcept
    {
        image_formats out;
        out.bits = a.bits | b.bits;
        return out;
    }
};

constexpr image_formats operator|(image_format a, image_format b) noexcept
{
    return image_formats(a) | image_formats(b);
}

/// How a start frame may reach a host, and what it must be like.
struct media_rules {
    std::size_t inline_bytes_max = 0; ///< As a data: link in the body, decoded size; 0: not taken.
    std::size_t upload_bytes_max = 0; ///< Through encode_upload; 0: no such route.
    bool takes_links = true; ///< Public http(s) links of any origin; else they are uploaded first.
    std::chrono::seconds upload_lifetime{3600}; ///< How long an uploaded file can be named again.
    image_formats formats = image_format::png | image_format::jpeg;
    std::size_t bytes_max = 0; ///< Of a frame however it gets there; 0: not known.
    int side_min = 0;          ///< Pixels, both sides; 0: not known.
    double ratio_max = 0;      ///< Longer by shorter side; 0: not known.
};

/// How a clip that is to be upscaled may reach a host, and what it must be like. Its public http(s)
/// link is taken wherever there is an upscaler.
struct source_rules {
    std::size_t upload_bytes_max = 0; ///< Through encode_upload; 0: no such route.
    std::size_t bytes_max = 0;        ///< However it gets there; 0: not known.
    int lines_max = 0;                ///< The shorter side, in pixels; 0: not known.
};

/// One model at one host.
struct model_facts {
    std::string_view model;    ///< Our name: "kling-2.5-turbo-pro".
    std::string_view endpoint; ///< The host's own name or path.
    bool from_text = false, from_image = false, tail_image = false;
    std::string_view price; ///< As the host put it: "$0.35 / 5 s"; empty: not known.
    /// Of an upscaler: what its size can be, "x1 to x4" or "1080p, 4k"; empty: it makes clips or
    /// stills.
    std::string_view sizes = {};
};

/// Everything that is known of a host beforehand.
struct host_facts {
    std::string_view host;         ///< "fal".
    std::string_view api;          ///< Base URL that its adapter speaks to by default.
    std::string_view key_variable; ///< "FAL_KEY".
    std::string_view auth;         ///< "Authorization: Key ...".

    repeat_semantics repeats = repeat_semantics::none;
    std::string_view own_id;              ///< Header or field that takes the library's own id.
    std::chrono::seconds key_lifetime{0}; ///< How long a repeated id is recognised; 0: for good.

    std::string_view cancel;          ///< What can be cancelled: "queued", "any"; empty: nothing.
    std::size_t status_batch_max = 1; ///< Jobs that one status request tells of.
    std::string_view list_route;      ///< Where the account's jobs are listed; empty: nowhere.
    std::size_t list_max = 0;         ///< Jobs on one page of that list.
    bool status_stream = false;       ///< Whether states can be had as an event stream.

    webhook_scheme webhook = webhook_scheme::none;
    std::string_view upload_route; ///< Empty: none.
    media_rules media;
    source_rules source;

    std::chrono::seconds result_lifetime{3600};
    std::string_view rate_limit;   ///< As known: "20 submits / 10 s"; empty: not known.
    std::string_view prices_as_of; ///< "2026-06-30".
    std::span<const model_facts> models;
};

} // namespace cokino
