// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/establish.hpp. Each step leaves the flight failed when it fails; none
// of them sends a byte of the request.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/net/address_policy.hpp>
#include <cokino/net/detail/establish.hpp>
#include <cokino/net/detail/transport_core.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace cokino::net::detail {

using std::chrono::milliseconds;

/// With several addresses each first gets a short try, so that a dead family costs little; then
/// all of them share the time that is left.
inline constexpr auto first_try_max = milliseconds(500);

COKINO_DECL awaitable<bool> drain(flight* f)
{
    io_step step = f->conn->flush();
    while (step == io_step::wait && !f->ended()) {
        f->listen();
        io_result const ready = co_await wait_writable(f->conn->socket);
        step = ready.error && !f->ended() ? io_step::failed : f->conn->flush();
    }
    co_return step == io_step::done && !f->ended();
}

// ---- a place in the pool -----------------------------------------------------------------------

/// True when the flight holds a connection or a slot.
inline awaitable<bool> get_place(flight* f)
{
    if (f->core.ask(*f))
        co_return true;
    f->enter(phase::queueing, milliseconds(0));
    while (f->standing == pool_ticket::state::waiting && !f->failed()) {
        f->listen();
        co_await f->place.wait();
    }
    if (f->failed())
        co_return false;
    f->core.collect(*f);
    co_return f->conn != nullptr || f->holds_slot;
}

// ---- addresses ---------------------------------------------------------------------------------

struct address_list {
    std::vector<tcp_endpoint> all;
};

inline awaitable<void> look_up_name(flight* f, address_list* to, const std::string* host,
                                    std::uint16_t port)
{
    f->enter(phase::resolving, f->limits.resolve);
    auto const answer = f->core.look(*host, port);
    while (!answer->done && !f->ended()) {
        answer->waiting.push_back(f);
        f->listen();
        co_await f->place.wait();
        std::erase(answer->waiting, f);
    }
    if (f->ended())
        co_return;
    if (answer->error || answer->found.empty())
        f->fail(failure(errc::resolve_failed)
                    .explain("the name " + clean_text(*host, 253) +
                             " was not found: " + answer->error.message()));
    else
        to->all = answer->found;
}

/// Families take turns, the first one of the resolver's order leading.
inline void interleave(std::vector<tcp_endpoint>& all)
{
    if (all.empty())
        return;
    bool const v6_first = all.front().address().is_v6();
    std::vector<tcp_endpoint> first, other;
    std::partition_copy(all.begin(), all.end(), std::back_inserter(first),
                        std::back_inserter(other),
                        [&](const auto& e) { return e.address().is_v6() == v6_first; });
    all.clear();
    for (std::size_t i = 0; i < std::max(first.size(), other.size()); ++i) {
        if (i < first.size())
            all.push_back(first[i]);
        if (i < other.size())
            all.push_back(other[i]);
    }
}

/// "localhost" is this machine wherever one is, and never asked for [RFC 6761 §6.3]: a bare system
/// has no file that says so, and a name server may say anything.
inline bool is_localhost(std::string_view host) noexcept
{
    return host == "localhost" || host.ends_with(".localhost");
}

inline awaitable<void> find_addresses(flight* f, address_list* to)
{
    origin_entry const& entry = *f->entry;
    std::string const& host = entry.proxy ? entry.proxy->host : entry.where.host;
    std::uint16_t const port = entry.proxy ? entry.proxy->port : entry.where.port;
    error_code not_literal;
    auto const address = asio::ip::make_address(host, not_literal);
    if (!not_literal)
        to->all.push_back(tcp_endpoint(address, port));
    else if (is_localhost(host))
        to->all = {tcp_endpoint(asio::ip::address_v4::loopback(), port),
                   tcp_endpoint(asio::ip::address_v6::loopback(), port)};
    else
        co_await look_up_name(f, to, &host, port);
    if (f->failed())
        co_return;
    interleave(to->all);
    if (!f->only_public || entry.proxy)
        co_return;
    // Every address is checked, and only checked ones are connected to: a name that looks up to
    // something else a moment later gains nothing.
    for (auto const& endpoint : to->all)
        if (auto const kind = address_kind(endpoint.address()); kind != "public") {
            f->fail(failure(errc::link_refused)
                        .explain("the host " + clean_text(host, 253) + " leads to an address " +
                                 std::string(kind) + " in kind; only public ones are allowed"));
            co_return;
        }
}

/// A proxy looks names up itself; a literal address is still ours to judge.
inline std::string_view kind_behind_proxy(const origin_entry& entry)
{
    error_code not_literal;
    auto const address = asio::ip::make_address(entry.where.host, not_literal);
    return not_literal ? std::string_view("public") : address_kind(address);
}

inline bool refused_behind_proxy(flight& f)
{
    if (!f.only_public || !f.entry->proxy)
        return false;
    auto const kind = kind_behind_proxy(*f.entry);
    if (kind == "public")
        return false;
    f.fail(failure(errc::link_refused)
               .explain("the address is " + std::string(kind) + "; only public ones are allowed"));
    return true;
}

// ---- connecting --------------------------------------------------------------------------------

inline bool connected(flight& f, const tcp_endpoint& to)
{
    error_code error;
    f.conn->socket.set_option(asio::ip::tcp::no_delay(true), error);
    f.conn->socket.non_blocking(true, error);
    f.conn->public_address =
        f.entry->proxy ? kind_behind_proxy(*f.entry) == "public" : is_public_address(to.address());
    ++f.core.counts.connections;
    return !error;
}

inline awaitable<void> connect_any(flight* f, const address_list* to)
{
    f->enter(phase::connecting, f->limits.connect);
    auto& socket = f->conn->socket;
    error_code last;
    std::size_t const count = to->all.size();
    // Two rounds with several addresses, one with a single one.
    for (std::size_t i = 0; i < (count > 1 ? 2 * count : count); ++i) {
        tcp_endpoint const& endpoint = to->all[i % count];
        if (count > 1) {
            auto const now = f->now();
            auto share = std::chrono::duration_cast<duration>(first_try_max);
            if (i >= count && f->phase_at() != (steady_time::max)())
                share = (f->phase_at() - now) / static_cast<int>(2 * count - i);
            else if (i >= count)
                share = std::chrono::seconds(30);
            f->limit_attempt(later(now, share));
        }
        error_code ignored;
        socket.close(ignored);
        f->listen();
        io_result const tried = co_await connect_to(socket, endpoint);
        if (f->ended())
            co_return;
        if (!tried.error && !f->attempt_passed() && connected(*f, endpoint))
            co_return;
        last = f->attempt_passed() ? error_code(asio::error::timed_out) : tried.error;
    }
    f->fail(failure(errc::connect_failed)
                .explain("no connection to " +
                         clean_text(f->entry->proxy ? "proxy " + f->entry->proxy->host
                                                    : f->entry->where.text(),
                                    300) +
                         ": " + last.message()));
}

// ---- a proxy's tunnel --------------------------------------------------------------------------

inline std::string connect_request(const origin_entry& entry)
{
    bool const v6 = entry.where.host.find(':') != std::string::npos;
    std::string const where = (v6 ? "[" + entry.where.host + "]" : entry.where.host) + ":" +
                              std::to_string(entry.where.port);
    std::string text = "CONNECT " + where + " HTTP/1.1\r\nHost: " + where + "\r\n";
    text.append(entry.proxy->authorization.reveal());
    return text.append("\r\n");
}

inline awaitable<void> open_tunnel(flight* f)
{
    f->enter(phase::tunnelling, f->limits.connect);
    connection& c = *f->conn;
    wire::response answer;
    std::string asked = connect_request(*f->entry);
    io_step step = c.send_raw(asked);
    wipe(asked);
    if (step == io_step::wait) {
        bool const out = co_await drain(f);
        step = out ? io_step::done : io_step::failed;
    }
    c.expect(answer, limits::header_bytes_max, true, false);
    if (step == io_step::done)
        step = io_step::wait;
    while (step == io_step::wait && !f->ended()) {
        f->listen();
        io_result const got = co_await read_some(c.socket, c.raw_room());
        step = c.arrived(got);
    }
    bool const whole = step == io_step::done;
    // Nothing may come through the tunnel before we speak.
    bool const clean = c.text().empty();
    c.forget_exchange();
    if (f->ended() || (whole && clean && answer.ok()))
        co_return;
    failure refused(errc::proxy_refused);
    refused.explain("the proxy " + clean_text(f->entry->proxy->host, 253) +
                    (whole && !answer.ok()
                         ? " answered " + std::to_string(answer.status) +
                               (answer.status == 407 ? ": it wants a user and a password" : "")
                         : " gave no proper answer"));
    refused.edit().http_status = whole ? answer.status : 0;
    f->fail(std::move(refused));
}

// ---- TLS ---------------------------------------------------------------------------------------

inline awaitable<void> shake_hands(flight* f)
{
    f->enter(phase::handshaking, f->limits.handshake);
    connection& c = *f->conn;
    auto ssl = f->core.tls.make(f->entry->where.host, f->entry->sessions);
    if (!ssl) {
        f->fail(ssl.error());
        co_return;
    }
    c.start_tls(std::move(*ssl));
    for (;;) {
        io_step const step = c.handshake();
        bool const out = co_await drain(f); // an alert too, when it failed
        if (f->ended())
            co_return;
        if (step == io_step::done && out)
            break;
        if (step == io_step::wait && out) {
            f->listen();
            io_result const got = co_await read_some(c.socket, c.raw_room());
            if (f->ended())
                co_return;
            if (c.store(got) != io_step::failed)
                continue;
        }
        if (c.fault.code == errc::connection_lost)
            c.fault.code = errc::tls_failed;
        if (c.fault.code == errc::certificate_rejected)
            f->entry->sessions.clear();
        f->fail(f->take_failure());
        co_return;
    }
    ++f->core.counts.handshakes;
    if (c.tls->resumed())
        ++f->core.counts.handshakes_resumed;
}

// ---- all of it ---------------------------------------------------------------------------------

/// Opens a connection in the slot that the flight holds.
inline awaitable<void> establish(flight* f)
{
    address_list addresses;
    if (refused_behind_proxy(*f))
        co_return;
    co_await find_addresses(f, &addresses);
    if (f->failed())
        co_return;
    f->conn = std::make_unique<connection>(f->core.ex);
    f->conn->group = f->entry;
    f->holds_slot = false; // the connection's now
    co_await connect_any(f, &addresses);
    if (!f->failed() && f->entry->proxy && f->entry->where.tls())
        co_await open_tunnel(f);
    if (!f->failed() && f->entry->where.tls())
        co_await shake_hands(f);
}

COKINO_DECL awaitable<void> obtain(flight* f)
{
    if (!f->holds_slot) {
        bool const placed = co_await get_place(f);
        if (!placed || f->conn)
            co_return;
    }
    f->used = false;
    co_await establish(f);
}

} // namespace cokino::net::detail
