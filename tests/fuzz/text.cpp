// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Texts from outside: links (0), references from one (1), jobs (2), escapes (3), dates (4), words
// for a log (5), the end of a link's life (6), what a service says of it (7). Input: one byte for
// the kind, then the text.
#include "fuzz.hpp"

#include <cokino/core/diagnostics.hpp>
#include <cokino/core/http_date.hpp>
#include <cokino/core/iso_date.hpp>
#include <cokino/model/job.hpp>
#include <cokino/transfer/detail/dead_answer.hpp>
#include <cokino/wire/link_expiry.hpp>
#include <cokino/wire/url.hpp>

#include <chrono>

namespace {

using namespace cokino;
using fuzz::require;

void check(const wire::url& url)
{
    auto const text = url.text();
    require(fuzz::one_line(text), "a link is one line", text);
    require(url.target().starts_with('/'), "a target begins with a slash", text);
    require(!url.where().host.empty() && url.where().port != 0, "a link has a host", text);
    auto const again = wire::url::parse(text);
    require(again.has_value() && *again == url, "a link's text can be read back", text);
    require(fuzz::one_line(url.redacted()), "a redacted link is one line");
}

void link(std::string_view text)
{
    auto const url = wire::url::parse(text);
    if (!url)
        return fuzz::check(url.error());
    check(*url);
    check(url->with_query("a", text.substr(0, 20)));
}

void reference(std::string_view text)
{
    static const auto base = wire::url::parse("https://a.example/b/c/d;p?q").value();
    auto const url = base.resolve(text);
    if (!url)
        return fuzz::check(url.error());
    check(*url);
}

void job_text(std::string_view text)
{
    auto const read = parse_job(text);
    if (!read)
        return fuzz::check(read.error());
    auto const written = read->text();
    auto const again = parse_job(written);
    require(again.has_value() && *again == *read && again->text() == written,
            "a job's text can be read back", written);
}

void escapes(std::string_view text)
{
    auto const encoded = wire::percent_encode(text);
    auto const decoded = wire::percent_decode(encoded);
    require(decoded.has_value() && *decoded == text, "escapes are undone", encoded);
    auto const other = wire::percent_decode(text);
    require(!other || other->size() <= text.size(), "escapes only shrink");
}

void date(std::string_view text)
{
    using namespace std::chrono;
    constexpr sys_seconds now{seconds(1'790'000'000)};
    auto const read = parse_http_date(text, now);
    require(!read || (*read >= sys_days(year(0) / 1 / 1) && *read < sys_days(year(10'000) / 1 / 1)),
            "a date has a year of four digits", text);
    auto const iso = parse_iso_date(text);
    require(!iso || parse_iso_date(iso_date_text(*iso)) == iso, "a date can be read back", text);
}

bool is_of_this_century(std::optional<std::chrono::sys_seconds> at)
{
    auto const seconds = at ? at->time_since_epoch().count() : 1'795'780'800;
    return seconds >= 1'000'000'000 && seconds < 4'102'444'800;
}

void expiry(std::string_view text)
{
    while (text.ends_with('\n')) // a seed's line end
        text.remove_suffix(1);
    // Queries are the interesting part; a link of their own is not asked of them.
    auto const whole = text.find("://") != std::string_view::npos;
    auto const link = whole ? std::string(text) : "https://d.cloudfront.net/a?" + std::string(text);
    auto const got = wire::read_link_expiry(link);
    if (!got)
        return;
    require(is_of_this_century(got->at) && is_of_this_century(got->not_before),
            "a link dies in this century", text);
    require(!got->rule.empty(), "a rule has a name", text);
    require(!got->not_before || *got->not_before <= got->at, "a link begins before its end", text);
    require(got == wire::read_link_expiry(link), "the same link gives the same", text);
}

void dead_answer(std::string_view text)
{
    for (unsigned const status : {200U, 400U, 403U, 404U}) {
        auto const got = detail::read_dead_answer(status, text, {});
        require(is_of_this_century(got.server_time) && is_of_this_century(got.expired_at),
                "a service's clock goes in this century", text);
        require(status != 200 || got == detail::dead_answer(), "a success is no refusal", text);
    }
}

void words(std::string_view text)
{
    auto const bytes_max = text.size() / 2;
    auto const clean = clean_text(text, bytes_max);
    require(clean.size() <= bytes_max, "words are cut", clean);
    require(fuzz::one_line(clean), "words are one line", clean);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::input in(data, size);
    switch (in.choice(8)) {
    case 0: link(in.rest()); break;
    case 1: reference(in.rest()); break;
    case 2: job_text(in.rest()); break;
    case 3: escapes(in.rest()); break;
    case 4: date(in.rest()); break;
    case 6: expiry(in.rest()); break;
    case 7: dead_answer(in.rest()); break;
    default: words(in.rest()); break;
    }
    return 0;
}
