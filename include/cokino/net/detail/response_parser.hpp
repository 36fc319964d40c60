// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Bytes to wire::response: Beast's strict parser, which keeps the grammar, with our caps and our
// storage. One object reads one message. Not for requests.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/wire/message.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cokino::net::detail {

namespace http = boost::beast::http;

class response_parser final : public http::basic_parser<false>
{
public:
    /// Lifetimes: the response outlives the parser.
    response_parser(wire::response& into, std::uint64_t body_bytes_max, bool no_body) : into_(&into)
    {
        header_limit(limits::header_bytes_max);
        body_limit(body_bytes_max);
        skip(no_body);
        eager(true);
    }

    /// From here on body bytes go to a place of the caller's instead of the response. put() gives
    /// `need_buffer` when it is full.
    void body_to(asio::mutable_buffer place) noexcept
    {
        elsewhere_ = true;
        place_ = static_cast<char*>(place.data());
        room_ = place.size();
        placed_ = 0;
    }
    std::size_t placed() const noexcept { return placed_; }

    /// The message is an interim one (1xx): another follows.
    bool interim() const noexcept { return interim_; }

private:
    using code = boost::beast::error_code;
    using text = boost::beast::string_view;

    void on_request_impl(http::verb, text, text, int, code&) override {}

    void on_response_impl(int status, text, int version, code& ec) override
    {
        interim_ = status < 200;
        old_ = version < 11;
        into_->status = static_cast<unsigned>(status);
        // Nobody asked for another protocol, and statuses begin at 100.
        if (status < 100 || status == 101)
            ec = http::error::bad_status;
    }

    void on_field_impl(http::field name, text written, text value, code& ec) override
    {
        if (++fields_ > limits::header_count_max) {
            ec = http::error::header_limit;
            return;
        }
        if (body_began_) { // a trailer: checked by Beast, used by nobody
            trailer_bytes_ += written.size() + value.size();
            if (trailer_bytes_ > limits::chunk_header_bytes_max)
                ec = http::error::header_limit;
            return;
        }
        if (name == http::field::transfer_encoding &&
            (old_ || !boost::beast::iequals(value, "chunked"))) {
            // Two opinions about where a message ends are how answers get mixed up.
            ec = http::error::bad_transfer_encoding;
            return;
        }
        if (!interim_)
            into_->add_field(std::string_view(written.data(), written.size()),
                             std::string_view(value.data(), value.size()));
    }

    void on_header_impl(code&) override { body_began_ = true; }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, code&) override
    {
        // The announced length is a claim; memory follows it only so far.
        if (length && !elsewhere_)
            into_->reserve_body(static_cast<std::size_t>(
                std::min<std::uint64_t>(*length, limits::api_body_bytes_max)));
    }

    std::size_t on_body_impl(text bytes, code& ec) override { return store(bytes, ec); }

    void on_chunk_header_impl(std::uint64_t, text extension, code& ec) override
    {
        extension_bytes_ += extension.size();
        if (extension_bytes_ > limits::chunk_header_bytes_max)
            ec = http::error::header_limit;
    }

    std::size_t on_chunk_body_impl(std::uint64_t, text bytes, code& ec) override
    {
        return store(bytes, ec);
    }

    void on_finish_impl(code&) override {}

    std::size_t store(text bytes, code& ec)
    {
        if (!elsewhere_) {
            into_->append_body(std::string_view(bytes.data(), bytes.size()));
            return bytes.size();
        }
        std::size_t const taken = std::min(bytes.size(), room_ - placed_);
        if (taken != 0)
            std::memcpy(place_ + placed_, bytes.data(), taken);
        placed_ += taken;
        if (taken < bytes.size())
            ec = http::error::need_buffer;
        return taken;
    }

    wire::response* into_;
    char* place_ = nullptr;
    std::size_t room_ = 0;
    std::size_t placed_ = 0;
    std::size_t fields_ = 0;
    std::size_t trailer_bytes_ = 0;
    std::size_t extension_bytes_ = 0;
    bool elsewhere_ = false;
    bool interim_ = false;
    bool old_ = false;
    bool body_began_ = false;
};

} // namespace cokino::net::detail
