// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/url.hpp. Two parsers that read one URL differently are how requests end up at
// the wrong host, so whatever is known to be read in two ways is refused instead of mended.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/wire/redact.hpp>
#include <cokino/wire/url.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace cokino::wire {
namespace detail {

using cokino::detail::is_digit;
using cokino::detail::to_lower;

inline bool is_alpha(char c) noexcept { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

inline int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    c = to_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

inline void append_escaped(std::string& out, unsigned char byte)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

inline failure bad_url(const char* what) { return invalid("url", what); }

/// Four decimal numbers up to 255 without leading zeros; nothing else is an IPv4 address here.
inline bool is_dotted_quad(std::string_view text) noexcept
{
    for (int part = 0; part != 4; ++part) {
        auto const end = std::min(text.find('.'), text.size());
        auto const number = text.substr(0, end);
        if (number.empty() || number.size() > 3 || (number.size() > 1 && number[0] == '0'))
            return false;
        int value = 0;
        for (char const c : number) {
            if (!is_digit(c))
                return false;
            value = value * 10 + (c - '0');
        }
        if (value > 255)
            return false;
        if (part == 3)
            return end == text.size();
        if (end == text.size())
            return false;
        text.remove_prefix(end + 1);
    }
    return false;
}

/// Whether a resolver might take the host's last label for a number ("127.1", "0x7f000001").
inline bool ends_in_number(std::string_view host) noexcept
{
    auto const dot = host.rfind('.');
    auto label = dot == std::string_view::npos ? host : host.substr(dot + 1);
    if (label.size() >= 2 && label[0] == '0' && label[1] == 'x')
        return std::all_of(label.begin() + 2, label.end(),
                           [](char c) { return hex_value(c) >= 0; });
    return std::all_of(label.begin(), label.end(), [](char c) { return is_digit(c); });
}

/// Reads up to four hex digits of an IPv6 group.
inline bool read_group(std::string_view text, std::uint16_t& value) noexcept
{
    if (text.empty() || text.size() > 4)
        return false;
    unsigned sum = 0;
    for (char const c : text) {
        auto const digit = hex_value(c);
        if (digit < 0)
            return false;
        sum = sum * 16 + static_cast<unsigned>(digit);
    }
    value = static_cast<std::uint16_t>(sum);
    return true;
}

/// Reads colon-separated groups, the last perhaps a dotted quad; gives their number or -1.
inline int read_groups(std::string_view text, std::array<std::uint16_t, 8>& to) noexcept
{
    int count = 0;
    while (!text.empty()) {
        if (count == 8)
            return -1;
        auto const colon = text.find(':');
        auto const part = text.substr(0, colon);
        auto const at = static_cast<std::size_t>(count);
        if (colon == std::string_view::npos && part.find('.') != std::string_view::npos) {
            if (count > 6 || !is_dotted_quad(part))
                return -1;
            std::array<unsigned, 4> bytes{};
            auto const* p = part.data();
            auto const* const end = p + part.size();
            for (auto& byte : bytes) {
                p = std::from_chars(p, end, byte).ptr;
                if (p != end)
                    ++p;
            }
            to[at] = static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
            to[at + 1] = static_cast<std::uint16_t>(bytes[2] << 8 | bytes[3]);
            return count + 2;
        }
        if (!read_group(part, to[at]))
            return -1;
        ++count;
        if (colon == std::string_view::npos)
            break;
        text.remove_prefix(colon + 1);
        if (text.empty())
            return -1; // a single colon at the end
    }
    return count;
}

/// Parses an IPv6 literal without brackets or zone.
inline bool parse_ipv6(std::string_view text, std::array<std::uint16_t, 8>& groups) noexcept
{
    groups = {};
    auto const gap = text.find("::");
    if (gap == std::string_view::npos)
        return read_groups(text, groups) == 8;
    auto const tail_text = text.substr(gap + 2);
    if (text.substr(0, gap).find('.') != std::string_view::npos)
        return false;
    if (!tail_text.empty() && tail_text[0] == ':')
        return false;
    std::array<std::uint16_t, 8> tail{};
    auto const front = read_groups(text.substr(0, gap), groups);
    auto const back = read_groups(tail_text, tail);
    if (front < 0 || back < 0 || front + back > 7)
        return false;
    std::copy_n(tail.begin(), back, groups.end() - back);
    return true;
}

/// One spelling for each address (RFC 5952, hexadecimal throughout), so that origins compare.
inline std::string ipv6_text(const std::array<std::uint16_t, 8>& groups)
{
    std::size_t best = 8;
    std::size_t best_size = 1;
    for (std::size_t i = 0; i != 8;) {
        auto j = i;
        while (j != 8 && groups[j] == 0)
            ++j;
        if (j - i > best_size) {
            best = i;
            best_size = j - i;
        }
        i = j == i ? i + 1 : j;
    }
    std::string text;
    for (std::size_t i = 0; i != 8; ++i) {
        if (i == best) {
            text += "::";
            i += best_size - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':')
            text += ':';
        std::array<char, 4> digits{};
        auto const end = std::to_chars(digits.data(), digits.data() + 4, groups[i], 16).ptr;
        text.append(digits.data(), end);
    }
    return text;
}

/// Checks a host name that is no IPv6 literal and gives it in lower case.
inline result<std::string> parse_name(std::string_view text)
{
    if (text.empty())
        return bad_url("the host is missing");
    if (text.size() > 253)
        return bad_url("the host is longer than 253 characters");
    std::string host(text);
    std::size_t label = 0;
    for (char& c : host) {
        if (c == '.') {
            if (label == 0)
                return bad_url("the host has an empty label");
            label = 0;
            continue;
        }
        if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_')
            return bad_url("the host holds a character that host names do not have");
        c = to_lower(c);
        if (++label > 63)
            return bad_url("a label of the host is longer than 63 characters");
    }
    if (label == 0)
        return bad_url("the host ends in a dot");
    if (ends_in_number(host) && !is_dotted_quad(host))
        return bad_url("the host is a number, but not an IPv4 address of four decimal parts");
    return host;
}

inline result<std::uint16_t> parse_port(std::string_view text)
{
    if (text.size() > 5 || text[0] == '0')
        return bad_url("the port is not a number from 1 to 65535");
    unsigned value = 0;
    for (char const c : text) {
        if (!is_digit(c))
            return bad_url("the port is not a number from 1 to 65535");
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 65535)
        return bad_url("the port is not a number from 1 to 65535");
    return static_cast<std::uint16_t>(value);
}

inline result<origin> parse_authority(std::string scheme, std::string_view text)
{
    if (text.find('@') != std::string_view::npos)
        return bad_url("user info in a URL is not accepted");
    origin where;
    where.scheme = std::move(scheme);
    where.port = where.tls() ? 443 : 80;
    std::string_view port;
    if (!text.empty() && text[0] == '[') {
        auto const close = text.find(']');
        std::array<std::uint16_t, 8> groups{};
        if (close == std::string_view::npos || !parse_ipv6(text.substr(1, close - 1), groups))
            return bad_url("the host is not a valid IPv6 address");
        where.host = ipv6_text(groups);
        text.remove_prefix(close + 1);
        if (!text.empty() && text[0] != ':')
            return bad_url("there is text behind the IPv6 address");
        port = text;
    } else {
        auto const colon = std::min(text.find(':'), text.size());
        port = text.substr(colon);
        auto host = parse_name(text.substr(0, colon));
        if (!host)
            return host.error();
        where.host = std::move(*host);
    }
    if (port.size() > 1) { // "host:" alone means the default port (RFC 3986 §3.2.3)
        auto const number = parse_port(port.substr(1));
        if (!number)
            return number.error();
        where.port = *number;
    }
    return where;
}

/// The length of a scheme in front ("https" of "https:..."), or 0.
inline std::size_t scheme_size(std::string_view text) noexcept
{
    auto const end = std::min(text.find_first_of(":/?#"), text.size());
    if (end == 0 || end == text.size() || text[end] != ':' || !is_alpha(text[0]))
        return 0;
    auto const good = [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    };
    return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), good) ? end
                                                                                            : 0;
}

/// Length and characters that no part of a URL may hold.
inline std::optional<failure> check_url_text(std::string_view text)
{
    if (text.size() > limits::url_bytes_max)
        return bad_url("longer than 8192 bytes");
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f)
            return bad_url("holds a blank or a control character");
        if (c == '\\')
            return bad_url("holds a backslash, which some programs read as a slash");
    }
    return std::nullopt;
}

/// Appends path or query; bytes beyond ASCII are percent-encoded, all else stays as it came.
inline void append_target(std::string& out, std::string_view text)
{
    for (char const c : text) {
        if (static_cast<unsigned char>(c) < 0x80)
            out += c;
        else
            append_escaped(out, static_cast<unsigned char>(c));
    }
}

/// RFC 3986 §5.2.4.
inline std::string remove_dot_segments(std::string_view in)
{
    std::string out;
    out.reserve(in.size());
    while (!in.empty()) {
        if (in.starts_with("../")) {
            in.remove_prefix(3);
        } else if (in.starts_with("./") || in.starts_with("/./")) {
            in.remove_prefix(2);
        } else if (in == "/.") {
            in = "/";
        } else if (in.starts_with("/../") || in == "/..") {
            in = in.size() == 3 ? std::string_view("/") : in.substr(3);
            auto const slash = out.rfind('/');
            out.resize(slash == std::string::npos ? 0 : slash);
        } else if (in == "." || in == "..") {
            in = {};
        } else {
            auto const end = std::min(in.find('/', 1), in.size());
            out += in.substr(0, end);
            in.remove_prefix(end);
        }
    }
    return out;
}

} // namespace detail

COKINO_DECL std::string origin::authority() const
{
    auto const v6 = host.find(':') != std::string::npos;
    auto text = v6 ? "[" + host + "]" : host;
    if (!default_port())
        text += ":" + std::to_string(port);
    return text;
}

COKINO_DECL std::string origin::text() const { return scheme + "://" + authority(); }

COKINO_DECL result<url> url::parse(std::string_view text)
{
    if (auto bad = detail::check_url_text(text))
        return *bad;
    auto const size = detail::scheme_size(text);
    std::string scheme(text.substr(0, size));
    for (char& c : scheme)
        c = detail::to_lower(c);
    if (scheme != "https" && scheme != "http")
        return detail::bad_url("does not begin with https:// or http://");
    auto rest = text.substr(size + 1);
    if (!rest.starts_with("//"))
        return detail::bad_url("does not begin with https:// or http://");
    rest.remove_prefix(2);
    auto const end = std::min(rest.find_first_of("/?#"), rest.size());
    auto where = detail::parse_authority(std::move(scheme), rest.substr(0, end));
    if (!where)
        return where.error();
    rest.remove_prefix(end);
    rest = rest.substr(0, rest.find('#'));

    url made;
    made.origin_ = std::move(*where);
    made.target_.reserve(rest.size() + 1);
    if (rest.empty() || rest[0] != '/')
        made.target_ += '/';
    detail::append_target(made.target_, rest);
    return made;
}

COKINO_DECL std::string_view url::path() const noexcept
{
    return std::string_view(target_).substr(0, target_.find('?'));
}

COKINO_DECL std::string_view url::query() const noexcept
{
    auto const mark = target_.find('?');
    return mark == std::string::npos ? std::string_view{}
                                     : std::string_view(target_).substr(mark + 1);
}

COKINO_DECL std::string url::text() const
{
    return target_.empty() ? std::string{} : origin_.text() + target_;
}

COKINO_DECL std::string url::redacted() const
{
    if (target_.empty())
        return {};
    auto text = origin_.text();
    text += path();
    if (auto const mark = target_.find('?'); mark != std::string::npos) {
        text += '?';
        text += redact_query(query());
    }
    return text;
}

COKINO_DECL result<url> url::resolve(std::string_view reference) const
{
    if (target_.empty())
        return detail::bad_url("there is no URL to resolve the reference against");
    if (auto bad = detail::check_url_text(reference))
        return *bad;
    reference = reference.substr(0, reference.find('#'));
    auto const has_scheme = detail::scheme_size(reference) != 0;
    if (has_scheme || reference.starts_with("//")) {
        auto made =
            has_scheme ? parse(reference) : parse(origin_.scheme + ":" + std::string(reference));
        if (made) {
            auto target = detail::remove_dot_segments(made->path());
            target += std::string_view(made->target_).substr(made->path().size());
            made->target_ = std::move(target);
        }
        return made;
    }
    url made;
    made.origin_ = origin_;
    auto const mark = std::min(reference.find('?'), reference.size());
    auto const new_path = reference.substr(0, mark);
    if (new_path.empty()) {
        made.target_ = reference.empty() ? target_ : std::string(path());
    } else if (new_path[0] == '/') {
        made.target_ = detail::remove_dot_segments(new_path);
    } else {
        auto const base = path();
        std::string merged(base.substr(0, base.rfind('/') + 1));
        merged += new_path;
        made.target_ = detail::remove_dot_segments(merged);
    }
    std::string target;
    detail::append_target(target, made.target_);
    detail::append_target(target, reference.substr(mark));
    made.target_ = std::move(target);
    if (made.target_.size() > limits::url_bytes_max)
        return detail::bad_url("longer than 8192 bytes");
    return made;
}

COKINO_DECL url url::with_query(std::string_view name, std::string_view value) const
{
    url made = *this;
    made.target_ += made.target_.find('?') == std::string::npos ? '?' : '&';
    made.target_ += percent_encode(name);
    made.target_ += '=';
    made.target_ += percent_encode(value);
    return made;
}

COKINO_DECL std::string percent_encode(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (char const c : text) {
        if (detail::is_alpha(c) || detail::is_digit(c) || c == '-' || c == '.' || c == '_' ||
            c == '~')
            out += c;
        else
            detail::append_escaped(out, static_cast<unsigned char>(c));
    }
    return out;
}

COKINO_DECL result<std::string> percent_decode(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        auto const high = i + 2 < text.size() ? detail::hex_value(text[i + 1]) : -1;
        auto const low = i + 2 < text.size() ? detail::hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return invalid("text", "a percent sign is not followed by two hex digits");
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

} // namespace cokino::wire
