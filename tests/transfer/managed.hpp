// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the tests of download_manager share: a host with many clips that takes its time, a disk of
// any size, and an observer.
#pragma once

#include <cokino/transfer/download_manager.hpp>

#include "downloads.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace media_host_test {

/// A disk as the tests say; `used` is what stands on it beside what the gauge is not told of.
class test_disk final : public disk_gauge
{
public:
    std::uint64_t free_bytes = std::uint64_t{1} << 40;
    bool fails = false;
    unsigned looks = 0;

    result<disk_room> room_at(const std::string& path) override
    {
        ++looks;
        if (fails)
            return failure(errc::file_failed);
        disk_room room;
        room.disk = 1;
        room.free_bytes = free_bytes;
        std::error_code none;
        const auto held = std::filesystem::file_size(path, none);
        room.held_bytes = none ? 0 : held;
        return room;
    }
};

/// Writes down what it is told.
struct pause_log {
    std::vector<std::string> lines;
    std::uint64_t needed = 0;
    void on_downloads_paused(const downloads_paused_event& e)
    {
        lines.push_back("paused " + leaf(e.path) + " " + cokino::detail::to_text(e.free_bytes));
        needed = e.needed_bytes;
    }
    void on_downloads_resumed(const downloads_resumed_event& e)
    {
        const auto s = std::chrono::duration_cast<std::chrono::seconds>(e.elapsed);
        lines.push_back("resumed " + leaf(e.path) + " " + cokino::detail::to_text(s.count()));
    }
    static std::string leaf(std::string_view path)
    {
        return std::string(path.substr(path.rfind('/') + 1));
    }
};

/// A manager over a host where each clip takes ten seconds: ten pieces, one a second.
struct managed {
    virtual_test t;
    scratch_directory dir;
    media file;
    media_host host;
    link_list links;
    downloader loads;
    test_disk disk;
    pause_log log;
    download_manager manager;

    explicit managed(download_manager_options options = {}, std::size_t bytes = 160'000)
        : file(some_clip(bytes)), loads(t.ex(), host, &links, downloads::seeded()),
          manager(t.ex(), loads, with(options, disk), log)
    {
        host.answers = [this](const seen& r) {
            auto a = serve(file, r);
            a.piece = file.bytes.size() / 10 + 1;
            a.each = 1s;
            return a;
        };
    }

    static download_manager_options with(download_manager_options options, test_disk& disk)
    {
        options.disk = &disk;
        return options;
    }
    static download_manager_options at_once(std::size_t running, std::size_t per_origin = 1000)
    {
        download_manager_options options;
        options.running_max = running;
        options.running_per_origin_max = per_origin;
        return options;
    }

    static std::string link(int n, const std::string& where = "cdn.host")
    {
        return "https://" + where + "/" + cokino::detail::to_text(n) + ".mp4?Signature=canary";
    }
    std::string path(int n) const { return dir / (cokino::detail::to_text(n) + ".mp4"); }

    /// A clip whose link lives for so long.
    video clip(int n, std::optional<duration> lives = {}, const std::string& where = "cdn.host")
    {
        video v = ordered(link(n, where));
        if (lives)
            v.file.expires_at =
                t.time.system_now() + std::chrono::duration_cast<system_time::duration>(*lives);
        return v;
    }
    started<download_report> start(video v, int n, download_options options = {})
    {
        return t.start(manager.download(std::move(v), path(n), options));
    }
    started<download_report> start(int n) { return start(clip(n), n); }

    /// The numbers of the links asked for so far, in that order.
    std::string asked() const
    {
        std::string all;
        for (const auto& r : host.log) {
            const auto name = r.url.substr(r.url.rfind('/') + 1);
            all += (all.empty() ? "" : " ") + name.substr(0, name.find('.'));
        }
        return all;
    }
};

} // namespace media_host_test
