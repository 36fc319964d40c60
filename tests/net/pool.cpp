// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#include <cokino/net/detail/pool.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace net_pool_test {

using namespace cokino::net::detail;
using namespace std::chrono_literals;
using state = pool_ticket::state;

pool_time at(std::chrono::milliseconds ms) { return pool_time(1h + ms); }

struct fixture {
    explicit fixture(std::size_t open_max = 2, std::size_t idle_max = 10,
                     std::size_t waiting_max = 3)
        : machine(limits(open_max, idle_max, waiting_max))
    {
        for (auto& node : nodes)
            node.group = &group;
    }
    static pool_limits limits(std::size_t open_max, std::size_t idle_max, std::size_t waiting_max)
    {
        pool_limits bounds;
        bounds.open_max = open_max;
        bounds.idle_max = idle_max;
        bounds.waiting_max = waiting_max;
        bounds.idle_age_max = 50s;
        return bounds;
    }
    /// Takes a slot, as a connection that was opened in it does.
    void open()
    {
        pool_ticket ticket;
        REQUIRE(machine.ask(group, ticket).order == pool_order::open);
    }

    pool_group group;
    pool machine;
    std::array<pool_node, 4> nodes;
};

TEST_CASE("a first request opens a connection, and a second one too, up to the cap")
{
    fixture f;
    pool_ticket a, b, c;
    CHECK(f.machine.take(f.group, a) == nullptr);
    CHECK(f.machine.ask(f.group, a).order == pool_order::open);
    CHECK(a.standing == state::slot);
    CHECK(f.machine.ask(f.group, b).order == pool_order::open);
    CHECK(f.machine.ask(f.group, c).order == pool_order::wait);
    CHECK(c.standing == state::waiting);
    CHECK(f.group.open == 2);
    CHECK(f.group.waiting == 1);
}

TEST_CASE("of several idle connections the one used last is used first")
{
    fixture f;
    f.open();
    f.open();
    CHECK(f.machine.give_back(f.nodes[0], at(0ms)).order == pool_order::nothing);
    CHECK(f.machine.give_back(f.nodes[1], at(1ms)).order == pool_order::nothing);
    pool_ticket ticket;
    CHECK(f.machine.take(f.group, ticket) == &f.nodes[1]);
    CHECK(f.machine.take(f.group, ticket) == &f.nodes[0]);
    CHECK(f.machine.take(f.group, ticket) == nullptr);
    CHECK(f.nodes[1].reuses == 1);
    CHECK(f.group.open == 2);
    CHECK(f.machine.idle() == 0);
}

TEST_CASE("the line is served in order of arrival, and nobody overtakes it")
{
    fixture f(1);
    f.open();
    pool_ticket first, second, late;
    CHECK(f.machine.ask(f.group, first).order == pool_order::wait);
    CHECK(f.machine.ask(f.group, second).order == pool_order::wait);
    auto served = f.machine.give_back(f.nodes[0], at(0ms));
    CHECK(served.order == pool_order::wake);
    CHECK(served.ticket == &first);
    CHECK(first.standing == state::node);
    CHECK(first.node == &f.nodes[0]);
    // Whoever comes now finds no idle connection, though one was just given back.
    CHECK(f.machine.take(f.group, late) == nullptr);
    CHECK(f.machine.ask(f.group, late).order == pool_order::wait);
    served = f.machine.give_back(f.nodes[0], at(1ms));
    CHECK(served.ticket == &second);
    served = f.machine.give_back(f.nodes[0], at(2ms));
    CHECK(served.ticket == &late);
    CHECK(f.machine.give_back(f.nodes[0], at(3ms)).order == pool_order::nothing);
    CHECK(f.machine.idle() == 1);
}

TEST_CASE("a closed connection's slot goes to the first in line, or is free")
{
    fixture f(1);
    f.open();
    pool_ticket waiting;
    CHECK(f.machine.ask(f.group, waiting).order == pool_order::wait);
    auto const served = f.machine.slot_free(f.group);
    CHECK(served.order == pool_order::wake);
    CHECK(served.ticket == &waiting);
    CHECK(waiting.standing == state::slot);
    CHECK(f.group.open == 1);
    CHECK(f.machine.slot_free(f.group).order == pool_order::nothing);
    CHECK(f.group.open == 0);
    CHECK(f.group.empty());
}

TEST_CASE("the line is bounded")
{
    fixture f(1, 10, 2);
    f.open();
    pool_ticket a, b, c;
    CHECK(f.machine.ask(f.group, a).order == pool_order::wait);
    CHECK(f.machine.ask(f.group, b).order == pool_order::wait);
    CHECK(f.machine.ask(f.group, c).order == pool_order::refuse);
    CHECK(c.standing == state::none);
    f.machine.withdraw(f.group, a, at(0ms));
    CHECK(f.machine.ask(f.group, c).order == pool_order::wait);
}

TEST_CASE("whoever gives up leaves the line, and passes on what was meant for him")
{
    fixture f(1);
    f.open();
    pool_ticket a, b, c;
    f.machine.ask(f.group, a);
    f.machine.ask(f.group, b);
    f.machine.ask(f.group, c);
    CHECK(f.machine.withdraw(f.group, b, at(0ms)).order == pool_order::nothing);
    CHECK(b.standing == state::none);
    f.machine.give_back(f.nodes[0], at(0ms)); // a has it now, and gives up
    auto served = f.machine.withdraw(f.group, a, at(1ms));
    CHECK(served.order == pool_order::wake);
    CHECK(served.ticket == &c);
    CHECK(c.node == &f.nodes[0]);
    served = f.machine.withdraw(f.group, c, at(2ms));
    CHECK(served.order == pool_order::nothing);
    CHECK(f.machine.idle() == 1);

    pool_ticket d, e;
    CHECK(f.machine.take(f.group, d) == &f.nodes[0]);
    f.machine.ask(f.group, d);
    f.machine.ask(f.group, e);
    f.machine.slot_free(f.group); // d may open, and gives up
    served = f.machine.withdraw(f.group, d, at(3ms));
    CHECK(served.ticket == &e);
    CHECK(e.standing == state::slot);
    CHECK(f.machine.withdraw(f.group, e, at(4ms)).order == pool_order::nothing);
    CHECK(f.group.empty());
    CHECK(f.machine.withdraw(f.group, e, at(5ms)).order == pool_order::nothing);
}

TEST_CASE("a request that wants a fresh connection gets no used one, but its place")
{
    fixture f(1);
    f.open();
    f.machine.give_back(f.nodes[0], at(0ms));
    pool_ticket ticket;
    ticket.fresh = true;
    CHECK(f.machine.take(f.group, ticket) == nullptr);
    auto const decision = f.machine.ask(f.group, ticket);
    CHECK(decision.order == pool_order::close_and_open);
    CHECK(decision.node == &f.nodes[0]);
    CHECK(ticket.standing == state::slot);
    CHECK(f.group.open == 1);
    CHECK(f.machine.idle() == 0);
}

TEST_CASE("a request for public addresses passes over connections to others")
{
    fixture f(2);
    f.open();
    f.open();
    f.nodes[0].public_address = true;
    f.machine.give_back(f.nodes[0], at(0ms));
    f.machine.give_back(f.nodes[1], at(1ms));
    pool_ticket ticket;
    ticket.only_public = true;
    CHECK(f.machine.take(f.group, ticket) == &f.nodes[0]);
    CHECK(f.machine.take(f.group, ticket) == nullptr);
    CHECK(f.machine.ask(f.group, ticket).order == pool_order::close_and_open);
}

TEST_CASE("in line, too, an unsuitable connection is closed for its slot")
{
    fixture f(1);
    f.open();
    pool_ticket ticket;
    ticket.only_public = true;
    f.machine.ask(f.group, ticket);
    auto const served = f.machine.give_back(f.nodes[0], at(0ms));
    CHECK(served.order == pool_order::close);
    CHECK(served.node == &f.nodes[0]);
    CHECK(served.ticket == &ticket);
    CHECK(ticket.standing == state::slot);
    CHECK(f.group.open == 1);
}

TEST_CASE("idle connections are capped over all origins, the oldest going first")
{
    fixture f(4, 2);
    pool_group other;
    f.nodes[1].group = &other;
    f.open();
    pool_ticket ticket;
    REQUIRE(f.machine.ask(other, ticket).order == pool_order::open);
    f.open();
    CHECK(f.machine.give_back(f.nodes[1], at(0ms)).order == pool_order::nothing);
    CHECK(f.machine.give_back(f.nodes[0], at(1ms)).order == pool_order::nothing);
    auto const decision = f.machine.give_back(f.nodes[2], at(2ms));
    CHECK(decision.order == pool_order::close);
    CHECK(decision.node == &f.nodes[1]);
    CHECK(other.empty());
    CHECK(f.machine.idle() == 2);
}

TEST_CASE("with no idle connection allowed, each is closed when it is given back")
{
    fixture f(4, 0);
    f.open();
    auto const decision = f.machine.give_back(f.nodes[0], at(0ms));
    CHECK(decision.order == pool_order::close);
    CHECK(decision.node == &f.nodes[0]);
    CHECK(f.group.empty());
}

TEST_CASE("idle connections past their age are taken out, no others")
{
    fixture f(4);
    f.open();
    f.open();
    f.machine.give_back(f.nodes[0], at(0ms));
    f.machine.give_back(f.nodes[1], at(10ms));
    CHECK(f.machine.take_expired(at(49999ms)) == nullptr);
    CHECK(f.machine.take_expired(at(50000ms)) == &f.nodes[0]);
    CHECK(f.machine.take_expired(at(50000ms)) == nullptr);
    CHECK(f.group.open == 1);
    CHECK(f.machine.take_oldest() == &f.nodes[1]);
    CHECK(f.machine.take_oldest() == nullptr);
    CHECK(f.group.empty());
}

/// Plays owners of tickets and connections at random, and keeps its own books.
struct random_play {
    enum class where : unsigned char { closed, in_use, idle_or_handed };

    fixture f{3, 2, 2};
    std::array<pool_ticket, 6> tickets;
    std::array<pool_node, 8> nodes;
    std::array<where, 8> books{};
    std::uint64_t seed = 12345;

    random_play()
    {
        for (auto& node : nodes)
            node.group = &f.group;
    }
    std::size_t random(std::size_t n)
    {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(seed >> 33) % n;
    }
    where& book(const pool_node* node)
    {
        return books[static_cast<std::size_t>(node - nodes.data())];
    }
    std::size_t count(where w) const
    {
        return static_cast<std::size_t>(std::count(books.begin(), books.end(), w));
    }
    std::size_t count(state s) const
    {
        return static_cast<std::size_t>(std::count_if(
            tickets.begin(), tickets.end(), [s](const pool_ticket& t) { return t.standing == s; }));
    }
    void obey(const pool_decision& d)
    {
        if (d.order == pool_order::close || d.order == pool_order::close_and_open)
            book(d.node) = where::closed;
    }

    void arrive(pool_ticket& ticket)
    {
        if (ticket.standing != state::none)
            return;
        ticket.fresh = random(8) == 0;
        if (pool_node* const node = f.machine.take(f.group, ticket))
            book(node) = where::in_use;
        else
            obey(f.machine.ask(f.group, ticket));
    }
    void use(pool_ticket& ticket)
    {
        if (ticket.standing == state::node)
            book(ticket.node) = where::in_use;
        else if (ticket.standing == state::slot)
            *std::find(books.begin(), books.end(), where::closed) = where::in_use;
        else
            return;
        ticket.standing = state::none;
    }
    void end(std::size_t i, pool_time now)
    {
        if (books[i] != where::in_use)
            return;
        if (random(2) == 0) {
            books[i] = where::idle_or_handed;
            obey(f.machine.give_back(nodes[i], now));
        } else {
            books[i] = where::closed;
            f.machine.slot_free(f.group);
        }
    }
    void check() const
    {
        std::size_t const lined = count(state::waiting);
        std::size_t const kept = count(where::idle_or_handed);
        REQUIRE(f.group.open == count(state::slot) + count(where::in_use) + kept);
        REQUIRE(f.group.waiting == lined);
        REQUIRE(f.machine.idle() == kept - count(state::node));
        REQUIRE(f.group.open <= 3);
        REQUIRE(f.machine.idle() <= 2);
        REQUIRE((lined == 0 || f.group.open == 3));
    }
};

TEST_CASE("no slot is lost or made up in a long random run")
{
    random_play play;
    for (int step = 0; step < 20000; ++step) {
        auto& ticket = play.tickets[play.random(play.tickets.size())];
        auto const now = at(std::chrono::milliseconds(step));
        switch (play.random(4)) {
        case 0: play.arrive(ticket); break;
        case 1: play.use(ticket); break;
        case 2: play.end(play.random(play.nodes.size()), now); break;
        default: play.obey(play.f.machine.withdraw(play.f.group, ticket, now)); break;
        }
        play.check();
    }
}

} // namespace net_pool_test
