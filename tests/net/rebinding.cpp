// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Names that lead elsewhere: into private networks, to several places at once, or to one place when
// they are checked and to another when they are connected to. The system's own getaddrinfo and
// connect are replaced in this program, so that the transport is judged by what it asks of the
// kernel; while a test holds them, nothing leaves this machine.
#include <doctest/doctest.h>

#include <net/transport_test.hpp>

#include <boost/asio/ip/address.hpp>

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <vector>

namespace rebinding_test {

/// What the names of a test lead to, and what was asked.
class name_table
{
public:
    /// A name's answers, one after the other; the last one stays.
    using answers = std::vector<std::vector<std::string>>;

    void hold(std::string name, answers leads)
    {
        std::lock_guard const lock(mutex_);
        held_ = true;
        names_[std::move(name)] = std::move(leads);
    }
    void release()
    {
        std::lock_guard const lock(mutex_);
        *this = {};
    }

    bool held()
    {
        std::lock_guard const lock(mutex_);
        return held_;
    }
    std::vector<std::string> answer(const std::string& name)
    {
        std::lock_guard const lock(mutex_);
        auto const found = names_.find(name);
        if (found == names_.end())
            return {};
        auto& leads = found->second;
        auto const now = leads.front();
        if (leads.size() > 1)
            leads.erase(leads.begin());
        ++asked_;
        return now;
    }
    void connected(std::string address)
    {
        std::lock_guard const lock(mutex_);
        connects_.push_back(std::move(address));
    }
    int asked()
    {
        std::lock_guard const lock(mutex_);
        return asked_;
    }
    std::vector<std::string> connects()
    {
        std::lock_guard const lock(mutex_);
        return connects_;
    }

private:
    name_table& operator=(name_table&& other)
    {
        names_ = std::move(other.names_);
        connects_ = std::move(other.connects_);
        asked_ = other.asked_;
        held_ = other.held_;
        return *this;
    }

    std::mutex mutex_;
    std::map<std::string, answers> names_;
    std::vector<std::string> connects_;
    int asked_ = 0;
    bool held_ = false;
};

name_table& names()
{
    static name_table table;
    return table;
}

template <class Function> Function* system_function(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string text_of(const sockaddr* address)
{
    if (address->sa_family == AF_INET6) {
        boost::asio::ip::address_v6::bytes_type bytes;
        std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
        return boost::asio::ip::make_address_v6(bytes).to_string();
    }
    auto const bits = reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr;
    return boost::asio::ip::make_address_v4(ntohl(bits)).to_string();
}

} // namespace rebinding_test

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** to)
{
    static auto const system =
        rebinding_test::system_function<int(const char*, const char*, const addrinfo*, addrinfo**)>(
            "getaddrinfo");
    if (!node || !rebinding_test::names().held())
        return system(node, service, hints, to);
    *to = nullptr;
    addrinfo** end = to;
    for (auto const& address : rebinding_test::names().answer(node)) {
        addrinfo wanted{};
        wanted.ai_socktype = SOCK_STREAM;
        wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        if (int const error = system(address.c_str(), service, &wanted, end); error != 0)
            return error;
        while (*end)
            end = &(*end)->ai_next;
    }
    return *to ? 0 : EAI_NONAME;
}

extern "C" int connect(int descriptor, const sockaddr* address, socklen_t size)
{
    static auto const system =
        rebinding_test::system_function<int(int, const sockaddr*, socklen_t)>("connect");
    bool const internet = address->sa_family == AF_INET || address->sa_family == AF_INET6;
    if (!internet || !rebinding_test::names().held())
        return system(descriptor, address, size);
    rebinding_test::names().connected(rebinding_test::text_of(address));
    errno = ENETUNREACH;
    return -1;
}

namespace rebinding_test {

using namespace net_test;

struct names_held {
    names_held() = default;
    names_held(std::string name, name_table::answers leads)
    {
        names().hold(std::move(name), std::move(leads));
    }
    names_held(const names_held&) = delete;
    names_held& operator=(const names_held&) = delete;
    ~names_held() { names().release(); }
};

result<wire::response> ask(fixture& f, std::string_view url)
{
    auto request = get(url);
    request.public_addresses_only = true;
    return f.send(std::move(request));
}

TEST_CASE("the address that was checked is the one that is connected to: a name is asked once")
{
    // It leads to a public address when it is looked at, and into this machine ever after.
    const names_held held("flip.example", {{"93.184.216.34"}, {"127.0.0.1"}});
    fixture f;
    auto const first = ask(f, "http://flip.example/");
    REQUIRE_FALSE(first.has_value());
    CHECK(first.error() == errc::connect_failed);
    CHECK(names().asked() == 1);
    CHECK(names().connects() == std::vector<std::string>{"93.184.216.34"});

    // The next request looks again, and is refused before anything is connected to.
    auto const second = ask(f, "http://flip.example/");
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error() == errc::link_refused);
    CHECK(second.error().sent() == fate::not_sent);
    CHECK(names().asked() == 2);
    CHECK(names().connects().size() == 1);
}

TEST_CASE("with several addresses every try is one of those that were checked")
{
    const std::vector<std::string> checked{"93.184.216.34", "2606:4700:4700::1111", "1.1.1.1"};
    const names_held held("many.example", {checked, {"10.0.0.1"}});
    fixture f;
    auto const r = ask(f, "http://many.example/");
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == errc::connect_failed);
    CHECK(names().asked() == 1);
    auto const tried = names().connects();
    CHECK(tried.size() == 2 * checked.size());
    for (auto const& address : tried)
        CHECK(std::find(checked.begin(), checked.end(), address) != checked.end());
}

TEST_CASE("a name with one address of a special network among its own is refused as a whole")
{
    for (const char* const inside : {"127.0.0.1",
                                     "0.0.0.0",
                                     "10.1.2.3",
                                     "100.64.0.1",
                                     "100.100.100.200",
                                     "168.63.129.16",
                                     "169.254.169.254",
                                     "172.16.0.1",
                                     "192.0.0.192",
                                     "192.0.2.1",
                                     "192.168.0.1",
                                     "198.18.0.1",
                                     "224.0.0.1",
                                     "255.255.255.255",
                                     "::1",
                                     "::",
                                     "::ffff:127.0.0.1",
                                     "::ffff:8.8.8.8",
                                     "64:ff9b::a9fe:a9fe",
                                     "64:ff9b:1::1",
                                     "2002:7f00:1::",
                                     "2001::1",
                                     "fc00::1",
                                     "fd00:ec2::254",
                                     "fe80::1",
                                     "fec0::1",
                                     "ff02::1",
                                     "2001:db8::1"}) {
        CAPTURE(inside);
        for (bool const alone : {true, false}) {
            std::vector<std::string> leads{inside};
            if (!alone)
                leads = {"93.184.216.34", inside, "2606:4700:4700::1111"};
            const names_held held("inside.example", {leads});
            fixture f;
            auto const r = ask(f, "https://inside.example/");
            REQUIRE_FALSE(r.has_value());
            CHECK(r.error() == errc::link_refused);
            CHECK(r.error().sent() == fate::not_sent);
            CHECK(names().asked() == 1);
            CHECK(names().connects().empty());
        }
    }
}

TEST_CASE("a request that may go anywhere does not open the way for one that may not")
{
    // Both wait for the same answer; only the one for which it is meant gets through.
    const names_held held("both.example", {{"10.0.0.1"}});
    fixture f;
    auto const free = f.send(get("http://both.example/"));
    REQUIRE_FALSE(free.has_value());
    CHECK(free.error() == errc::connect_failed);
    CHECK(names().connects() == std::vector<std::string>{"10.0.0.1"});
    auto const held_back = ask(f, "http://both.example/");
    CHECK(held_back.error() == errc::link_refused);
    CHECK(names().connects().size() == 1);
}

awaitable<void> own_transport(std::shared_ptr<int> witness)
{
    auto transport = net::http_transport(co_await asio::this_coro::executor, quiet_options());
    auto const r = co_await transport.exchange(get("http://slow.example/"));
    CHECK_FALSE(r.has_value());
    CHECK(witness);
}

TEST_CASE("a loop that ends while a name is looked up takes the transport of the coroutine with it")
{
    const names_held held("slow.example", {{"93.184.216.34"}});
    std::weak_ptr<int> seen;
    {
        asio::io_context io{1};
        auto witness = std::make_shared<int>(1);
        seen = witness;
        asio::co_spawn(io, own_transport(std::move(witness)), [](const std::exception_ptr&) {});
        io.poll_one();
        CHECK_FALSE(seen.expired());
    }
    CHECK(seen.expired());
}

} // namespace rebinding_test
