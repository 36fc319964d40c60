// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// HTTP requests and responses as plain values. A request's head is built and checked once per
// endpoint and shared by all requests to it; what changes is the body. The buffer that carried a
// request's body comes back carrying the response, so a repeated exchange allocates nothing here.
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/wire/url.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::wire {

enum class method : unsigned char { get, head, post, put, patch, delete_ };

constexpr std::string_view name_of(method m) noexcept
{
    switch (m) {
    case method::get: return "GET";
    case method::head: return "HEAD";
    case method::post: return "POST";
    case method::put: return "PUT";
    case method::patch: return "PATCH";
    case method::delete_: return "DELETE";
    }
    return "?";
}

/// A key, how it is written into a header, and the only origin it may go to.
struct credential {
    credential() = default;
    std::string header = "Authorization"; ///< Or "x-api-key".
    std::string prefix;                   ///< "Key ", "Bearer " or nothing.
    secret key;
    origin bound_to;
};

/// An immutable request head: method, URL and every field but Content-Length. Built by
/// head_builder, which refuses CR, LF and NUL, so a head that exists is safe to send.
class request_head
{
public:
    wire::method method() const noexcept { return method_; }
    const wire::url& url() const noexcept { return url_; }
    /// "POST /path HTTP/1.1\r\nHost: ...\r\n...": no Content-Length, no empty line. Holds the key.
    const std::string& bytes() const noexcept { return bytes_; }
    /// The same for a proxy that is spoken to in plain HTTP: absolute form in the request line.
    std::string bytes_for_proxy() const;
    bool carries_key() const noexcept { return carries_key_; }

    request_head() = default;
    request_head(const request_head&) = delete;
    request_head& operator=(const request_head&) = delete;
    ~request_head() { wipe(bytes_); }

private:
    friend class head_builder;
    wire::method method_ = method::get;
    wire::url url_;
    std::string bytes_;
    bool carries_key_ = false;
};

/// Collects the fields of a head. The first mistake is remembered and given back by build().
class head_builder
{
public:
    head_builder(wire::method m, url to);
    /// Name must be a token; value without CR, LF, NUL, outer blanks. Host, Content-Length,
    /// Transfer-Encoding and Connection are the library's own and refused.
    head_builder& field(std::string_view name, std::string_view value);
    /// Writes the key, if the URL's origin is the one that the key is bound to; else build() fails
    /// with link_refused and the key appears nowhere.
    head_builder& authorize(const credential& key);
    result<std::shared_ptr<const request_head>> build();

private:
    std::shared_ptr<request_head> head_;
    std::optional<failure> failure_;
    std::size_t count_ = 0;
};

/// Time limits of one exchange. Zero means no limit of that kind.
struct exchange_limits {
    /// The whole exchange, queueing included.
    std::chrono::milliseconds total{std::chrono::minutes{2}};
    std::chrono::milliseconds resolve{limits::resolve_max};
    std::chrono::milliseconds connect{limits::connect_max};
    std::chrono::milliseconds handshake{limits::handshake_max};
    std::chrono::milliseconds write_stall{limits::write_stall_max};
    std::chrono::milliseconds first_byte{limits::first_byte_max};
    std::chrono::milliseconds read_stall{limits::read_stall_max};
    std::uint64_t body_bytes_max = limits::api_body_bytes_max;
};

/// One request. An empty body with POST, PUT or PATCH sends "Content-Length: 0".
struct request {
    request() = default;
    explicit request(std::shared_ptr<const request_head> h, std::string b = {})
        : head(std::move(h)), body(std::move(b))
    {}
    std::shared_ptr<const request_head> head;
    std::string body;
    /// Stands for `body` where it is not empty: bytes that outlive the exchange, so that a large
    /// body can be sent again without a copy of it for each try.
    std::string_view borrowed;
    exchange_limits limits;
    /// Fields of this request alone ("Range", "If-Range", "Idempotency-Key"), already checked and
    /// formatted as "Name: value\r\n" lines by append_field.
    std::string extra_fields;
    /// Whether addresses in private, loopback and other special networks are refused. On for links
    /// that came from a host's answer; off for origins that the user configured.
    bool public_addresses_only = false;
    /// Whether an idle pooled connection may carry it (off for a second try after a dead one).
    bool reuse_connection = true;
    /// Above 0, and with a body: asks for leave to send it ("Expect: 100-continue", RFC 9110
    /// section 10.1.1) and waits so long for an answer; then the body goes out all the same. A host
    /// that refuses in time never gets it. A transport may send the body at once, as it does for a
    /// streamed answer and to a host that has let such a wait pass before.
    std::chrono::milliseconds continue_wait{0};

    std::string_view payload() const noexcept
    {
        return borrowed.empty() ? std::string_view(body) : borrowed;
    }
};

/// Appends "Name: value\r\n" after the same checks as head_builder::field.
COKINO_DECL result<void> append_field(std::string& fields, std::string_view name,
                                      std::string_view value);

/// One response. Fields and body live in one buffer.
class response
{
public:
    response() = default;

    unsigned status = 0;

    /// The first value of a field, by name without case; empty when absent.
    std::string_view field(std::string_view name) const noexcept;
    bool has_field(std::string_view name) const noexcept;
    /// Calls f(name, value) for each field, in order of arrival; names are lower case.
    template <class F> void for_each_field(F&& f) const
    {
        for (std::size_t at = 0; at != body_at_;) {
            field_at const here(bytes_.data(), at);
            f(here.name, here.value);
            at = here.next;
        }
    }
    std::string_view body() const noexcept { return std::string_view(bytes_).substr(body_at_); }
    bool ok() const noexcept { return status >= 200 && status < 300; }

    /// For whoever fills it: starts over on a buffer whose capacity is kept.
    void start(std::string&& buffer)
    {
        bytes_ = std::move(buffer);
        bytes_.clear();
        body_at_ = 0;
        status = 0;
    }
    /// Adds a field (before any body). The name is stored in lower case.
    void add_field(std::string_view name, std::string_view value);
    void append_body(std::string_view bytes) { bytes_.append(bytes); }
    std::size_t body_bytes() const noexcept { return bytes_.size() - body_at_; }
    void reserve_body(std::size_t bytes) { bytes_.reserve(body_at_ + bytes); }
    /// Gives the buffer away for the next request's body.
    std::string release()
    {
        body_at_ = 0;
        return std::move(bytes_);
    }

private:
    // A field stands in the buffer as two sizes, the name and the value, so that no character in
    // them means anything and a search steps over what it does not want.
    struct field_sizes {
        std::uint32_t name;
        std::uint32_t value;
    };
    struct field_at {
        field_at(const char* bytes, std::size_t at) noexcept
        {
            field_sizes sizes;
            std::memcpy(&sizes, bytes + at, sizeof sizes);
            name = {bytes + at + sizeof sizes, sizes.name};
            value = {name.data() + name.size(), sizes.value};
            next = at + sizeof sizes + name.size() + value.size();
        }
        std::string_view name;
        std::string_view value;
        std::size_t next;
    };

    std::string bytes_; // the fields, then the body
    std::size_t body_at_ = 0;
};

/// A response made by hand: for tests and fakes.
COKINO_DECL response make_response(unsigned status, std::string_view body,
                                   std::string_view content_type = "application/json");

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/message.ipp>
#endif
