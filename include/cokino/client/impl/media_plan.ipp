// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The decisions about start frames. Shapes are compared in integers: a side has at most 31 bits, so
// products of two sides, or of a side and a small factor, fit 64.
#pragma once

#include <cokino/client/detail/media_plan.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/signature.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

/// fal's documentation wants inline data for small files only, Replicate's draws the line here
/// [providers/fal-replicate A8.4, B9].
inline constexpr std::size_t inline_bytes_preferred_max = 256 * 1024;
/// Kling 2.5 renders up to 1920 pixels; below this more than half of each line is made up.
inline constexpr int long_side_sharp_min = 1024;

struct ratio_sides {
    aspect_ratio ratio;
    std::uint64_t across, down;
};

inline constexpr ratio_sides ratios[] = {
    {aspect_ratio::landscape_16_9, 16, 9},
    {aspect_ratio::portrait_9_16, 9, 16},
    {aspect_ratio::square_1_1, 1, 1},
};

constexpr std::uint64_t unsigned_side(int side) noexcept
{
    return static_cast<std::uint64_t>(side);
}

/// Whether a differs from b by more than a hundredth of b. Exact: b / 100 is rounded down, but what
/// it is compared with is whole.
constexpr bool differs(std::uint64_t a, std::uint64_t b) noexcept
{
    return (a > b ? a - b : b - a) > b / 100;
}

inline bool has_known_ratio(const wire::image_facts& f) noexcept
{
    return std::any_of(std::begin(ratios), std::end(ratios), [&](const ratio_sides& r) {
        return !differs(unsigned_side(f.width) * r.down, unsigned_side(f.height) * r.across);
    });
}

COKINO_DECL bool differs_in_shape(const wire::image_facts& a, const wire::image_facts& b) noexcept
{
    return differs(unsigned_side(a.width) * unsigned_side(b.height),
                   unsigned_side(b.width) * unsigned_side(a.height));
}

COKINO_DECL centre_crop nearest_crop(int width, int height) noexcept
{
    centre_crop best;
    std::uint64_t kept = 0;
    for (const ratio_sides& r : ratios) {
        const std::uint64_t across = unsigned_side(height) * r.across / r.down;
        const std::uint64_t down = unsigned_side(width) * r.down / r.across;
        const std::uint64_t w = std::clamp<std::uint64_t>(across, 1, unsigned_side(width));
        const std::uint64_t h = std::clamp<std::uint64_t>(down, 1, unsigned_side(height));
        if (w * h <= kept)
            continue;
        kept = w * h;
        best.ratio = r.ratio;
        best.width = static_cast<int>(w);
        best.height = static_cast<int>(h);
    }
    best.left = (width - best.width) / 2;
    best.right = width - best.width - best.left;
    best.above = (height - best.height) / 2;
    best.below = height - best.height - best.above;
    return best;
}

inline std::string size_text(int width, int height)
{
    return to_text(width) + 'x' + to_text(height);
}

/// One frame on its way to a plan.
class media_judge
{
public:
    media_judge(std::string_view bytes, const provider_traits& host, std::string_view field)
        : bytes_(bytes), host_(host), field_(field)
    {}

    result<media_plan> judge(const std::optional<wire::image_facts>& first)
    {
        auto facts = wire::probe_image(bytes_);
        if (!facts)
            return refused(facts.error().facts().message);
        plan_.facts = *facts;
        if (auto fit = check(); !fit)
            return fit.error();
        auto route = choose_route();
        if (!route)
            return route.error();
        plan_.how = *route;
        plan_.content_type = wire::content_type_of(facts->format);
        plan_.digest = wire::hex_encode(wire::sha256_of(bytes_));
        plan_.file_name = "frame-" + plan_.digest.substr(0, 12) + '.';
        plan_.file_name += wire::extension_of(facts->format);
        advise(first);
        return std::move(plan_);
    }

private:
    failure refused(std::string message, errc e = errc::invalid_argument) const
    {
        failure f = invalid(std::string(field_), std::move(message), e);
        f.edit().host = host_.name;
        return f;
    }

    static image_format format_of(wire::image_kind kind) noexcept
    {
        switch (kind) {
        case wire::image_kind::png: return image_format::png;
        case wire::image_kind::jpeg: return image_format::jpeg;
        case wire::image_kind::webp: return image_format::webp;
        case wire::image_kind::gif: return image_format::gif;
        }
        return image_format::png;
    }

    /// "PNG, JPEG or WebP".
    std::string formats_text() const
    {
        constexpr std::pair<image_format, std::string_view> names[] = {
            {image_format::png, "PNG"}, {image_format::jpeg, "JPEG"}, {image_format::webp, "WebP"},
            {image_format::gif, "GIF"}, {image_format::avif, "AVIF"},
        };
        std::vector<std::string_view> taken;
        for (const auto& [format, name] : names)
            if (host_.media.formats.has(format))
                taken.push_back(name);
        std::string out;
        for (std::size_t i = 0; i != taken.size(); ++i) {
            if (i != 0)
                out += i + 1 == taken.size() ? " or " : ", ";
            out += taken[i];
        }
        return out.empty() ? "none" : out;
    }

    /// What the host would refuse however the picture got there.
    result<void> check() const
    {
        const media_rules& rules = host_.media;
        const auto& [format, width, height] = plan_.facts;
        if (!rules.formats.has(format_of(format)))
            return refused("a " + std::string(wire::name_of(format)) + " picture is not taken; " +
                           formats_text());
        const std::size_t most = rules.bytes_max == 0
                                     ? limits::image_bytes_max
                                     : std::min(rules.bytes_max, limits::image_bytes_max);
        if (bytes_.size() > most)
            return refused("the picture has " + to_text(bytes_.size()) + " bytes; at most " +
                           to_text(most));
        const auto [shorter, longer] = std::minmax({width, height});
        if (shorter < rules.side_min)
            return refused("the picture has " + size_text(width, height) +
                           " pixels; each side needs at least " + to_text(rules.side_min));
        if (rules.ratio_max > 0 && longer > rules.ratio_max * shorter)
            return refused("the picture has " + size_text(width, height) +
                           " pixels; the longer side may be at most " + to_text(rules.ratio_max) +
                           " times the shorter");
        return {};
    }

    result<media_route> choose_route() const
    {
        const media_rules& rules = host_.media;
        const std::size_t size = bytes_.size();
        const bool fits_inline = size <= rules.inline_bytes_max; // no picture is empty
        const bool fits_upload = size <= rules.upload_bytes_max;
        if (fits_inline && fits_upload)
            return size > inline_bytes_preferred_max ? media_route::upload
                                                     : media_route::send_inline;
        if (fits_inline)
            return media_route::send_inline;
        if (fits_upload)
            return media_route::upload;
        const std::size_t most = std::max(rules.inline_bytes_max, rules.upload_bytes_max);
        const std::string link = rules.takes_links ? "give a public https link" : "";
        if (most == 0)
            return refused("the host takes no pictures as bytes" +
                               (link.empty() ? "" : "; " + link),
                           errc::unsupported_field);
        return refused("the picture has " + to_text(size) + " bytes, and at most " + to_text(most) +
                       (rules.upload_bytes_max == 0 ? " can be sent inline" : " can be uploaded") +
                       "; make it smaller" + (link.empty() ? "" : ", or " + link));
    }

    void warn(std::string message) { plan_.warnings.push_back(refused(std::move(message))); }

    void advise(const std::optional<wire::image_facts>& first)
    {
        const auto& [format, width, height] = plan_.facts;
        const int longer = std::max(width, height);
        if (longer < long_side_sharp_min)
            warn("the longer side of the picture has " + to_text(longer) + " pixels, fewer than " +
                 to_text(long_side_sharp_min) +
                 ": the clip is rendered at up to 1080p and will look soft");
        if (!has_known_ratio(plan_.facts))
            warn(crop_text(nearest_crop(width, height)));
        if (first && differs_in_shape(plan_.facts, *first))
            warn("the last frame has " + size_text(width, height) + " pixels, the first " +
                 size_text(first->width, first->height) +
                 ": their shapes differ, so one of them will be cropped or stretched");
    }

    std::string crop_text(const centre_crop& crop) const
    {
        const std::string ratio(text_of(crop.ratio));
        const auto part = [](int count, const char* one, const char* many) {
            return to_text(count) + (count == 1 ? one : many);
        };
        std::string out = "the picture is neither 16:9, 9:16 nor 1:1: a host that crops to " +
                          ratio + " will keep " + size_text(crop.width, crop.height) + " of " +
                          size_text(plan_.facts.width, plan_.facts.height) + ", cutting ";
        if (crop.left + crop.right != 0)
            out += part(crop.left, " column", " columns") + " on the left and " +
                   to_text(crop.right) + " on the right";
        else
            out +=
                part(crop.above, " row", " rows") + " above and " + to_text(crop.below) + " below";
        return out;
    }

    std::string_view bytes_;
    const provider_traits& host_;
    std::string_view field_;
    media_plan plan_;
};

COKINO_DECL result<media_plan> plan_media(std::string_view bytes, const provider_traits& host,
                                          std::string_view field,
                                          const std::optional<wire::image_facts>& first)
{
    return media_judge(bytes, host, field).judge(first);
}

} // namespace cokino::detail
