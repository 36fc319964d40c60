// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What all exchanges of one transport share: origins with their pools and TLS sessions, the one
// timer that watches every time limit, the look-ups under way. Shared between the transport and
// whatever it has under way, so that frames which outlive the transport stay sound.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/net/detail/connection.hpp>
#include <cokino/net/detail/flight.hpp>
#include <cokino/net/detail/pool.hpp>
#include <cokino/net/detail/read_queue.hpp>
#include <cokino/net/detail/tls_context.hpp>
#include <cokino/net/transport_options.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cokino::net::detail {

/// What is kept of one origin.
struct origin_entry : pool_group {
    wire::origin where;
    std::optional<proxy_address> proxy;
    session_store sessions;
    bool silent = false; ///< It let a wait for its leave to send a body pass.
    bool quick = false;  ///< The last exchange took no longer than a turn of the loop may take.
};

/// A name being looked up. Several exchanges may wait for the same answer.
struct look_up {
    look_up(const executor& ex, std::string name, std::uint16_t p)
        : resolver(ex), host(std::move(name)), port(p)
    {}
    asio::ip::tcp::resolver resolver;
    std::string host;
    std::uint16_t port;
    bool done = false;
    error_code error;
    std::vector<tcp_endpoint> found;
    std::vector<flight*> waiting;
};

class transport_core final : public std::enable_shared_from_this<transport_core>, private timer
{
public:
    transport_core(executor ex, transport_options options);
    COKINO_DECL ~transport_core() override;

    const executor ex;
    const std::shared_ptr<read_queue> reads;
    const transport_options options;
    time_source& time;
    tls_context tls;
    transport_statistics counts;

    steady_time now() const noexcept { return time.now(); }
    bool closed() const noexcept { return closed_; }
    /// Ends all that is under way and closes what is idle.
    void close() noexcept;
    void close_idle() noexcept;

    /// The entry of an origin, made at first use. Null with `why` set when its proxy is unusable.
    origin_entry* entry_of(const wire::origin& where, std::optional<failure>& why);

    // ---- the pool; a flight's connection holds a slot of its entry
    /// Gives the flight an idle connection that is still alive, if there is one.
    bool take_idle(flight& f);
    /// Asks for a slot. False: the flight failed, or stands in line (its ticket says).
    bool ask(flight& f);
    /// Takes what the line gave: a connection (true) or a slot.
    bool collect(flight& f);
    void give_back(std::unique_ptr<connection> c);
    /// After an exchange whose answer was read at once.
    void give_back(std::unique_ptr<connection> c, steady_time began);
    /// Closes a connection and frees its slot.
    void discard(std::unique_ptr<connection> c);
    void free_slot(origin_entry& entry);
    void withdraw(flight& f);

    /// How an exchange makes its first read: in turn, if there are others and the host is quick.
    io_kind first_read_of(const flight& f) const noexcept;

    /// Room for what one read of a socket brings, up to `wanted`. It is everybody's: what it holds
    /// is used before anything else runs.
    asio::mutable_buffer wide_room(std::size_t wanted)
    {
        constexpr std::size_t size = 256 * 1024;
        if (!wide_room_)
            wide_room_.reset(new char[size]); // without clearing it
        return asio::buffer(wide_room_.get(), (std::min)(size, wanted));
    }

    // ---- time limits
    void enlist(flight& f) noexcept;
    void strike(flight& f) noexcept;
    void watch(steady_time at);

    /// The look-up of a name: one under way, or a new one.
    std::shared_ptr<look_up> look(const std::string& host, std::uint16_t port);

private:
    COKINO_DECL void fire() override;
    void carry_out(const pool_decision& decision) noexcept;
    void put_to_rest(std::unique_ptr<connection> c, steady_time at);
    bool usable(connection& c, steady_time at) const;
    void prune();

    pool pool_;
    std::vector<std::unique_ptr<origin_entry>> entries_;
    origin_entry* last_ = nullptr;
    std::vector<std::weak_ptr<look_up>> look_ups_;
    std::unique_ptr<char[]> wide_room_;
    flight* flights_ = nullptr;
    steady_time watched_ = (steady_time::max)();
    bool closed_ = false;
};

} // namespace cokino::net::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/net/impl/flight.ipp>
#include <cokino/net/impl/transport_core.ipp>
#endif
