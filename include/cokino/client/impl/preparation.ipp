// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Setup and start frames. Whether and how a frame may travel is media_plan's decision; this carries
// it out.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/client/detail/media_plan.hpp>
#include <cokino/client/detail/preparation.hpp>
#include <cokino/client/detail/read_loop.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/image_probe.hpp>
#include <cokino/wire/signature.hpp>

#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>

namespace cokino::detail {

COKINO_DECL awaitable<result<void>> prepare_setup(std::shared_ptr<client_core> core)
{
    if (!core->host->traits().needs_setup || !core->setup.empty())
        co_return result<void>();
    auto turn = co_await as_result(core->setup_turn.acquire());
    if (!turn)
        co_return turn.error();
    if (!core->setup.empty())
        co_return result<void>();
    auto answer = co_await read_loop(core, core->fresh_host().encode_setup(), "setup",
                                     server_faults::repeated);
    if (!answer)
        co_return answer.error();
    auto made = core->host->decode_setup(*answer);
    if (!made)
        co_return made.error();
    core->setup = std::move(*made);
    co_return result<void>();
}

/// A file of at most limits::image_bytes_max. Read in one go: it is a picture on a local disk.
inline result<std::shared_ptr<const std::string>> read_picture(const std::string& path,
                                                               const char* field)
{
    const auto unreadable = [&](const std::string& why) {
        return invalid(field, "the file " + path + " cannot be read: " + why);
    };
    const auto system_words = [] {
        return error_code(errno, boost::system::generic_category()).message();
    };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
    if (!in)
        return unreadable(system_words());
    if (std::fseek(in.get(), 0, SEEK_END) != 0)
        return unreadable(system_words());
    const long size = std::ftell(in.get());
    if (size < 0 || size == std::numeric_limits<long>::max()) // a folder "ends" there
        return unreadable("it is no file");
    if (static_cast<std::uint64_t>(size) > limits::image_bytes_max)
        return unreadable(to_text(size) + " bytes; at most " + to_text(limits::image_bytes_max));
    auto bytes = std::make_shared<std::string>(static_cast<std::size_t>(size), '\0');
    std::rewind(in.get());
    if (std::fread(bytes->data(), 1, bytes->size(), in.get()) != bytes->size())
        return unreadable("it ends early");
    return std::shared_ptr<const std::string>(std::move(bytes));
}

/// Brings one file, or one link, to the host.
inline awaitable<result<std::string>> upload(std::shared_ptr<client_core> core, media_upload m)
{
    constexpr int steps_max = 8; // the longest known route has three
    while (m.url.empty() && m.step < steps_max) {
        auto answer = co_await read_loop(core, core->fresh_host().encode_upload(m), "upload",
                                         server_faults::repeated);
        if (!answer)
            co_return answer.error();
        auto const understood = core->host->decode_upload(m, *answer);
        if (!understood)
            co_return understood.error();
        ++m.step;
    }
    if (m.url.empty())
        co_return failure(errc::internal_error).explain("the upload did not come to an end");
    co_return std::move(m.url);
}

/// One frame. Cost: its bytes are copied once to be sent, and a third more for inline data.
inline awaitable<result<std::string>> bring(std::shared_ptr<client_core> core,
                                            std::shared_ptr<const std::string> bytes,
                                            media_plan plan)
{
    if (plan.how == media_route::send_inline)
        co_return "data:" + plan.content_type + ";base64," + wire::base64_encode(*bytes);
    auto const known = core->uploads.find(plan.digest, core->time->now());
    if (!known.empty())
        co_return std::string(known);
    media_upload m;
    m.bytes = *bytes;
    m.content_type = plan.content_type;
    m.file_name = plan.file_name;
    auto url = co_await upload(core, std::move(m));
    if (url)
        core->uploads.keep(std::move(plan.digest), *url,
                           later(core->time->now(), core->host->traits().media.upload_lifetime));
    co_return url;
}

inline awaitable<result<std::string>> bring_link(std::shared_ptr<client_core> core,
                                                 std::string link)
{
    std::string digest = "link " + link;
    auto const known = core->uploads.find(digest, core->time->now());
    if (!known.empty())
        co_return std::string(known);
    media_upload m;
    m.link = link;
    auto url = co_await upload(core, std::move(m));
    if (url)
        core->uploads.keep(std::move(digest), *url,
                           later(core->time->now(), core->host->traits().media.upload_lifetime));
    co_return url;
}

COKINO_DECL awaitable<result<preparation>> prepare_frames(std::shared_ptr<client_core> core,
                                                          std::shared_ptr<image_to_video> request)
{
    preparation out;
    std::optional<wire::image_facts> first;
    const provider_traits& host = core->host->traits();
    for (const bool tail : {false, true}) {
        image_source& image = tail ? request->tail_image : request->image;
        const char* const field = tail ? "tail_image" : "image";
        if (!needs_bringing(host, image))
            continue;
        result<std::string> link = failure(errc::internal_error);
        if (image.is_link()) {
            if (image.url.starts_with("data:"))
                continue;
            link = co_await bring_link(core, image.url);
        } else {
            auto bytes = image.bytes ? result<std::shared_ptr<const std::string>>(image.bytes)
                                     : read_picture(image.file, field);
            if (!bytes)
                co_return bytes.error();
            auto plan = plan_media(**bytes, host, field, first);
            if (!plan)
                co_return plan.error();
            first = plan->facts;
            for (failure& w : plan->warnings)
                out.warnings.push_back(std::move(w));
            link = co_await bring(core, std::move(*bytes), std::move(*plan));
        }
        if (!link) {
            failure f = link.error();
            if (f.facts().field.empty())
                f.edit().field = field;
            co_return f;
        }
        image = image_source(std::move(*link));
    }
    co_return out;
}

} // namespace cokino::detail
