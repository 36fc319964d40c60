// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of webhook/jwks_cache.hpp.
#pragma once

#include <cokino/webhook/jwks_cache.hpp>
#include <cokino/wire/ed25519.hpp>

#include <utility>

namespace cokino::webhook {

COKINO_DECL result<void> validate(const jwks_options& o)
{
    if (!wire::url::parse(o.url))
        return invalid("url", "is no http(s) URL", errc::invalid_options);
    if (o.life_max < std::chrono::seconds(1) || o.life_max > std::chrono::hours(24))
        return invalid("life_max", "must be between 1 s and 24 h", errc::invalid_options);
    if (o.refetch_interval_min < std::chrono::seconds(1))
        return invalid("refetch_interval_min", "must be at least 1 s", errc::invalid_options);
    if (o.retry_interval_min < std::chrono::seconds(1))
        return invalid("retry_interval_min", "must be at least 1 s", errc::invalid_options);
    if (o.fetch_max < std::chrono::milliseconds(1))
        return invalid("fetch_max", "must be at least 1 ms", errc::invalid_options);
    return {};
}

COKINO_DECL jwks_cache::jwks_cache(executor ex, net::transport& net, jwks_options options)
    : net_(net), time_(time_of(ex)), options_(std::move(options))
{
    validate(options_).value(); // throws what is wrong
    url_ = *wire::url::parse(options_.url);
}

COKINO_DECL bool jwks_cache::fresh() const noexcept
{
    return keys_ && time_.now() < later(fetched_at_, options_.life_max);
}

COKINO_DECL awaitable<result<jwks_keys>> jwks_cache::keys()
{
    if (fresh())
        co_return keys_;
    if (!fetching_ && tried_ && time_.now() < later(tried_at_, options_.retry_interval_min)) {
        failure f(errc::limit_reached);
        f.explain("the public keys could not be fetched a moment ago", "url");
        co_return f;
    }
    auto got = co_await fetch();
    co_return got;
}

COKINO_DECL awaitable<result<jwks_keys>> jwks_cache::newer_than(jwks_keys unfit)
{
    if (fresh() && keys_ != unfit)
        co_return keys_;
    const bool soon = tried_ && time_.now() < later(tried_at_, options_.refetch_interval_min);
    if (fresh() && soon && !fetching_)
        co_return keys_;
    auto got = co_await fetch();
    if (!got.has_value() && fresh() && got.error() != errc::cancelled)
        co_return keys_;
    co_return got;
}

struct jwks_cache::letting_go {
    explicit letting_go(jwks_cache& c) noexcept : cache(c) { cache.fetching_ = true; }
    letting_go(const letting_go&) = delete;
    letting_go& operator=(const letting_go&) = delete;
    ~letting_go()
    {
        cache.fetching_ = false;
        cache.done_.set();
        cache.done_.reset();
    }
    jwks_cache& cache;
};

/// One fetch at a time; the others wait for it.
COKINO_DECL awaitable<result<jwks_keys>> jwks_cache::fetch()
{
    if (fetching_) {
        const auto waited = co_await done_.async_wait(as_tuple_token);
        if (std::get<0>(waited))
            co_return failure(std::get<0>(waited));
        if (fresh())
            co_return keys_;
        failure f(errc::limit_reached);
        f.explain("the public keys could not be fetched", "url");
        co_return f;
    }
    // Whatever ends this, cancellation and the frame's destruction too, the others are let go.
    const letting_go guard(*this);
    auto got = co_await ask();
    co_return got;
}

COKINO_DECL awaitable<result<jwks_keys>> jwks_cache::ask()
{
    tried_ = true;
    tried_at_ = time_.now();
    ++fetches_;
    wire::head_builder builder(wire::method::get, url_);
    builder.field("Accept", "application/json");
    auto head = builder.build();
    if (!head)
        co_return head.error();
    wire::request request(std::move(*head));
    request.limits.total = options_.fetch_max;
    request.limits.body_bytes_max = options_.body_bytes_max;
    auto answer = co_await net_.exchange(std::move(request));
    if (!answer)
        co_return answer.error();
    if (answer->status != 200) { // a redirect is no answer: keys come from this place alone
        failure f(errc::answer_malformed, fate::answered);
        f.explain("the place of the public keys answered " + std::to_string(answer->status), "url");
        co_return f;
    }
    auto parsed = wire::parse_ed25519_jwks(answer->body());
    if (!parsed)
        co_return parsed.error();
    keys_ = std::make_shared<const std::vector<std::string>>(std::move(*parsed));
    fetched_at_ = time_.now();
    co_return keys_;
}

} // namespace cokino::webhook
