// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What an awaitable ended with: a value or an exception, held until somebody asks. The combinators
// keep one per child, so T needs no default constructor.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/core/result.hpp>

#include <boost/assert.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace cokino::detail {

template <class T> using value_of = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T> class outcome
{
public:
    using value_type = value_of<T>;

    bool has_value() const noexcept { return value_.has_value(); }
    void set_value(value_type v) { value_.emplace(std::move(v)); }
    void set_exception(std::exception_ptr e) noexcept { exception_ = std::move(e); }
    const std::exception_ptr& exception() const noexcept { return exception_; }

    /// The value; throws what the awaitable threw.
    value_type take()
    {
        if (!value_)
            std::rethrow_exception(exception_);
        return std::move(*value_);
    }

    /// The value or the failure. An exception that is no failure (a bug) is thrown on.
    result_for<T> take_result()
    {
        if (!value_)
            return failure_or_rethrow(exception_);
        if constexpr (std::is_void_v<T>)
            return {};
        else
            return std::move(*value_);
    }

private:
    std::optional<value_type> value_;
    std::exception_ptr exception_;
};

} // namespace cokino::detail
