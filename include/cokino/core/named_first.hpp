// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Refuses, at compile time, an argument that g++ 12 would destroy twice if it was built inside an
// await expression: an aggregate, or a closure, with a destructor that does something. A function
// that takes a caller's type by forwarding reference and gives an awaitable calls name_it_first.
#pragma once

#include <cokino/core/config.hpp>

#include <initializer_list>
#include <type_traits>

namespace cokino {

namespace detail {

template <class T> inline constexpr bool is_initializer_list_v = false;
template <class T> inline constexpr bool is_initializer_list_v<std::initializer_list<T>> = true;

// There is no trait for "is a closure". A closure that captures has no default constructor and
// cannot be assigned, by copy or move; hardly any other type that may be passed by value is so.
template <class T>
inline constexpr bool looks_like_capturing_closure_v =
    std::is_class_v<T> && !std::is_aggregate_v<T> && !std::is_default_constructible_v<T> &&
    !std::is_copy_assignable_v<T> && !std::is_move_assignable_v<T> &&
    std::is_move_constructible_v<T>;

template <class T>
inline constexpr bool destroyed_twice_v =
    is_initializer_list_v<T> || (!std::is_trivially_destructible_v<T> &&
                                 (std::is_aggregate_v<T> || looks_like_capturing_closure_v<T>));

} // namespace detail

/// Whether an argument deduced as T&& may be written in place inside an await expression. T is what
/// a forwarding reference deduces: an lvalue reference for a named object, which is always safe.
/// A moved-from name cannot be told from a temporary, so it is refused like one.
template <class T>
inline constexpr bool safe_in_await_v =
    !COKINO_GCC_DESTROYS_TWICE || std::is_lvalue_reference_v<T> ||
    !detail::destroyed_twice_v<std::remove_cvref_t<T>>;

/// To be called first by a front function with the types that its forwarding references deduced.
template <class... T> consteval void name_it_first()
{
    static_assert(
        (safe_in_await_v<T> && ...),
        "name it first: g++ 12 would destroy this temporary twice; put it into a variable "
        "and pass that by name");
}

} // namespace cokino
