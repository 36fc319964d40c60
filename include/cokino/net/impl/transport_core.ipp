// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of net/detail/transport_core.hpp.
#pragma once

#include <cokino/net/detail/transport_core.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace cokino::net::detail {

/// Entries kept for origins that have no connection; each may hold TLS sessions.
inline constexpr std::size_t entries_max = 256;
/// An idle connection that went well this often is trusted unseen when it was used a moment ago:
/// under load the look would be one system call in four.
inline constexpr unsigned trusted_reuses = 4;
inline constexpr auto trusted_moment = std::chrono::milliseconds(1);
/// A host whose exchanges take no longer than this may well have answered by the time that other
/// exchanges have had their turn.
inline constexpr auto quick_host = std::chrono::milliseconds(25);

inline pool_limits pool_limits_of(const transport_options& options)
{
    pool_limits bounds;
    bounds.open_max = (std::max)(options.connections_per_origin_max, std::size_t{1});
    bounds.idle_max = options.connections_idle_max;
    bounds.waiting_max = options.waiters_per_origin_max;
    bounds.idle_age_max = options.connection_idle_max;
    return bounds;
}

COKINO_DECL transport_core::transport_core(executor e, transport_options o)
    : ex(std::move(e)), reads(std::make_shared<read_queue>(ex)), options(std::move(o)),
      time(time_of(ex)), tls(options.tls), pool_(pool_limits_of(options))
{}

COKINO_DECL transport_core::~transport_core() { close(); }

COKINO_DECL void transport_core::close() noexcept
{
    closed_ = true;
    close_idle();
    for (flight* f = flights_; f; f = f->next_)
        f->end(errc::closed);
    time.disarm(*this);
    watched_ = (steady_time::max)();
}

COKINO_DECL void transport_core::close_idle() noexcept
{
    while (pool_node* const node = pool_.take_oldest())
        delete static_cast<connection*>(node);
}

// ---- origins -----------------------------------------------------------------------------------

COKINO_DECL origin_entry* transport_core::entry_of(const wire::origin& where,
                                                   std::optional<failure>& why)
{
    if (last_ && last_->where == where)
        return last_;
    for (auto const& entry : entries_)
        if (entry->where == where)
            return last_ = entry.get();
    auto proxy = options.proxy.choose(where);
    if (!proxy) {
        why = proxy.error();
        return nullptr;
    }
    if (entries_.size() >= entries_max)
        prune();
    auto entry = std::make_unique<origin_entry>();
    entry->where = where;
    entry->proxy = std::move(*proxy);
    entries_.push_back(std::move(entry));
    return last_ = entries_.back().get();
}

COKINO_DECL void transport_core::prune()
{
    last_ = nullptr;
    // Flights and connections point to their entries; an entry without either has no slot taken.
    std::erase_if(entries_, [this](const auto& entry) {
        if (!entry->empty())
            return false;
        for (flight* f = flights_; f; f = f->next_)
            if (f->entry == entry.get())
                return false;
        return true;
    });
}

// ---- the pool ----------------------------------------------------------------------------------

COKINO_DECL void transport_core::carry_out(const pool_decision& decision) noexcept
{
    if (decision.order == pool_order::close)
        delete static_cast<connection*>(decision.node);
    if (decision.ticket)
        static_cast<flight*>(decision.ticket)->place.wake();
}

COKINO_DECL bool transport_core::usable(connection& c, steady_time at) const
{
    bool const trusted = c.reuses > trusted_reuses && at - c.idle_since < trusted_moment;
    return trusted || c.alive();
}

COKINO_DECL bool transport_core::take_idle(flight& f)
{
    while (pool_node* const old = pool_.take_expired(f.began))
        delete static_cast<connection*>(old);
    while (pool_node* const node = pool_.take(*f.entry, f)) {
        std::unique_ptr<connection> c(static_cast<connection*>(node));
        if (usable(*c, f.began)) {
            f.conn = std::move(c);
            f.used = true;
            return true;
        }
        ++counts.found_dead;
        discard(std::move(c));
    }
    return false;
}

COKINO_DECL bool transport_core::ask(flight& f)
{
    auto const decision = pool_.ask(*f.entry, f);
    switch (decision.order) {
    case pool_order::refuse:
        f.fail(
            failure(errc::limit_reached)
                .explain("too many exchanges wait for a connection to " + f.entry->where.text()));
        return false;
    case pool_order::close_and_open: delete static_cast<connection*>(decision.node); break;
    case pool_order::wait: return false;
    default: break;
    }
    f.standing = pool_ticket::state::none;
    f.holds_slot = true;
    return true;
}

COKINO_DECL bool transport_core::collect(flight& f)
{
    auto const given = std::exchange(f.standing, pool_ticket::state::none);
    if (given != pool_ticket::state::node) {
        f.holds_slot = given == pool_ticket::state::slot;
        return false;
    }
    std::unique_ptr<connection> c(static_cast<connection*>(std::exchange(f.node, nullptr)));
    if (usable(*c, now())) {
        f.conn = std::move(c);
        f.used = true;
        return true;
    }
    ++counts.found_dead;
    f.holds_slot = true; // the dead one's
    return false;
}

COKINO_DECL void transport_core::give_back(std::unique_ptr<connection> c)
{
    if (closed_)
        discard(std::move(c));
    else
        put_to_rest(std::move(c), now());
}

COKINO_DECL void transport_core::give_back(std::unique_ptr<connection> c, steady_time began)
{
    if (closed_) {
        discard(std::move(c));
        return;
    }
    auto const at = now();
    static_cast<origin_entry&>(*c->group).quick = at - began < quick_host;
    put_to_rest(std::move(c), at);
}

COKINO_DECL void transport_core::put_to_rest(std::unique_ptr<connection> c, steady_time at)
{
    c->forget_exchange();
    pool_node& node = *c.release();
    carry_out(pool_.give_back(node, at));
}

COKINO_DECL io_kind transport_core::first_read_of(const flight& f) const noexcept
{
    bool const alone = flights_ == &f && !f.next_;
    return f.entry->quick && !alone ? io_kind::read_in_turn : io_kind::read;
}

COKINO_DECL void transport_core::discard(std::unique_ptr<connection> c)
{
    auto& entry = static_cast<origin_entry&>(*c->group);
    c.reset();
    free_slot(entry);
}

COKINO_DECL void transport_core::free_slot(origin_entry& entry)
{
    carry_out(pool_.slot_free(entry));
}

COKINO_DECL void transport_core::withdraw(flight& f)
{
    carry_out(pool_.withdraw(*f.entry, f, now()));
}

// ---- time limits -------------------------------------------------------------------------------

COKINO_DECL void transport_core::enlist(flight& f) noexcept
{
    f.previous_ = nullptr;
    f.next_ = flights_;
    if (flights_)
        flights_->previous_ = &f;
    flights_ = &f;
}

COKINO_DECL void transport_core::strike(flight& f) noexcept
{
    (f.previous_ ? f.previous_->next_ : flights_) = f.next_;
    if (f.next_)
        f.next_->previous_ = f.previous_;
    if (!flights_ && watched_ != (steady_time::max)()) {
        time.disarm(*this); // an armed timer would keep the loop running
        watched_ = (steady_time::max)();
    }
}

// The timer is moved only to an earlier time: under load nearly every new limit lies behind the
// one that is being watched, so a request costs no work on any timer.
COKINO_DECL void transport_core::watch(steady_time at)
{
    if (at >= watched_ || closed_)
        return;
    time.arm(*this, at);
    watched_ = at;
}

COKINO_DECL void transport_core::fire()
{
    auto const at = now();
    watched_ = (steady_time::max)();
    auto next = (steady_time::max)();
    for (flight* f = flights_; f; f = f->next_) {
        f->check_time(at);
        next = (std::min)(next, f->due_at());
    }
    watch(next);
}

// ---- names -------------------------------------------------------------------------------------

/// Takes the resolver's answer to whoever still waits for it.
struct on_resolved {
    std::shared_ptr<look_up> self;
    void operator()(error_code error, asio::ip::tcp::resolver::results_type found) const
    {
        self->done = true;
        self->error = error;
        for (auto const& entry : found)
            self->found.push_back(entry.endpoint());
        for (flight* const waiting : std::exchange(self->waiting, {}))
            waiting->place.wake();
    }
};

COKINO_DECL std::shared_ptr<look_up> transport_core::look(const std::string& host,
                                                          std::uint16_t port)
{
    std::erase_if(look_ups_, [](const std::weak_ptr<look_up>& known) {
        auto const under_way = known.lock();
        return !under_way || under_way->done;
    });
    for (auto const& known : look_ups_)
        if (auto under_way = known.lock(); under_way->host == host && under_way->port == port)
            return under_way;
    auto made = std::make_shared<look_up>(ex, host, port);
    char text[8];
    auto const end = std::to_chars(text, text + sizeof text, port).ptr;
    made->resolver.async_resolve(host, std::string_view(text, static_cast<std::size_t>(end - text)),
                                 asio::ip::tcp::resolver::numeric_service, on_resolved{made});
    look_ups_.push_back(made);
    return made;
}

} // namespace cokino::net::detail
