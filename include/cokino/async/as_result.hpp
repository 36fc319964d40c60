// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// co_await as_result(op) gives a result<T> where co_await op would throw. Only failures are caught:
// what is neither cokino::error nor boost::system::system_error is a bug and goes on up.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/result.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace cokino {

namespace detail {

template <class T> struct result_for_impl {
    using type = result<T>;
};
template <class T> struct result_for_impl<result<T>> {
    using type = result<T>;
};

/// The failure that an exception stands for; rethrows an exception that stands for none.
COKINO_DECL failure failure_or_rethrow(const std::exception_ptr& e);

} // namespace detail

/// result<T>; a T that is a result already stays as it is.
template <class T> using result_for = typename detail::result_for_impl<T>::type;

/// The failure that an exception stands for: that of a cokino::error, or a system_error's code, in
/// which Asio's operation_aborted becomes errc::cancelled. Nothing for any other exception.
COKINO_DECL std::optional<failure> failure_of(const std::exception_ptr& e);

/// Ends a verb whose body works with results: the value, or cokino::error thrown.
template <class T> T value_or_throw(result<T> r)
{
    if constexpr (std::is_void_v<T>) {
        if (!r)
            throw error(std::move(r).error());
    } else {
        if (!r)
            throw error(std::move(r).error());
        return std::move(r).value();
    }
}

namespace detail {

template <class T> awaitable<result_for<T>> as_result_body(awaitable<T> op)
{
    std::exception_ptr thrown;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(op);
            co_return result_for<T>();
        } else {
            T value = co_await std::move(op);
            co_return result_for<T>(std::move(value));
        }
    } catch (...) {
        thrown = std::current_exception();
    }
    co_return failure_or_rethrow(thrown);
}

} // namespace detail

/// Turns the failures that an awaitable throws into a result.
///
/// Completes: with the value or the failure. A result<T> that the operation gives is passed on.
/// Cancellation: the operation's own; errc::cancelled in the result. A caller that was cancelled
///   before this line throws at it, as at any co_await.
template <class T> [[nodiscard]] awaitable<result_for<T>> as_result(awaitable<T> op)
{
    return detail::as_result_body<T>(std::move(op));
}

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/async/impl/as_result.ipp>
#endif
