// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The kinds of hosts that a download may meet: each spoils what a good host would answer in one
// way. The wrong bytes that some of them send have right lengths, so that only a look, a validator
// or a digest can tell.
#pragma once

#include <cokino/core/text.hpp>

#include "downloads.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hostile_hosts_test {

using namespace media_host_test;

/// What a hostile host knows when it answers.
struct scene {
    const media& file;
    const media& other; // another version, of another length
    seen request;
    std::size_t cut; // where the first body breaks off
    unsigned number; // of the request, from 0
    bool first() const { return number == 0; }

    answer good() const { return serve(file, request); }
};

inline void set_field(answer& a, std::string_view name, std::string value)
{
    std::erase_if(a.fields, [&](const auto& f) { return cokino::detail::iequals(f.first, name); });
    if (!value.empty())
        a.fields.emplace_back(name, std::move(value));
}

/// How runs against a host may end. Whatever it says, no wrong file ever gets its name.
enum class end : unsigned char { whole, refused, either };

struct hostile_kind {
    const char* name;
    end after_cut; // an honest body that breaks off, then this; or this, and its body breaks off
    std::function<answer(const scene&)> answers;
};

/// A good host that says one thing differently, in answers that `when` picks.
template <class Spoil> std::function<answer(const scene&)> spoilt(Spoil spoil)
{
    return [spoil](const scene& s) {
        auto a = s.good();
        spoil(a, s);
        return a;
    };
}

/// The same in answers to ranges alone.
template <class Spoil> std::function<answer(const scene&)> spoilt_parts(Spoil spoil)
{
    return spoilt([spoil](answer& a, const scene& s) {
        if (a.status == 206)
            spoil(a, s);
    });
}

inline std::function<answer(const scene&)> always(answer a)
{
    return [a = std::move(a)](const scene&) { return a; };
}

/// Answers with `a` once, after the cut, and well otherwise.
inline std::function<answer(const scene&)> once(answer a)
{
    return [a = std::move(a)](const scene& s) { return s.number == 1 ? a : s.good(); };
}

inline std::string content_range(std::uint64_t first, std::uint64_t last, std::string_view total)
{
    return "bytes " + cokino::detail::to_text(first) + "-" + cokino::detail::to_text(last) + "/" +
           std::string(total);
}

inline answer with_field(answer a, const char* name, std::string value)
{
    set_field(a, name, std::move(value));
    return a;
}

inline std::string sha256_field(std::string_view bytes)
{
    const auto digest = wire::sha256_of(bytes);
    return "sha-256=:" +
           wire::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()}) + ":";
}

// ---- the kinds ---------------------------------------------------------------------------------

inline void add_lengths(std::vector<hostile_kind>& all)
{
    all.push_back({"short: every body ends early", end::refused, spoilt([](auto& a, const scene&) {
                       a.breaks_after = std::min<std::size_t>(a.body.size(), 1000) / 2;
                   })});
    all.push_back(
        {"short, and the length agrees", end::refused, spoilt([](auto& a, const scene& s) {
             const auto size = s.file.bytes.size() - 1000;
             a = with_field(serve(s.file, {}), "ETag", "\"short\"");
             a.body.resize(size);
         })});
    all.push_back({"long: more than was promised", end::refused, spoilt([](auto& a, const scene&) {
                       set_field(a, "Content-Length", cokino::detail::to_text(a.body.size()));
                       a.body += "and more";
                   })});
    all.push_back(
        {"no length", end::either, spoilt([](auto& a, const scene&) { a.with_length = false; })});
    all.push_back(
        {"no length, and the close comes early", end::refused, spoilt([](auto& a, const scene& s) {
             a = serve(s.file, {});
             a.with_length = false;
             a.body.resize(a.body.size() - 100'000);
         })});
    all.push_back({"chunked, and cut in a chunk", end::either, spoilt([](auto& a, const scene& s) {
                       a.with_length = false;
                       a.fields.emplace_back("Transfer-Encoding", "chunked");
                       if (s.number < 3)
                           a.breaks_after = a.body.size() / 2;
                   })});
    all.push_back({"reset at every 64 KiB", end::whole,
                   spoilt([](auto& a, const scene&) { a.breaks_after = 64 * 1024; })});
    all.push_back({"reset at every 64 KiB, and nothing to resume by", end::either,
                   spoilt([](auto& a, const scene&) {
                       set_field(a, "ETag", "");
                       a.breaks_after = 64 * 1024;
                   })});
    all.push_back({"silence in the middle of every body", end::whole,
                   spoilt([](auto& a, const scene&) { a.hangs_after = 300'000; })});
    all.push_back({"silence from the first byte on", end::refused,
                   spoilt([](auto& a, const scene&) { a.hangs_after = 0; })});
    all.push_back({"one byte a second", end::refused, spoilt([](auto& a, const scene&) {
                       a.piece = 1;
                       a.each = 1s;
                   })});
    all.push_back({"one byte a second, once", end::whole, spoilt([](auto& a, const scene& s) {
                       a.piece = s.number == 1 ? 1 : a.piece;
                       a.each = s.number == 1 ? 1s : 0s;
                   })});
    all.push_back({"moov cut off, and the boxes agree with the length", end::refused,
                   spoilt([](auto& a, const scene&) {
                       a = serve(some_clip(0, "\"cut\""), {});
                       a.body.resize(a.body.find("moov") + 60);
                   })});
    all.push_back({"an empty file", end::refused,
                   always(with_field(plain(200, "", "video/mp4"), "ETag", "\"v1\""))});
}

inline void add_ranges(std::vector<hostile_kind>& all)
{
    const auto moved = [](std::int64_t by) {
        return spoilt_parts([by](auto& a, const scene& s) {
            auto r = s.request;
            r.offset = static_cast<std::uint64_t>(static_cast<std::int64_t>(r.offset) + by);
            a = serve(s.file, r);
        });
    };
    all.push_back({"ignores Range", end::either, [](const scene& s) { return serve(s.file, {}); }});
    all.push_back({"ignores Range, and each body breaks off", end::refused, [](const scene& s) {
                       auto a = serve(s.file, {});
                       a.breaks_after = a.body.size() - 1;
                       return a;
                   }});
    all.push_back({"206 from a byte too early", end::either, moved(-1)});
    all.push_back({"206 from a byte too late", end::either, moved(1)});
    all.push_back({"206 from the start", end::either, spoilt_parts([](auto& a, const scene& s) {
                       auto r = s.request;
                       r.offset = 0;
                       a = serve(s.file, r);
                   })});
    all.push_back({"206 with another total", end::either, spoilt_parts([](auto& a, const scene& s) {
                       set_field(a, "Content-Range",
                                 content_range(s.request.offset, s.file.bytes.size() - 1,
                                               cokino::detail::to_text(s.file.bytes.size() + 1)));
                   })});
}

inline void add_odd_ranges(std::vector<hostile_kind>& all)
{
    const auto says = [](std::string value) {
        return spoilt_parts(
            [value](auto& a, const scene&) { set_field(a, "Content-Range", value); });
    };
    all.push_back({"206 of an unknown total", end::whole, spoilt_parts([](auto& a, const scene& s) {
                       set_field(a, "Content-Range",
                                 content_range(s.request.offset, s.file.bytes.size() - 1, "*"));
                   })});
    all.push_back({"206 whose range is backwards", end::either, says("bytes 9-5/10")});
    all.push_back({"206 whose range is in other units", end::either, says("seconds 1-2/3")});
    all.push_back({"206 without a range", end::either, says("")});
    all.push_back({"206 whose range is not satisfiable", end::either, says("bytes */100")});
    all.push_back({"206 whose length contradicts its range", end::either,
                   spoilt_parts([](auto& a, const scene&) {
                       set_field(a, "Content-Length", cokino::detail::to_text(a.body.size() + 5));
                   })});
    all.push_back({"206 in parts", end::either, spoilt_parts([](auto& a, const scene&) {
                       set_field(a, "Content-Type", "multipart/byteranges; boundary=x");
                       a.body = "--x\r\nContent-Type: video/mp4\r\n\r\n" + a.body + "\r\n--x--\r\n";
                   })});
    all.push_back({"206 unasked", end::either, [](const scene& s) {
                       auto a = serve(s.file, {});
                       if (s.request.ranged)
                           return s.good();
                       a.status = 206;
                       a.fields.emplace_back("Content-Range",
                                             content_range(0, a.body.size() - 1,
                                                           cokino::detail::to_text(a.body.size())));
                       return a;
                   }});
    all.push_back(
        {"206 of less than was asked for", end::whole, spoilt_parts([](auto& a, const scene& s) {
             a.body.resize(std::min<std::size_t>(a.body.size(), 100'000));
             set_field(a, "Content-Range",
                       content_range(s.request.offset, s.request.offset + a.body.size() - 1,
                                     cokino::detail::to_text(s.file.bytes.size())));
         })});
    all.push_back(
        {"206 of ten bytes at a time", end::either, spoilt_parts([](auto& a, const scene& s) {
             a.body.resize(std::min<std::size_t>(a.body.size(), 10));
             set_field(a, "Content-Range",
                       content_range(s.request.offset, s.request.offset + a.body.size() - 1,
                                     cokino::detail::to_text(s.file.bytes.size())));
         })});
    all.push_back(
        {"206 with an error page in it", end::either, spoilt_parts([](auto& a, const scene&) {
             a.body = "<html>" + std::string(a.body.size() - 6, ' ');
             set_field(a, "Content-Type", "text/html");
         })});
    all.push_back({"416 in the middle", end::either, spoilt_parts([](auto& a, const scene&) {
                       a = with_field(plain(416), "Content-Range", "bytes */7");
                   })});
    all.push_back({"416 that says nothing", end::either,
                   spoilt_parts([](auto& a, const scene&) { a = plain(416); })});
    all.push_back({"416 at every request", end::refused, always(plain(416))});
}

inline void add_versions(std::vector<hostile_kind>& all)
{
    const char* const date = "Sun, 06 Nov 1994 08:49:37 GMT";
    const auto dated = [date](auto& a, std::string modified) {
        set_field(a, "ETag", "");
        set_field(a, "Date", date);
        set_field(a, "Last-Modified", std::move(modified));
    };
    all.push_back({"another version once the first broke off", end::whole,
                   [](const scene& s) { return serve(s.first() ? s.file : s.other, s.request); }});
    all.push_back({"another version, and If-Range is ignored", end::whole, [](const scene& s) {
                       auto r = s.request;
                       r.if_range.clear();
                       return serve(s.first() ? s.file : s.other, r);
                   }});
    all.push_back({"two versions in turn", end::either, [](const scene& s) {
                       return serve(s.number % 2 == 0 ? s.file : s.other, s.request);
                   }});
    all.push_back(
        {"an ETag that changes with each answer", end::either, spoilt([](auto& a, const scene& s) {
             set_field(a, "ETag", "\"" + cokino::detail::to_text(s.number) + "\"");
         })});
    all.push_back({"a weak ETag", end::either,
                   spoilt([](auto& a, const scene&) { set_field(a, "ETag", "W/\"v1\""); })});
    all.push_back({"an ETag that became weak", end::either, spoilt([](auto& a, const scene& s) {
                       if (!s.first())
                           set_field(a, "ETag", "W/\"v1\"");
                   })});
    all.push_back(
        {"no validator, and the rest of another version", end::either, [](const scene& s) {
             auto r = s.request;
             r.if_range.clear();
             auto a = serve(s.first() ? s.file : s.other, r);
             set_field(a, "ETag", "");
             return a;
         }});
    all.push_back({"Last-Modified that changes", end::either, [dated](const scene& s) {
                       auto r = s.request;
                       r.ranged = r.ranged && s.first(); // so that If-Range fails
                       auto a = serve(s.file, r);
                       dated(a, "Sun, 06 Nov 1994 08:4" + cokino::detail::to_text(s.number % 9) +
                                    ":30 GMT");
                       return a;
                   }});
    all.push_back({"Last-Modified of this very second", end::either,
                   spoilt([dated, date](auto& a, const scene&) { dated(a, date); })});
    all.push_back(
        {"a digest that belongs to another file", end::refused, spoilt([](auto& a, const scene& s) {
             set_field(a, "Repr-Digest", sha256_field(s.other.bytes));
         })});
    all.push_back({"the same ETag for other bytes, and a digest", end::whole, [](const scene& s) {
                       auto other = s.file;
                       for (std::size_t at = 20'000; at < other.bytes.size(); at += 4096)
                           other.bytes[at] =
                               static_cast<char>(other.bytes[at] ^ (s.first() ? 1 : 0));
                       auto a = serve(other, s.request);
                       set_field(a, "Repr-Digest", sha256_field(s.file.bytes));
                       return a;
                   }});
}

inline void add_answers(std::vector<hostile_kind>& all)
{
    const auto fails = [](errc code) {
        answer a;
        a.fails = failure(code);
        return a;
    };
    const std::string page = "<!DOCTYPE html><html>gone</html>";
    all.push_back(
        {"packed, though it was asked not to be", end::refused,
         spoilt([](auto& a, const scene&) { set_field(a, "Content-Encoding", "gzip"); })});
    all.push_back({"an HTML page under a clip's type", end::refused,
                   always(with_field(plain(200, page, "video/mp4"), "ETag", "\"p\""))});
    all.push_back({"an HTML page, honestly", end::refused, always(plain(200, page))});
    all.push_back({"a JSON text", end::refused,
                   always(plain(200, R"({"error":"expired"})", "application/json"))});
    all.push_back({"an HTML page once", end::either, once(plain(200, page, "video/mp4"))});
    all.push_back({"204", end::refused, always(plain(204))});
    all.push_back({"a redirect that leads to itself", end::refused,
                   [](const scene& s) { return redirect(s.request.url); }});
    all.push_back({"a redirect down to http", end::refused, always(redirect("http://cdn.host/a"))});
    all.push_back({"a redirect to no place", end::refused, always(redirect(""))});
    all.push_back(
        {"a redirect to another port", end::refused, always(redirect("https://cdn.host:8443/a"))});
    all.push_back({"a redirect to a private address", end::refused, [fails](const scene& s) {
                       const bool there =
                           s.request.url.find("//169.254.169.254/") != std::string::npos;
                       // Which is the transport's to refuse, being asked to.
                       return there && s.request.public_only ? fails(errc::link_refused)
                              : there                        ? s.good()
                                      : redirect("https://169.254.169.254/latest/meta-data");
                   }});
    all.push_back({"a type that was renamed", end::whole, spoilt_parts([](auto& a, const scene&) {
                       set_field(a, "Content-Type", "application/octet-stream");
                   })});
    all.push_back({"503 for ever", end::refused, always(plain(503))});
    all.push_back({"500 once", end::whole, once(plain(500))});
    all.push_back(
        {"429 with a hint, once", end::whole, once(with_field(plain(429), "Retry-After", "30"))});
    all.push_back({"429 that asks for an hour", end::refused,
                   always(with_field(plain(429), "Retry-After", "3600"))});
    all.push_back({"403 for ever", end::refused, always(plain(403))});
    all.push_back({"no answer once", end::whole, once(fails(errc::connection_lost))});
    all.push_back({"no HTTP at all", end::refused, always(fails(errc::response_malformed))});
    all.push_back({"another certificate", end::refused, always(fails(errc::certificate_rejected))});
}

inline std::vector<hostile_kind> hostile_kinds()
{
    std::vector<hostile_kind> all;
    add_lengths(all);
    add_ranges(all);
    add_odd_ranges(all);
    add_versions(all);
    add_answers(all);
    return all;
}

} // namespace hostile_hosts_test
