// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of wire/message.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/header.hpp>
#include <cokino/wire/message.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cokino::wire {
namespace detail {

/// Fields that decide where a message ends or how a connection lives: two opinions about them are
/// how requests get smuggled, so only the library writes them.
inline bool is_own_field(std::string_view name) noexcept
{
    static constexpr std::string_view names[] = {
        "host",    "content-length", "transfer-encoding",   "connection",       "keep-alive", "te",
        "trailer", "upgrade",        "proxy-authorization", "proxy-connection", "expect",
    };
    return std::any_of(std::begin(names), std::end(names),
                       [name](std::string_view own) { return cokino::detail::iequals(own, name); });
}

/// The message names the field, if its name is fit to be shown, and never its value.
inline std::optional<failure> check_field(std::string_view name, std::string_view value)
{
    if (!is_token(name))
        return failure(errc::request_malformed)
            .explain("a header field's name holds a character that names do not have", "header");
    if (is_own_field(name))
        return failure(errc::request_malformed)
            .explain("the library writes this header field itself", std::string(name));
    if (!is_field_value(value))
        return failure(errc::request_malformed)
            .explain("the value holds a control character or begins or ends with a blank",
                     std::string(name));
    return std::nullopt;
}

/// Like reserve, but leaves no copy of the old bytes behind in freed memory.
inline void reserve_wiped(std::string& text, std::size_t more)
{
    if (text.capacity() - text.size() >= more)
        return;
    std::string grown;
    grown.reserve(text.size() * 2 + more);
    grown.append(text);
    wipe(text);
    text = std::move(grown);
}

/// Eight letters to lower case at once.
inline void make_lower_word(char* p) noexcept
{
    constexpr std::uint64_t ones = 0x0101010101010101;
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    // The top bit of each sum says whether the byte's low seven bits reach the bound.
    auto const low = word & ones * 0x7F;
    auto const from_a = low + ones * (0x80 - 'A');
    auto const past_z = low + ones * (0x7F - 'Z');
    auto const capitals = (from_a ^ past_z) & ~word & ones * 0x80;
    word |= capitals >> 2;
    std::memcpy(p, &word, sizeof word);
}

/// Lower case in place. The last word may overlap the one before: doing it twice does no harm.
inline void make_lower(char* p, std::size_t size) noexcept
{
    if (size >= 8) {
        for (std::size_t at = 0; at + 8 < size; at += 8)
            make_lower_word(p + at);
        make_lower_word(p + size - 8);
        return;
    }
    for (auto* const end = p + size; p != end; ++p)
        *p = cokino::detail::to_lower(*p);
}

} // namespace detail

COKINO_DECL std::string request_head::bytes_for_proxy() const
{
    auto const name = name_of(method_);
    auto const origin_text = url_.where().text();
    std::string out;
    out.reserve(bytes_.size() + origin_text.size());
    out += name;
    out += ' ';
    out += origin_text;
    out.append(bytes_, name.size() + 1, std::string::npos);
    return out;
}

COKINO_DECL head_builder::head_builder(wire::method m, wire::url to)
    : head_(std::make_shared<request_head>())
{
    if (to.target().empty()) {
        failure_ = failure(errc::request_malformed).explain("the URL is empty", "url");
        return;
    }
    auto& bytes = head_->bytes_;
    auto const authority = to.where().authority();
    bytes.reserve(to.target().size() + authority.size() + 256);
    bytes += name_of(m);
    bytes += ' ';
    bytes += to.target();
    bytes += " HTTP/1.1\r\nHost: ";
    bytes += authority;
    bytes += "\r\n";
    head_->method_ = m;
    head_->url_ = std::move(to);
}

COKINO_DECL head_builder& head_builder::field(std::string_view name, std::string_view value)
{
    if (failure_ || !head_)
        return *this;
    if (auto bad = detail::check_field(name, value)) {
        failure_ = std::move(bad);
        return *this;
    }
    auto const size = name.size() + value.size() + 4;
    // Two places are kept for Content-Length and for what a request adds of its own.
    if (++count_ + 2 > limits::header_count_max ||
        head_->bytes_.size() + size > limits::header_bytes_max) {
        failure_ = failure(errc::request_malformed)
                       .explain("the request has too many header fields", std::string(name));
        return *this;
    }
    detail::reserve_wiped(head_->bytes_, size);
    head_->bytes_.append(name).append(": ").append(value).append("\r\n");
    return *this;
}

COKINO_DECL head_builder& head_builder::authorize(const credential& key)
{
    if (failure_ || !head_)
        return *this;
    if (key.key.empty()) {
        failure_ = failure(errc::missing_credential).explain("the key is empty", key.header);
        return *this;
    }
    if (key.bound_to != head_->url_.where()) {
        failure_ = failure(errc::link_refused)
                       .explain("the key belongs to another origin than the URL's", "url");
        return *this;
    }
    std::string value;
    value.reserve(key.prefix.size() + key.key.reveal().size());
    value.append(key.prefix).append(key.key.reveal());
    field(key.header, value);
    wipe(value);
    head_->carries_key_ = true;
    return *this;
}

COKINO_DECL result<std::shared_ptr<const request_head>> head_builder::build()
{
    if (failure_)
        return *failure_;
    if (!head_)
        return failure(errc::internal_error).explain("build() was called twice");
    return std::shared_ptr<const request_head>(std::move(head_));
}

COKINO_DECL result<void> append_field(std::string& fields, std::string_view name,
                                      std::string_view value)
{
    if (auto bad = detail::check_field(name, value))
        return *bad;
    if (fields.size() + name.size() + value.size() + 4 > limits::header_bytes_max)
        return failure(errc::request_malformed)
            .explain("the request has too many header fields", std::string(name));
    fields.append(name).append(": ").append(value).append("\r\n");
    return {};
}

COKINO_DECL std::string_view response::field(std::string_view name) const noexcept
{
    for (std::size_t at = 0; at != body_at_;) {
        field_at const here(bytes_.data(), at);
        if (cokino::detail::iequals(here.name, name))
            return here.value;
        at = here.next;
    }
    return {};
}

COKINO_DECL bool response::has_field(std::string_view name) const noexcept
{
    bool found = false;
    for_each_field([&](std::string_view stored, std::string_view) {
        found = found || cokino::detail::iequals(stored, name);
    });
    return found;
}

COKINO_DECL void response::add_field(std::string_view name, std::string_view value)
{
    field_sizes const sizes{static_cast<std::uint32_t>(name.size()),
                            static_cast<std::uint32_t>(value.size())};
    auto const size = sizeof sizes + name.size() + value.size();
    auto const behind = bytes_.size() - body_at_;
    auto const need = bytes_.size() + size;
    if (need > bytes_.capacity())
        bytes_.reserve(std::max(need, bytes_.capacity() * 2));
    bytes_.append(reinterpret_cast<const char*>(&sizes), sizeof sizes).append(name).append(value);
    auto const from = bytes_.begin() + static_cast<std::ptrdiff_t>(body_at_);
    if (behind != 0) // a field that comes behind the body's beginning changes places with it
        std::rotate(from, from + static_cast<std::ptrdiff_t>(behind), bytes_.end());
    detail::make_lower(bytes_.data() + body_at_ + sizeof sizes, name.size());
    body_at_ += size;
}

COKINO_DECL response make_response(unsigned status, std::string_view body,
                                   std::string_view content_type)
{
    response made;
    made.status = status;
    if (!content_type.empty())
        made.add_field("content-type", content_type);
    made.append_body(body);
    return made;
}

} // namespace cokino::wire
