// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which lists of waiters a context has, so that it can end them. Included by detail/waiter_list.hpp
// or async/src.hpp.
#pragma once

#include <cokino/async/detail/waiter_list.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

namespace cokino::detail {

/// A context's lists of waiters. A list registers at its first wait and stays until it dies.
class waiter_registry final : public asio::execution_context::service
{
public:
    inline static asio::execution_context::id id;

    explicit waiter_registry(asio::execution_context& context)
        : asio::execution_context::service(context)
    {}

    void add(list_link& list) noexcept { list.link_before(lists_); }

private:
    // Destroying a parked handler may destroy frames, and with them other lists, but only through
    // the queue, which is emptied after this.
    void shutdown() override
    {
        while (!lists_.alone()) {
            auto& link = static_cast<waiter_list::context_link&>(lists_.next());
            link.unlink();
            link.list.end_with_context();
        }
    }

    list_link lists_;
};

COKINO_DECL void waiter_list::register_in(const executor& ex)
{
    asio::use_service<waiter_registry>(asio::query(ex, asio::execution::context)).add(in_context_);
}

} // namespace cokino::detail
