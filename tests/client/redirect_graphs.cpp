// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Where a key goes: through thousands of random graphs of redirects, that come back to the API's
// own host, go down to http, into private networks, round in circles. A whole client with a key
// downloads through them; every byte that leaves is looked at.
#include <cokino/client.hpp>

#include <cokino/core/random_source.hpp>
#include <cokino/net/address_policy.hpp>
#include <cokino/testing/clips.hpp>
#include <cokino/testing/fake_provider.hpp>

#include "support/fake_client.hpp"
#include "transfer/media_host.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace redirect_graphs_test {

using namespace cokino;
using namespace cokino::testing::support;
using media_host_test::answer;
using media_host_test::media_body;
using media_host_test::plain;
using namespace std::chrono_literals;

constexpr std::string_view api = "https://queue.fal.run";
constexpr std::string_view link_secret = "link-canary";

/// A graph's hosts, and where their names lead: by "localhost" and literals that is plain.
constexpr std::array<std::string_view, 12> hosts{
    "cdn.example",     "files.example", "queue.fal.run",  "queue.fal.run.evil.example",
    "xqueue.fal.run",  "fal.run",       "inside.example", "localhost",
    "169.254.169.254", "10.0.0.1",      "[::1]",          "[::ffff:127.0.0.1]"};

bool leads_inside(const std::string& host)
{
    boost::system::error_code not_literal;
    const auto address = boost::asio::ip::make_address(host, not_literal);
    if (!not_literal)
        return !net::is_public_address(address);
    return host == "localhost" || host == "inside.example";
}

struct graph {
    std::vector<std::string> places;  // a URL each; the first one is the link
    std::vector<std::string> targets; // what a place's redirect says; empty: it does not redirect
    std::vector<unsigned> statuses;
};

class graph_maker
{
public:
    explicit graph_maker(std::uint64_t seed) : random_(seed) {}

    bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_.below(n)); }

    graph make()
    {
        graph g;
        const std::size_t count = 2 + below(9);
        for (std::size_t i = 0; i < count; ++i)
            g.places.push_back(place(i, i == 0));
        for (std::size_t i = 0; i < count; ++i) {
            const bool leads_on = i == 0 || one_in(2);
            g.targets.push_back(leads_on ? target(g, i) : std::string());
            constexpr std::array<unsigned, 5> redirects{301, 302, 303, 307, 308};
            constexpr std::array<unsigned, 9> ends{200, 200, 200, 200, 200, 403, 404, 410, 503};
            g.statuses.push_back(leads_on ? redirects[below(5)] : ends[below(9)]);
        }
        return g;
    }

private:
    std::string place(std::size_t i, bool first)
    {
        // Most of them are harmless, or few walks would get far.
        const std::size_t pick = first || !one_in(4) ? below(6) : below(hosts.size());
        std::string text = !first && one_in(8) ? "http://" : "https://";
        text += hosts[pick];
        if (!first && one_in(10))
            text += ":8443";
        text += "/p" + std::to_string(i) + "/a.mp4";
        if (first)
            text += "?Signature=" + std::string(link_secret);
        return text;
    }

    std::string target(const graph& g, std::size_t from)
    {
        const std::string& place = g.places[one_in(12) ? from : below(g.places.size())];
        const std::string to = place.substr(0, place.find('?'));
        const auto authority = to.find("//");
        const auto path = to.find('/', authority + 2);
        switch (below(30)) {
        case 0: return to.substr(authority); // "//host/..."
        case 1: return to.substr(path);      // "/path" at the same host
        case 2: return "../p1/a.mp4";
        case 3: return to + "#fragment";
        case 4: return "HTTPS" + to.substr(authority - 1);
        case 5: return "https://user:pw@" + to.substr(authority + 2);
        case 6: return "https:\\\\" + to.substr(authority + 2);
        case 7: return "https://cdn.example%2f@" + to.substr(authority + 2);
        case 8: return "gopher" + to.substr(authority - 1);
        case 9: return "?again=1";
        default: return place;
        }
    }

    random_source random_;
};

/// What one walk may do, and has done.
struct walk {
    download_options allowed;
    std::vector<wire::origin> asked;
    std::string last_scheme;
    std::string link; // at which a chain of redirects begins
};

class graph_network final : public net::transport
{
public:
    explicit graph_network(executor ex) : api_side(std::move(ex)) {}

    // Only the client's own requests come here: they, and nothing else, may carry the key.
    awaitable<result<wire::response>> exchange(wire::request request) override
    {
        CHECK(request.head->url().where().text() == api);
        keyed += request.head->bytes().find("key-canary") != std::string::npos ? 1 : 0;
        return api_side.exchange(std::move(request));
    }

    awaitable<result<std::unique_ptr<net::body_stream>>> open(wire::request request) override
    {
        const wire::url& url = request.head->url();
        look_at(request, url);
        co_await sleep_for(1ms);
        if (request.public_addresses_only && leads_inside(url.where().host)) {
            ++refused_inside;
            co_return failure(errc::link_refused);
        }
        std::unique_ptr<net::body_stream> stream =
            std::make_unique<media_body>(reply(url), duration(1s));
        co_return stream;
    }

    graph present;
    walk now;
    testing::fake_transport api_side;
    long keyed = 0, leaks = 0, bytes = 0, refused_inside = 0, downgrades = 0, not_allowed = 0;

private:
    void look_at(const wire::request& request, const wire::url& url)
    {
        const std::string head = request.head->bytes() + request.extra_fields;
        bytes += static_cast<long>(head.size() + request.payload().size());
        for (const std::string_view secret :
             {"key-canary", "authorization", "cookie", "referer", "proxy-"})
            if (cokino::detail::ifind(head, secret) != std::string_view::npos)
                ++leaks;
        // What is secret in the link is for the link's host only.
        const auto own = wire::url::parse(present.places[0])->where();
        if (url.where() != own && head.find(link_secret) != std::string::npos)
            ++leaks;
        const bool begins = url.text() == now.link;
        if (!begins && now.last_scheme == "https" && url.where().scheme == "http")
            ++downgrades;
        now.last_scheme = url.where().scheme;
        if ((url.where().scheme == "http" && !now.allowed.allow_insecure) ||
            (!url.where().default_port() && !now.allowed.allow_any_port) ||
            request.public_addresses_only == now.allowed.allow_private_addresses)
            ++not_allowed;
        now.asked.push_back(url.where());
    }

    answer reply(const wire::url& url) const
    {
        static const std::string clip = testing::clip(5, aspect_ratio::landscape_16_9);
        for (std::size_t i = 0; i < present.places.size(); ++i) {
            if (present.places[i] != url.text())
                continue;
            if (!present.targets[i].empty())
                return media_host_test::redirect(present.targets[i], present.statuses[i]);
            if (present.statuses[i] != 200)
                return plain(present.statuses[i], "<Error><Code>AccessDenied</Code></Error>");
            answer file = plain(200, clip, "video/mp4");
            file.piece = 256 * 1024;
            return file;
        }
        // A renewed link, or a path that a relative target made up: on into the graph.
        if (url.where().host == "files.fake.example")
            return media_host_test::redirect(present.places[1]);
        return plain(404);
    }
};

struct tally {
    long walks = 0, whole = 0, refused_links = 0, refused_redirects = 0, dead = 0, other = 0;
    std::size_t longest = 0;
};

struct graph_client {
    static client_options options(const std::shared_ptr<graph_network>& net)
    {
        client_options o;
        o.transport = net;
        o.random_seed = 7;
        o.downloads.seed = 7;
        return o;
    }

    virtual_test t;
    std::shared_ptr<graph_network> net = std::make_shared<graph_network>(t.ex());
    cokino::client client{t.ex(), make_provider(dialect::fal, "key-canary"), options(net)};

    video clip_of_a_job()
    {
        auto job = t.outcome(client.submit(street()));
        REQUIRE(job.has_value());
        auto made = t.outcome(client.wait_for(*job));
        REQUIRE(made.has_value());
        return *made;
    }

    void go(const video& made, graph g, const download_options& allowed, tally& counts)
    {
        video clip = made;
        clip.file.url = g.places[0];
        clip.file.size.reset();
        clip.file.expires_at.reset();
        net->present = std::move(g);
        net->now = walk();
        net->now.allowed = allowed;
        net->now.link = clip.file.url;
        const auto r = t.outcome(client.download_to_memory(clip.file, allowed));
        ++counts.walks;
        counts.longest = std::max(counts.longest, net->now.asked.size());
        if (r)
            ++counts.whole;
        else if (r.error() == errc::link_refused)
            ++counts.refused_links;
        else if (r.error() == errc::redirect_refused)
            ++counts.refused_redirects;
        else if (r.error() == errc::link_expired)
            ++counts.dead;
        else
            ++counts.other;
        if (r.has_error()) {
            const auto text = r.error().describe();
            CHECK(text.find("canary") == std::string::npos);
        }
    }
};

TEST_CASE("through 10,000 random graphs of redirects no byte of a key leaves the API's origin")
{
    graph_client c;
    const video made = c.clip_of_a_job();
    tally counts;
    for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
        graph_maker maker(seed);
        download_options allowed;
        allowed.allow_insecure = maker.one_in(4);
        allowed.allow_any_port = maker.one_in(4);
        allowed.allow_private_addresses = maker.one_in(6);
        allowed.renew = !maker.one_in(3);
        allowed.tries_max = 3;
        c.go(made, maker.make(), allowed, counts);
    }
    CHECK(counts.walks == 10'000);
    CHECK(c.net->leaks == 0);
    CHECK(c.net->downgrades == 0);
    CHECK(c.net->not_allowed == 0);
    // Six places a chain, a chain for each try and each renewal.
    CHECK(counts.longest <= (limits::redirects_max + 1) * (3 + 4 + 1));
    // It was no empty walk: each kind of end was met, and the key was there to be lost.
    CHECK(counts.whole > 1000);
    CHECK(counts.refused_redirects > 1000);
    CHECK(counts.dead > 100);
    CHECK(c.net->refused_inside > 100);
    CHECK(c.net->keyed > 100);
    CHECK(c.net->bytes > 1'000'000);
}

} // namespace redirect_graphs_test
