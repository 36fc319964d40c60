// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One request of a sender we do not trust, read piece by piece through Beast's strict parser:
// which bytes may still come, and which answer a bad one gets. No sockets, no clock.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/text.hpp>
#include <cokino/webhook/verifier.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::webhook::detail {

class hook_request
{
public:
    hook_request(std::size_t header_max, std::size_t body_max)
        : header_max_(header_max), body_max_(body_max)
    {
        parser_.header_limit(static_cast<std::uint32_t>(header_max));
        parser_.body_limit(body_max);
        parser_.eager(
            false); // stops behind the head, so that a body is refused before room is made
    }

    enum class progress : unsigned char {
        wants_more,
        head_done, ///< The head has just come; asked for once.
        done,
        bad ///< status() is the answer.
    };

    /// Takes what it needs from the front of `in`.
    progress take(std::string& in)
    {
        namespace http = boost::beast::http;
        while (!parser_.is_done()) {
            const bool had_head = parser_.is_header_done();
            if (in.empty())
                return progress::wants_more;
            boost::beast::error_code ec;
            const std::size_t used = parser_.put(boost::asio::buffer(in), ec);
            in.erase(0, used);
            total_ += used;
            if (ec == http::error::need_more && used == 0)
                return in.size() > header_max_ ? bad(431) : progress::wants_more;
            if (ec && ec != http::error::need_more)
                return bad(ec == http::error::body_limit     ? 413
                           : ec == http::error::header_limit ? 431
                                                             : 400);
            // Framing of chunks counts for nothing in Beast's limits, so all bytes are counted.
            if (total_ > header_max_ + 2 * body_max_ + 4096)
                return bad(413);
            if (!had_head && parser_.is_header_done())
                return progress::head_done;
        }
        return progress::done;
    }

    unsigned status() const noexcept { return status_; }
    bool began() const noexcept { return total_ > 0; }
    bool head_done() const { return parser_.is_header_done(); }
    bool is_post() const { return parser_.get().method() == boost::beast::http::verb::post; }
    bool keep_alive() const { return parser_.get().keep_alive(); }
    bool expects_continue() const
    {
        return cokino::detail::iequals(text_of(boost::beast::http::field::expect), "100-continue");
    }
    std::optional<std::uint64_t> content_length() const
    {
        const auto told = parser_.content_length();
        if (told)
            return *told;
        return std::nullopt;
    }
    /// Without the query.
    std::string path() const
    {
        const auto t = parser_.get().target();
        const std::string_view all(t.data(), t.size());
        return std::string(all.substr(0, all.find('?')));
    }
    const std::string& body() const { return parser_.get().body(); }
    std::vector<hook_field> fields() const
    {
        std::vector<hook_field> out;
        for (const auto& f : parser_.get()) {
            const auto name = f.name_string();
            const auto value = f.value();
            out.push_back(hook_field{std::string_view(name.data(), name.size()),
                                     std::string_view(value.data(), value.size())});
        }
        return out;
    }

private:
    progress bad(unsigned status)
    {
        status_ = status;
        return progress::bad;
    }
    std::string_view text_of(boost::beast::http::field name) const
    {
        const auto value = parser_.get()[name];
        return {value.data(), value.size()};
    }

    boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
    std::size_t header_max_, body_max_;
    std::size_t total_ = 0;
    unsigned status_ = 400;
};

/// The whole answer; its body is for people who look at their host's log.
inline std::string hook_answer(unsigned status, bool keep)
{
    const std::string_view reason = status == 200   ? "OK"
                                    : status == 401 ? "Unauthorized"
                                    : status == 404 ? "Not Found"
                                    : status == 405 ? "Method Not Allowed"
                                    : status == 408 ? "Request Timeout"
                                    : status == 413 ? "Content Too Large"
                                    : status == 431 ? "Request Header Fields Too Large"
                                    : status == 503 ? "Service Unavailable"
                                                    : "Bad Request";
    // Kie wants to read a code in the answer [providers/kling 2.3]; the others look at the status.
    const std::string body = "{\"code\":" + cokino::detail::to_text(status) + "}";
    std::string out = "HTTP/1.1 " + cokino::detail::to_text(status) + ' ';
    out += reason;
    out += "\r\nContent-Type: application/json\r\nContent-Length: ";
    out += cokino::detail::to_text(body.size());
    if (status == 405)
        out += "\r\nAllow: POST";
    if (status == 503)
        out += "\r\nRetry-After: 5";
    if (!keep)
        out += "\r\nConnection: close";
    return out + "\r\n\r\n" + body;
}

} // namespace cokino::webhook::detail
