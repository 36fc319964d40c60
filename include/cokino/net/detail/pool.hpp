// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Who gets which connection, decided without a socket: reuse, open, wait in line, or refuse. The
// caller carries the decisions out and reports back. One group stands for one origin; TLS settings
// and proxies are fixed for a whole transport, so no two of them ever share a pool.
#pragma once

#include <cokino/core/limits.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cokino::net::detail {

using pool_time = std::chrono::steady_clock::time_point;

struct pool_group;

/// What the pool knows of a connection; connections derive from it.
struct pool_node {
    pool_group* group = nullptr;
    pool_time idle_since{};
    unsigned reuses = 0;         ///< How often it went from idle to a request.
    bool public_address = false; ///< Its peer's address was checked to be a public one.

private:
    friend class pool;
    pool_node* below = nullptr; // the one that became idle before it, in its group
    pool_node* above = nullptr;
    pool_node* older = nullptr; // the same over all groups
    pool_node* newer = nullptr;
};

/// One request's place in a group's line.
struct pool_ticket {
    enum class state : unsigned char {
        none,    ///< Not in a line.
        waiting, ///< In line.
        node,    ///< Was handed a connection.
        slot     ///< May open a connection.
    };
    state standing = state::none;
    pool_node* node = nullptr;
    bool fresh = false;       ///< Takes no used connection.
    bool only_public = false; ///< Takes only connections to public addresses.

private:
    friend class pool;
    pool_ticket* before = nullptr;
    pool_ticket* behind = nullptr;
};

/// The connections and the line of one origin. `open` counts those in use, idle or being opened.
struct pool_group {
    std::size_t open = 0;
    std::size_t waiting = 0;
    std::size_t idle = 0;

    bool empty() const noexcept { return open == 0 && waiting == 0; }

private:
    friend class pool;
    pool_node* idle_top = nullptr;
    pool_ticket* line_front = nullptr;
    pool_ticket* line_back = nullptr;
};

struct pool_limits {
    std::size_t open_max = limits::connections_per_origin_max;
    std::size_t idle_max = limits::connections_idle_max; ///< Over all origins.
    std::size_t waiting_max = limits::waiters_max;       ///< Per origin.
    std::chrono::milliseconds idle_age_max = limits::connection_idle_max;
};

/// What the caller shall do next.
enum class pool_order : unsigned char {
    nothing,
    open,           ///< A slot was taken: open a connection in it.
    close_and_open, ///< Close the named idle connection; its slot is yours, open in it.
    wait,           ///< The ticket stands in line.
    refuse,         ///< The line is full.
    wake,           ///< The named ticket was served: wake its owner.
    close           ///< Close the named connection; it is no longer the pool's.
};

struct pool_decision {
    pool_order order = pool_order::nothing;
    pool_node* node = nullptr;
    pool_ticket* ticket = nullptr;
};

/// The machine. Not thread-safe.
class pool
{
public:
    explicit pool(const pool_limits& bounds) noexcept : limits_(bounds) {}

    /// The most recently used idle connection that suits the ticket, or null. It is in use then.
    pool_node* take(pool_group& group, const pool_ticket& ticket) noexcept
    {
        if (ticket.fresh)
            return nullptr;
        for (pool_node* node = group.idle_top; node; node = node->below) {
            if (ticket.only_public && !node->public_address)
                continue;
            unlink(*node);
            ++node->reuses;
            return node;
        }
        return nullptr;
    }

    /// Called when take() found nothing: open, close_and_open, wait or refuse.
    pool_decision ask(pool_group& group, pool_ticket& ticket) noexcept
    {
        if (group.open < limits_.open_max) {
            ++group.open;
            ticket.standing = pool_ticket::state::slot;
            return decision(pool_order::open);
        }
        if (pool_node* const spare = bottom(group)) {
            unlink(*spare);
            ticket.standing = pool_ticket::state::slot;
            return decision(pool_order::close_and_open, spare);
        }
        if (group.waiting >= limits_.waiting_max)
            return decision(pool_order::refuse);
        ticket.standing = pool_ticket::state::waiting;
        ticket.before = group.line_back;
        ticket.behind = nullptr;
        (group.line_back ? group.line_back->behind : group.line_front) = &ticket;
        group.line_back = &ticket;
        ++group.waiting;
        return decision(pool_order::wait);
    }

    /// A connection that can carry another request is given back: nothing (kept), wake (handed to
    /// the first in line), or close (it, or an older one that made room for it). With
    /// `close` and a ticket both are to be done: the slot went to a ticket that wants a fresh one.
    pool_decision give_back(pool_node& node, pool_time now) noexcept
    {
        pool_group& group = *node.group;
        if (pool_ticket* const first = group.line_front) {
            leave_line(group, *first);
            if (first->fresh || (first->only_public && !node.public_address)) {
                first->standing = pool_ticket::state::slot;
                return decision(pool_order::close, &node, first);
            }
            ++node.reuses;
            node.idle_since = now;
            first->standing = pool_ticket::state::node;
            first->node = &node;
            return decision(pool_order::wake, &node, first);
        }
        node.idle_since = now;
        link(node);
        if (idle_ <= limits_.idle_max)
            return decision(pool_order::nothing);
        pool_node* const oldest = oldest_;
        unlink(*oldest);
        --oldest->group->open;
        return decision(pool_order::close, oldest);
    }

    /// A slot became free (its connection was closed, or opening it failed): nothing, or wake.
    pool_decision slot_free(pool_group& group) noexcept
    {
        if (pool_ticket* const first = group.line_front) {
            leave_line(group, *first);
            first->standing = pool_ticket::state::slot;
            return decision(pool_order::wake, nullptr, first);
        }
        --group.open;
        return decision(pool_order::nothing);
    }

    /// A ticket's owner gives up. What it was served goes to the next in line.
    pool_decision withdraw(pool_group& group, pool_ticket& ticket, pool_time now) noexcept
    {
        auto const had = ticket.standing;
        ticket.standing = pool_ticket::state::none;
        switch (had) {
        case pool_ticket::state::waiting: leave_line(group, ticket); break;
        case pool_ticket::state::node: return give_back(*ticket.node, now);
        case pool_ticket::state::slot: return slot_free(group);
        case pool_ticket::state::none: break;
        }
        return decision(pool_order::nothing);
    }

    /// The next idle connection that is too old, taken out for closing; null when there is none.
    pool_node* take_expired(pool_time now) noexcept
    {
        if (!oldest_ || now - oldest_->idle_since < limits_.idle_age_max)
            return nullptr;
        return take_oldest();
    }

    /// The longest idle connection, taken out for closing; null when there is none.
    pool_node* take_oldest() noexcept
    {
        pool_node* const oldest = oldest_;
        if (oldest) {
            unlink(*oldest);
            --oldest->group->open;
        }
        return oldest;
    }

    std::size_t idle() const noexcept { return idle_; }

private:
    static pool_decision decision(pool_order order, pool_node* node = nullptr,
                                  pool_ticket* ticket = nullptr) noexcept
    {
        return pool_decision{order, node, ticket};
    }

    static pool_node* bottom(const pool_group& group) noexcept
    {
        pool_node* node = group.idle_top;
        while (node && node->below)
            node = node->below;
        return node;
    }

    void link(pool_node& node) noexcept
    {
        pool_group& group = *node.group;
        node.above = nullptr;
        node.below = group.idle_top;
        if (group.idle_top)
            group.idle_top->above = &node;
        group.idle_top = &node;
        node.newer = nullptr;
        node.older = newest_;
        (newest_ ? newest_->newer : oldest_) = &node;
        newest_ = &node;
        ++group.idle;
        ++idle_;
    }

    void unlink(pool_node& node) noexcept
    {
        pool_group& group = *node.group;
        (node.above ? node.above->below : group.idle_top) = node.below;
        if (node.below)
            node.below->above = node.above;
        (node.older ? node.older->newer : oldest_) = node.newer;
        (node.newer ? node.newer->older : newest_) = node.older;
        --group.idle;
        --idle_;
    }

    static void leave_line(pool_group& group, pool_ticket& ticket) noexcept
    {
        (ticket.before ? ticket.before->behind : group.line_front) = ticket.behind;
        (ticket.behind ? ticket.behind->before : group.line_back) = ticket.before;
        --group.waiting;
    }

    pool_limits limits_;
    pool_node* oldest_ = nullptr;
    pool_node* newest_ = nullptr;
    std::size_t idle_ = 0;
};

} // namespace cokino::net::detail
