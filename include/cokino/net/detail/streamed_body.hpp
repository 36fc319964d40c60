// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The body of an open answer, read into the caller's buffer with as few copies as there can be:
// plain bodies straight from the socket, encrypted ones straight out of OpenSSL.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/net/detail/exchange.hpp>
#include <cokino/net/transport.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace cokino::net::detail {

class streamed_body final : public body_stream
{
public:
    streamed_body(std::shared_ptr<transport_core> core, const wire::exchange_limits& limits,
                  wire::response head, open_answer opened);
    COKINO_DECL ~streamed_body() override;

    const wire::response& head() const noexcept override { return head_; }
    [[nodiscard]] COKINO_DECL awaitable<result<std::size_t>> read_some(
        asio::mutable_buffer into) override;

private:
    enum class framing : unsigned char { length, chunked, to_end };

    [[nodiscard]] awaitable<result<std::size_t>> run(asio::mutable_buffer into);
    /// Takes what is here already. Wait: nothing is.
    io_step take(connection& c, asio::mutable_buffer into, std::size_t& got);
    io_step take_chunked(connection& c, asio::mutable_buffer into, std::size_t& got);
    io_step take_encrypted(connection& c, asio::mutable_buffer into, std::size_t& got);
    /// Takes what else has come meanwhile, without waiting. Failed: `got` counts what is good.
    io_step take_more(connection& c, asio::mutable_buffer into, std::size_t& got);
    io_step at_end(connection& c);
    /// Counts bytes that went to the caller. Failed: there are more than there may be.
    io_step count(connection& c, std::size_t bytes);
    void finish(std::unique_ptr<connection> c);

    std::shared_ptr<transport_core> core_;
    std::unique_ptr<connection> conn_;
    wire::response head_;
    wire::exchange_limits limits_;
    steady_time total_at_;
    std::optional<failure> failed_;
    std::uint64_t left_ = 0; // bytes that may still come, or that must
    framing framing_ = framing::length;
    bool whole_ = false;
};

/// Sends a request and reads the head of its answer.
[[nodiscard]] COKINO_DECL awaitable<result<std::unique_ptr<body_stream>>> run_open(
    std::shared_ptr<transport_core> core, wire::request request);

} // namespace cokino::net::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/streamed_body.ipp>
#endif
