// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// No link and no redirect leads anywhere but to the public Internet, over https: the downloader on
// the real transport, which must not open a single connection.
#include "refused_links.hpp"
#include "downloads.hpp"

#include <cokino/net/http_transport.hpp>

namespace refused_links_test {

using namespace media_host_test;

/// The real transport; only one host is in memory, and it redirects.
class redirecting final : public net::transport
{
public:
    explicit redirecting(executor ex) : real(std::move(ex), without_proxy()) {}

    awaitable<result<wire::response>> exchange(wire::request request) override
    {
        return real.exchange(std::move(request));
    }

    awaitable<result<std::unique_ptr<net::body_stream>>> open(wire::request request) override
    {
        ++asked;
        if (request.head->url().where().host != "cdn.host")
            co_return co_await real.open(std::move(request));
        std::unique_ptr<net::body_stream> stream =
            std::make_unique<media_body>(redirect(to, status), duration(1s));
        co_return stream;
    }

    net::http_transport real;
    std::string to;
    unsigned status = 302;
    int asked = 0;

private:
    static net::transport_options without_proxy()
    {
        net::transport_options options;
        options.proxy = net::proxy_settings();
        return options;
    }
};

struct real_downloads {
    real_test t;
    redirecting net{t.ex()};
    downloader loads{t.ex(), net, nullptr, downloads::seeded()};

    failure refused(std::string url)
    {
        const auto r = t.outcome(loads.download_to_memory(asset(std::move(url))));
        REQUIRE(r.has_error());
        CHECK(net.real.statistics().connections == 0);
        CHECK(r.error().sent() == fate::not_sent);
        return r.error();
    }
};

TEST_CASE("a link that can be read in two ways is refused before anybody is asked")
{
    real_downloads d;
    for (const char* link : odd_links) {
        CAPTURE(link);
        CHECK(d.refused(link) == errc::link_refused);
        CHECK(d.net.asked == 0);
    }
    CHECK(std::size(odd_links) >= 60);
}

TEST_CASE("a link into a network that is not public is refused before it is connected to")
{
    real_downloads d;
    for (const char* link : inside_links) {
        CAPTURE(link);
        CHECK(d.refused(link) == errc::link_refused);
    }
    CHECK(d.net.asked == static_cast<int>(std::size(inside_links)));
    CHECK(std::size(inside_links) >= 40);
}

TEST_CASE("a redirect to any of them is refused too, whatever its status")
{
    real_downloads d;
    unsigned const statuses[] = {301, 302, 303, 307, 308};
    std::size_t n = 0;
    for (const auto links :
         {std::span<const char* const>(odd_links), std::span<const char* const>(inside_links)})
        for (const char* link : links) {
            // Without a scheme it is a proper reference to another host.
            if (std::string_view(link).substr(0, 2) == "//")
                continue;
            CAPTURE(link);
            d.net.to = link;
            d.net.status = statuses[n++ % std::size(statuses)];
            CHECK(d.refused("https://cdn.host/a.mp4") == errc::redirect_refused);
        }
    CHECK(n >= 60);
}

TEST_CASE("permissions for private networks and ports do not allow odd spellings")
{
    real_downloads d;
    download_options options;
    options.allow_any_port = true;
    options.allow_insecure = true;
    options.allow_private_addresses = true;
    for (const char* link : {"https://127.1/a", "http://2130706433/a", "http://0x7f000001/a",
                             "http://user@127.0.0.1/a", "http://[::1%25lo]/a", "http://127.0.0.1./",
                             "http://127.0.0.1%2f.example.com/a", "ftp://127.0.0.1/a"}) {
        CAPTURE(link);
        const auto r = d.t.outcome(d.loads.download_to_memory(asset(link), options));
        REQUIRE(r.has_error());
        CHECK(r.error() == errc::link_refused);
    }
    CHECK(d.net.asked == 0);
}

} // namespace refused_links_test
