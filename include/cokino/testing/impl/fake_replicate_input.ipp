// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which models the fake Replicate offers, and what it refuses of an input: the schemas of
// providers/fal-replicate.md C1 to C5 and the wording of B7.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/testing/impl/fake_input.ipp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::testing {
namespace detail {

/// What one member of an input must be.
enum class replicate_type : unsigned char { text, link, integer, flag, word };

struct replicate_field {
    std::string_view name;
    replicate_type type;
    std::string_view words; ///< Of a word: those that are offered, "16:9 9:16".
    int low = 0, high = 0;  ///< Of an integer, or of a text's length; both 0: any.
};

/// A model that is offered. Kling's prices are those of C1 and C2, the others fal's (A9), since
/// none was found.
struct replicate_model {
    std::string_view path;
    job_kind kind;
    int mills, mills_with_sound, mills_standard, mills_standard_sound; ///< A second, or a still.
    std::array<replicate_field, 12> fields;
};

inline constexpr std::string_view replicate_ratios = "16:9 9:16 1:1";

// C1 to C5.
inline constexpr std::array<replicate_model, 7> replicate_models{{
    {"kwaivgi/kling-v2.5-turbo-pro",
     job_kind::video,
     70,
     0,
     0,
     0,
     {{{"prompt", replicate_type::text, "", 1, 2500},
       {"negative_prompt", replicate_type::text, "", 0, 2500},
       {"start_image", replicate_type::link, ""},
       {"end_image", replicate_type::link, ""},
       {"image", replicate_type::link, ""},
       {"duration", replicate_type::integer, "5 10"},
       {"aspect_ratio", replicate_type::word, replicate_ratios}}}},
    {"kwaivgi/kling-v3-video",
     job_kind::video,
     224,
     336,
     168,
     252,
     {{{"prompt", replicate_type::text, "", 1, 2500},
       {"negative_prompt", replicate_type::text, "", 0, 2500},
       {"start_image", replicate_type::link, ""},
       {"end_image", replicate_type::link, ""},
       {"mode", replicate_type::word, "standard pro"},
       {"aspect_ratio", replicate_type::word, replicate_ratios},
       {"duration", replicate_type::integer, "", 3, 15},
       {"generate_audio", replicate_type::flag, ""},
       {"multi_prompt", replicate_type::text, "", 0, 10000}}}},
    {"bytedance/seedance-2.0",
     job_kind::video,
     302,
     302,
     0,
     0,
     {{{"prompt", replicate_type::text, "", 1, 10000},
       {"image", replicate_type::link, ""},
       {"last_frame_image", replicate_type::link, ""},
       {"duration", replicate_type::integer, "", -1, 15},
       {"resolution", replicate_type::word, "480p 720p 1080p"},
       {"aspect_ratio", replicate_type::word, "16:9 9:16 1:1 21:9 4:3 3:4 adaptive"},
       {"generate_audio", replicate_type::flag, ""},
       {"seed", replicate_type::integer, ""}}}},
    {"black-forest-labs/flux-1.1-pro",
     job_kind::images,
     40,
     0,
     0,
     0,
     {{{"prompt", replicate_type::text, "", 1, 10000},
       {"aspect_ratio", replicate_type::word, "1:1 16:9 3:2 2:3 4:5 5:4 9:16 3:4 4:3 custom"},
       {"width", replicate_type::integer, "", 256, 1440},
       {"height", replicate_type::integer, "", 256, 1440},
       {"seed", replicate_type::integer, ""},
       {"output_format", replicate_type::word, "webp jpg png"},
       {"output_quality", replicate_type::integer, "", 0, 100},
       {"safety_tolerance", replicate_type::integer, "", 1, 6},
       {"prompt_upsampling", replicate_type::flag, ""}}}},
    {"black-forest-labs/flux-2-pro",
     job_kind::images,
     30,
     0,
     0,
     0,
     {{{"prompt", replicate_type::text, "", 1, 10000},
       {"aspect_ratio", replicate_type::word,
        "1:1 16:9 3:2 2:3 4:5 5:4 9:16 3:4 4:3 match_input_image custom"},
       {"width", replicate_type::integer, "", 256, 2048},
       {"height", replicate_type::integer, "", 256, 2048},
       {"resolution", replicate_type::text, "", 0, 20},
       {"seed", replicate_type::integer, ""},
       {"output_format", replicate_type::word, "webp jpg png"},
       {"output_quality", replicate_type::integer, "", 0, 100},
       {"safety_tolerance", replicate_type::integer, "", 1, 5}}}},
    {"recraft-ai/recraft-v",
     job_kind::images,
     40,
     0,
     0,
     0,
     {{{"prompt", replicate_type::text, "", 1, 10000},
       {"size", replicate_type::text, "", 0, 20},
       {"style", replicate_type::text, "", 0, 100},
       {"aspect_ratio", replicate_type::text, "", 0, 20}}}},
    // A second to 1080p, and to 4k.
    {"topazlabs/video-upscale",
     job_kind::video,
     37,
     0,
     150,
     0,
     {{{"video", replicate_type::link, ""},
       {"target_resolution", replicate_type::word, "720p 1080p 4k"},
       {"target_fps", replicate_type::integer, "", 15, 120}}}},
}};

inline const replicate_model* replicate_model_of(std::string_view path) noexcept
{
    for (const replicate_model& m : replicate_models)
        if (path == m.path || (m.path.ends_with("-v") && (path == "recraft-ai/recraft-v3" ||
                                                          path == "recraft-ai/recraft-v4")))
            return &m;
    return nullptr;
}

inline bool replicate_has_word(std::string_view words, std::string_view word) noexcept
{
    while (!words.empty())
        if (cokino::detail::take_until(words, ' ') == word)
            return true;
    return false;
}

/// B7: collects `invalid_fields`, and their sentences for `detail`.
class replicate_complaints
{
public:
    void add(std::string_view type, const std::string& field, const std::string& text)
    {
        json_text w;
        w->begin_object().member("type", type).member("field", field);
        w->member("description", text).end_object();
        fields_ += (fields_.empty() ? "" : ",") + w.take();
        detail_ += "- " + field + ": " + text + '\n';
    }
    bool none() const noexcept { return fields_.empty(); }

    fake_reply reply() const
    {
        json_text w;
        w->begin_object().member("detail", detail_).member("status", 422);
        w->member("title", "Input validation failed");
        w->raw_member("invalid_fields", '[' + fields_ + ']').end_object();
        return problem(422, w.take());
    }
    static fake_reply problem(unsigned status, std::string body)
    {
        fake_reply reply = json_reply(status, std::move(body));
        reply.fields.front().second = "application/problem+json";
        return reply;
    }

private:
    std::string fields_, detail_;
};

inline void check_replicate_field(const replicate_field& f, const boost::json::value& v,
                                  replicate_complaints& wrong)
{
    const std::string at = "input." + std::string(f.name), name(f.name);
    const auto expected = [&](const char* what) {
        wrong.add("invalid_type", at, "Invalid type. Expected: " + std::string(what));
    };
    if (f.type == replicate_type::flag) {
        if (!v.is_bool())
            return expected("boolean");
        return;
    }
    if (f.type == replicate_type::integer) {
        const auto number = integer_of(v);
        if (!number)
            return expected("integer");
        if (!f.words.empty() && !replicate_has_word(f.words, std::to_string(*number)))
            return wrong.add("enum", at,
                             name + " must be one of the following: " + std::string(f.words));
        if (f.high != 0 && *number > f.high)
            wrong.add("number_lte", at, "Must be less than or equal to " + std::to_string(f.high));
        else if (f.high != 0 && *number < f.low)
            wrong.add("number_gte", at,
                      "Must be greater than or equal to " + std::to_string(f.low));
        return;
    }
    if (!v.is_string())
        return expected("string");
    const std::string_view text(v.get_string().data(), v.get_string().size());
    if (f.type == replicate_type::word && !replicate_has_word(f.words, text))
        wrong.add("enum", at, name + " must be one of the following: " + std::string(f.words));
    else if (f.type == replicate_type::link && !text.starts_with("https://") &&
             !text.starts_with("http://") && !text.starts_with("data:"))
        wrong.add("format", at, "Does not match format 'uri'");
    else if (f.type == replicate_type::text && f.high != 0 &&
             text.size() > static_cast<std::size_t>(f.high))
        wrong.add("string_lte", at,
                  "String length must be less than or equal to " + std::to_string(f.high));
}

} // namespace detail

} // namespace cokino::testing
