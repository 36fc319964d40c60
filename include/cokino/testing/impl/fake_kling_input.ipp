// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the fake Kling makes of a submit's body: an order with its price, or a complaint. It is
// stricter than Kling may be about members that nobody documents.
#pragma once

#include <cokino/testing/impl/fake_input.ipp>

#include <algorithm>
#include <array>

namespace cokino::testing::detail {

/// A model in both generations; thousandths of a dollar a second [1.6], silent and with sound.
struct kling_model {
    std::string_view current, legacy;
    int from_s, to_s, step_s;
    bool sound;
    int standard_mills, pro_mills, standard_sound_mills, pro_sound_mills;
};
inline constexpr std::array<kling_model, 3> kling_models{{
    {"kling-2.5-turbo", "kling-v2-5-turbo", 5, 10, 5, false, 42, 70, 0, 0},
    {"kling-2.6", "kling-v2-6", 5, 10, 5, true, 42, 70, 154, 154},
    {"kling-3.0", "kling-v3", 3, 15, 1, true, 84, 112, 126, 168},
}};

struct kling_order {
    kling_order() = default;
    std::string complaint;
    bool missing = false; ///< No such model or route.
    job_kind kind = job_kind::video;
    std::string prompt, image, hook, own_id;
    aspect_ratio ratio = aspect_ratio::landscape_16_9;
    int seconds = 5, count = 1;
    std::int64_t price_mills = 0;
};

/// Reads members of one object; the first complaint stays.
class kling_reader
{
public:
    kling_reader(const boost::json::object& o, std::string& complaint)
        : object_(o), complaint_(complaint)
    {}

    void bad(std::string_view name, std::string_view why)
    {
        if (complaint_.empty())
            complaint_ = std::string(name) + ": " + std::string(why);
    }
    void only(std::string_view names)
    {
        for (const auto& entry : object_)
            if (!contains(names, ' ' + std::string(entry.key()) + ' '))
                bad(std::string(entry.key()), "is not a field");
    }
    std::string text(std::string_view name, std::string_view instead = {})
    {
        if (member(object_, name) == nullptr)
            return std::string(instead);
        const auto found = string_in(object_, name);
        if (!found || found->size() > 3072)
            bad(name, "must be a text of at most 3072 characters");
        return found.value_or("");
    }
    /// One of a few words, each between blanks in `words`.
    std::string word(std::string_view name, std::string_view words, std::string_view instead)
    {
        const std::string found = text(name, instead);
        if (found.empty() || !contains(words, ' ' + found + ' '))
            bad(name, "must be one of" + std::string(words));
        return found;
    }
    std::string frame(std::string_view name)
    {
        const auto found = string_in(object_, name);
        const bool link =
            found && (found->starts_with("http://") || found->starts_with("https://"));
        if (!found || found->empty() ||
            (!link && found->find_first_of(":,; ") != std::string::npos))
            bad(name, "must be a link or base64 without a prefix");
        return found.value_or("");
    }
    const boost::json::object& inner(std::string_view name)
    {
        static const boost::json::object none;
        const auto* found = member(object_, name);
        if (found == nullptr)
            return none;
        if (!found->is_object())
            bad(name, "must be an object");
        return found->is_object() ? found->get_object() : none;
    }

private:
    const boost::json::object& object_;
    std::string& complaint_;
};

inline void kling_price(kling_order& o, const kling_model& m, bool pro, bool sound,
                        kling_reader& reader)
{
    if (o.seconds < m.from_s || o.seconds > m.to_s || (o.seconds - m.from_s) % m.step_s != 0)
        reader.bad("duration", "is not offered");
    const int rate = sound ? (pro ? m.pro_sound_mills : m.standard_sound_mills)
                           : (pro ? m.pro_mills : m.standard_mills);
    o.price_mills = o.seconds * rate;
}

inline void kling_prompt(kling_order& o, std::string found, bool needed, kling_reader& reader)
{
    if (needed && found.empty())
        reader.bad("prompt", "is required");
    o.prompt = std::move(found);
}

/// The frames of "contents" [1.2]; true when there is a last one.
inline bool kling_contents(kling_order& o, const boost::json::object& body)
{
    const auto* contents = member(body, "contents");
    bool last = false;
    kling_reader whole(body, o.complaint);
    if (contents == nullptr || !contents->is_array()) {
        whole.bad("contents", "must be an array");
        return false;
    }
    for (const auto& entry : contents->get_array()) {
        static const boost::json::object none;
        const auto& part = entry.is_object() ? entry.get_object() : none;
        kling_reader reader(part, o.complaint);
        const std::string type = reader.word("type", " prompt first_frame last_frame ", "");
        if (type == "prompt")
            o.prompt = reader.text("text");
        else if (type == "first_frame")
            o.image = reader.frame("url");
        else
            last = !reader.frame("url").empty();
    }
    if (o.image.empty())
        whole.bad("first_frame", "is required");
    return last;
}

inline void kling_read_current(kling_order& o, const boost::json::object& body,
                               const kling_model& m, bool from_image)
{
    kling_reader whole(body, o.complaint);
    whole.only(from_image ? " contents settings options " : " prompt settings options ");
    bool last = false;
    if (from_image)
        last = kling_contents(o, body);
    else
        kling_prompt(o, whole.text("prompt"), true, whole);
    kling_reader settings(whole.inner("settings"), o.complaint);
    settings.only(m.sound ? " resolution aspect_ratio duration audio multi_shot "
                          : " resolution aspect_ratio duration ");
    const bool pro = settings.word("resolution", " 720p 1080p ", "720p") == "1080p";
    if (from_image && member(whole.inner("settings"), "aspect_ratio") != nullptr)
        settings.bad("aspect_ratio", "is the frame's");
    o.ratio = ratio_of(settings.word("aspect_ratio", " 16:9 9:16 1:1 ", "16:9")).value_or(o.ratio);
    if (const auto* d = member(whole.inner("settings"), "duration")) {
        if (!integer_of(*d))
            settings.bad("duration", "must be a whole number");
        o.seconds = static_cast<int>(integer_of(*d).value_or(5));
    }
    if (last && !pro && m.from_s == 5)
        settings.bad("resolution", "a last frame needs 1080p");
    const bool sound = settings.word("audio", " native off ", "off") == "native";
    kling_price(o, m, pro, sound, settings);
    kling_reader options(whole.inner("options"), o.complaint);
    options.only(" callback_url external_task_id watermark_info ");
    o.hook = options.text("callback_url");
    o.own_id = options.text("external_task_id");
}

inline void kling_read_legacy(kling_order& o, const boost::json::object& body, const kling_model& m,
                              bool from_image)
{
    kling_reader reader(body, o.complaint);
    kling_prompt(o, reader.text("prompt"), !from_image, reader);
    reader.text("negative_prompt");
    const bool pro = reader.word("mode", " std pro ", "std") == "pro";
    // Texts here; a number is refused [1.3 T].
    const auto seconds =
        cokino::detail::parse_integer<int>(std::string_view(reader.text("duration", "5")));
    if (!seconds)
        reader.bad("duration", "must be a text");
    o.seconds = seconds.value_or(5);
    if (member(body, "cfg_scale") != nullptr && m.from_s == 5)
        reader.bad("cfg_scale", "is not supported by this model");
    if (member(body, "sound") != nullptr && !m.sound)
        reader.bad("sound", "is not supported by this model");
    const bool sound = reader.word("sound", " on off ", "off") == "on";
    if (from_image) {
        if (member(body, "image") != nullptr || member(body, "image_tail") == nullptr)
            o.image = reader.frame("image");
        if (member(body, "image_tail") != nullptr && !reader.frame("image_tail").empty() && !pro &&
            m.from_s == 5)
            reader.bad("mode", "image_tail needs pro");
    } else {
        o.ratio =
            ratio_of(reader.word("aspect_ratio", " 16:9 9:16 1:1 ", "16:9")).value_or(o.ratio);
    }
    kling_price(o, m, pro, sound, reader);
}

/// 1.7.
inline void kling_read_still(kling_order& o, const boost::json::object& body)
{
    kling_reader reader(body, o.complaint);
    o.kind = job_kind::images;
    kling_prompt(o, reader.text("prompt"), true, reader);
    if (const auto* n = member(body, "n"))
        o.count = static_cast<int>(integer_of(*n).value_or(0));
    if (o.count < 1 || o.count > 9)
        reader.bad("n", "must be 1 to 9");
    o.price_mills = 28 * o.count;
}

inline kling_order kling_read(std::string_view path, const boost::json::object& body)
{
    kling_order o;
    const bool legacy = path.starts_with("/v1/");
    const bool still = path == "/v1/images/generations";
    const bool from_image =
        path.starts_with("/image-to-video/") || path == "/v1/videos/image2video";
    const std::string name = legacy ? string_in(body, "model_name").value_or("")
                                    : std::string(path.substr(path.rfind('/') + 1));
    const auto* const m =
        std::find_if(kling_models.begin(), kling_models.end(), [&](const kling_model& row) {
            return (legacy ? row.legacy : row.current) == name;
        });
    o.prompt = string_in(body, "prompt").value_or("");
    o.missing = (m == kling_models.end() && !still) ||
                (legacy && !still && !from_image && path != "/v1/videos/text2video");
    if (o.missing)
        return o;
    if (still)
        kling_read_still(o, body);
    else if (legacy)
        kling_read_legacy(o, body, *m, from_image);
    else
        kling_read_current(o, body, *m, from_image);
    if (legacy) {
        kling_reader reader(body, o.complaint);
        o.hook = reader.text("callback_url");
        o.own_id = reader.text("external_task_id");
    }
    return o;
}

} // namespace cokino::testing::detail
