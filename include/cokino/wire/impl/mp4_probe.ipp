// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/mp4_probe.hpp. Every box must end inside the one that holds it, and the number
// of boxes looked at is bounded, so the worst file costs a bounded number of small reads.
#pragma once

#include <cokino/wire/mp4_probe.hpp>

#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace cokino::wire {
namespace detail {

class mp4_walker
{
public:
    explicit mp4_walker(byte_reader& file) : file_(file) {}

    result<mp4_info> run()
    {
        std::uint64_t at = 0;
        auto const end = file_.size();
        if (end == 0)
            return bad("the file is empty");
        while (at != end) {
            auto const next = box_at(at, end);
            if (!next)
                return next.error();
            if (at == 0 && next->type != code("ftyp"))
                return bad("the file does not begin like an MP4");
            auto const done = top_level(*next);
            if (!done)
                return done.error();
            at = next->end;
        }
        if (!has_moov_)
            return bad("the MP4 has no moov box: it cannot be played");
        if (!has_mdat_)
            return bad("the MP4 has no mdat box: it holds no pictures");
        if (!has_mvhd_)
            return bad("the MP4's moov box has no mvhd box");
        if (!has_video_)
            return bad("the MP4 has no video track");
        return info_;
    }

private:
    // A long fragmented clip has two boxes a second or so; tracks and their parts are few.
    static constexpr unsigned boxes_max = 20'000;

    struct box {
        std::uint32_t type;
        std::uint64_t body;
        std::uint64_t end;
    };
    struct track {
        unsigned width = 0;
        unsigned height = 0;
        bool has_size = false;
        bool video = false;
        std::optional<box> descriptions; // stsd
    };

    static constexpr std::uint32_t code(const char (&name)[5]) noexcept
    {
        std::uint32_t value = 0;
        for (int i = 0; i != 4; ++i)
            value = value << 8 | static_cast<unsigned char>(name[i]);
        return value;
    }
    static failure bad(const char* message)
    {
        return failure(errc::content_mismatch, fate::answered).explain(message);
    }

    template <std::size_t N> static std::uint64_t number(const unsigned char* p) noexcept
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i != N; ++i)
            value = value << 8 | p[i];
        return value;
    }

    static bool printable(std::uint32_t type) noexcept
    {
        for (int shift = 24; shift >= 0; shift -= 8) {
            auto const c = type >> shift & 0xFF;
            if ((c < 0x20 || c > 0x7e) && c != 0xA9) // Apple's names begin with a copyright sign
                return false;
        }
        return true;
    }

    /// Reads a box's header and proves that the box ends at or before `limit`.
    result<box> box_at(std::uint64_t at, std::uint64_t limit)
    {
        if (++boxes_ > boxes_max)
            return bad("the MP4 has more boxes than any clip has");
        if (limit - at < 8)
            return bad("the MP4 ends inside a box's header");
        std::array<unsigned char, 16> head{};
        auto const have = static_cast<std::size_t>(limit - at < 16 ? 8 : 16);
        auto const read = file_.read_at(at, std::span(head).first(have));
        if (!read)
            return read.error();
        box found{static_cast<std::uint32_t>(number<4>(head.data() + 4)), at + 8, limit};
        if (!printable(found.type))
            return bad("the MP4 holds bytes where a box should begin");
        auto size = number<4>(head.data());
        if (size == 0) // to the end of the file, which only the last box may do
            return limit == file_.size() ? result<box>(found)
                                         : bad("a box inside the MP4 has no size");
        if (size == 1) {
            if (have < 16)
                return bad("the MP4 ends inside a box's header");
            size = number<8>(head.data() + 8);
            found.body = at + 16;
        }
        if (size < found.body - at)
            return bad("a box of the MP4 is smaller than its own header");
        if (size > limit - at)
            return bad(limit == file_.size()
                           ? "the MP4 is cut off: a box reaches past its end"
                           : "a box of the MP4 reaches past the one that holds it");
        found.end = at + size;
        return found;
    }

    /// Calls step(box) for each box inside `outer`.
    template <class Step> result<void> each_box(const box& outer, Step step)
    {
        for (auto at = outer.body; at != outer.end;) {
            auto const inner = box_at(at, outer.end);
            if (!inner)
                return inner.error();
            if (auto const done = step(*inner); !done)
                return done.error();
            at = inner->end;
        }
        return {};
    }

    template <std::size_t N>
    result<std::array<unsigned char, N>> body_of(const box& b, const char* message)
    {
        std::array<unsigned char, N> bytes{};
        if (b.end - b.body < N)
            return bad(message);
        if (auto const read = file_.read_at(b.body, bytes); !read)
            return read.error();
        return bytes;
    }

    result<void> top_level(const box& b)
    {
        if (b.type == code("ftyp") && b.end - b.body < 8)
            return bad("the MP4's ftyp box is too small");
        if (b.type == code("mdat")) {
            has_mdat_ = has_mdat_ || b.end != b.body;
        } else if (b.type == code("moov")) {
            if (has_moov_)
                return bad("the MP4 has two moov boxes");
            has_moov_ = true;
            info_.moov_first = !has_mdat_;
            return each_box(b, [this](const box& inner) { return in_moov(inner); });
        }
        return {};
    }

    result<void> in_moov(const box& b)
    {
        if (b.type == code("mvhd"))
            return movie_header(b);
        if (b.type == code("mvex")) {
            info_.fragmented = true;
            return each_box(b, [this](const box& inner) {
                return inner.type == code("mehd") ? fragment_header(inner) : result<void>{};
            });
        }
        if (b.type != code("trak"))
            return {};
        track t;
        auto const done = each_box(b, [&](const box& inner) { return in_track(inner, t); });
        if (!done || !t.video)
            return done;
        if (!t.has_size)
            return bad("the MP4's video track has no tkhd box");
        if (!has_video_) {
            if (t.width == 0 || t.height == 0)
                return bad("the MP4's video track has no width or height");
            info_.width = t.width;
            info_.height = t.height;
            if (auto const read = sample_entry(t); !read)
                return read;
        }
        has_video_ = true;
        return {};
    }

    result<void> in_track(const box& b, track& t)
    {
        if (b.type == code("tkhd"))
            return track_header(b, t);
        if (b.type != code("mdia"))
            return {};
        return each_box(b, [&](const box& inner) -> result<void> {
            if (inner.type == code("minf"))
                return each_box(inner, [&](const box& part) { return in_media(part, t); });
            if (inner.type != code("hdlr"))
                return {};
            auto const body = body_of<12>(inner, "the MP4's hdlr box is too small");
            if (!body)
                return body.error();
            t.video = t.video || number<4>(body->data() + 8) == code("vide");
            return {};
        });
    }

    // The track's kind may be told after this.
    result<void> in_media(const box& b, track& t)
    {
        if (b.type != code("stbl"))
            return {};
        return each_box(b, [&](const box& inner) -> result<void> {
            if (inner.type == code("stsd") && !t.descriptions)
                t.descriptions = inner;
            return {};
        });
    }

    /// The first entry of a video track, whatever its codec: avc1, hvc1, av01, vp09 ...
    result<void> sample_entry(const track& t)
    {
        constexpr auto message = "the MP4's video track has no sample entry";
        if (!t.descriptions)
            return bad(message);
        auto const head = body_of<8>(*t.descriptions, message);
        if (!head)
            return head.error();
        if (number<4>(head->data() + 4) == 0)
            return bad(message);
        auto const entry = box_at(t.descriptions->body + 8, t.descriptions->end);
        if (!entry)
            return entry.error();
        auto const body = body_of<78>(*entry, "the MP4's sample entry is too small");
        if (!body)
            return body.error();
        info_.coded_width = static_cast<unsigned>(number<2>(body->data() + 24));
        info_.coded_height = static_cast<unsigned>(number<2>(body->data() + 26));
        if (info_.coded_width == 0 || info_.coded_height == 0)
            return bad("the MP4's sample entry has no width or height");
        return {};
    }

    result<void> movie_header(const box& b)
    {
        constexpr auto message = "the MP4's mvhd box is too small";
        auto const start = body_of<20>(b, message);
        if (!start)
            return start.error();
        has_mvhd_ = true;
        if ((*start)[0] == 1) {
            auto const body = body_of<32>(b, message);
            if (!body)
                return body.error();
            timescale_ = number<4>(body->data() + 20);
            return set_duration(number<8>(body->data() + 24), UINT64_MAX);
        }
        timescale_ = number<4>(start->data() + 12);
        return set_duration(number<4>(start->data() + 16), UINT32_MAX);
    }

    /// The length of a fragmented file, in the units of mvhd, which comes before it.
    result<void> fragment_header(const box& b)
    {
        auto const start = body_of<8>(b, "the MP4's mehd box is too small");
        if (!start)
            return start.error();
        if ((*start)[0] != 1)
            return set_duration(number<4>(start->data() + 4), UINT32_MAX);
        auto const body = body_of<12>(b, "the MP4's mehd box is too small");
        if (!body)
            return body.error();
        return set_duration(number<8>(body->data() + 4), UINT64_MAX);
    }

    result<void> set_duration(std::uint64_t units, std::uint64_t unknown)
    {
        if (timescale_ == 0)
            return bad("the MP4's timescale is zero");
        if (units == unknown || units == 0)
            return {};
        constexpr std::uint64_t seconds_max = 1'000'000; // eleven days
        auto const seconds = units / timescale_;
        if (seconds > seconds_max)
            return bad("the MP4 says that it is days long");
        auto const millis = seconds * 1000 + units % timescale_ * 1000 / timescale_;
        info_.duration = std::chrono::milliseconds(static_cast<std::int64_t>(millis));
        return {};
    }

    result<void> track_header(const box& b, track& t)
    {
        constexpr auto message = "the MP4's tkhd box is too small";
        auto const start = body_of<84>(b, message);
        if (!start)
            return start.error();
        auto const* sizes = start->data() + 76;
        std::array<unsigned char, 96> longer{};
        if ((*start)[0] == 1) {
            auto const body = body_of<96>(b, message);
            if (!body)
                return body.error();
            longer = *body;
            sizes = longer.data() + 88;
        }
        // Numbers of 16.16 bits; what stands behind the point does not matter.
        t.width = static_cast<unsigned>(number<2>(sizes));
        t.height = static_cast<unsigned>(number<2>(sizes + 4));
        // The matrix {a b u, c d v, x y w} stands before them.
        auto const at = [&](int place) { return number<4>(sizes - 36 + 4 * place); };
        bool const turned = at(0) == 0 && at(4) == 0 && at(1) != 0 && at(3) != 0;
        if (turned)
            std::swap(t.width, t.height);
        t.has_size = true;
        return {};
    }

    byte_reader& file_;
    mp4_info info_;
    unsigned boxes_ = 0;
    std::uint64_t timescale_ = 0;
    bool has_moov_ = false;
    bool has_mdat_ = false;
    bool has_mvhd_ = false;
    bool has_video_ = false;
};

} // namespace detail

COKINO_DECL result<void> memory_reader::read_at(std::uint64_t offset, std::span<unsigned char> to)
{
    if (offset > bytes_.size() || bytes_.size() - offset < to.size())
        return failure(errc::internal_error, fate::answered).explain("read past the end");
    if (!to.empty())
        std::memcpy(to.data(), bytes_.data() + offset, to.size());
    return {};
}

COKINO_DECL result<mp4_info> probe_mp4(byte_reader& file) { return detail::mp4_walker(file).run(); }

} // namespace cokino::wire
