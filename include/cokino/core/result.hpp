// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// failure = code + fate + diagnostics; result<T> = a value or a failure. Inside the library
// everything is a result; public verbs throw cokino::error at their outermost line, and as_result
// (async/as_result.hpp) turns that off.
#pragma once

#include <cokino/core/diagnostics.hpp>
#include <cokino/core/error.hpp>
#include <cokino/core/fate.hpp>

#include <boost/system/system_error.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace cokino {

/// A code, the fate of the request that failed, and the facts. Copying shares the facts.
class [[nodiscard]] failure
{
public:
    failure() noexcept : failure(errc::internal_error) {}
    failure(errc e, fate f = fate::not_sent) noexcept : code_(e), fate_(f) {}
    explicit failure(error_code ec, fate f = fate::not_sent) noexcept : code_(ec), fate_(f) {}

    const error_code& code() const noexcept { return code_; }
    fate sent() const noexcept { return fate_; }

    /// The facts; an empty set when none were given.
    const diagnostics& facts() const noexcept
    {
        static const diagnostics none;
        return facts_ ? *facts_ : none;
    }

    /// The facts, to be added to. Copies them first if another failure shares them.
    diagnostics& edit()
    {
        if (!facts_)
            facts_ = std::make_shared<diagnostics>();
        else if (facts_.use_count() > 1)
            facts_ = std::make_shared<diagnostics>(*facts_);
        return *facts_;
    }

    failure& set(errc e) noexcept
    {
        code_ = e;
        return *this;
    }
    failure& set(fate f) noexcept
    {
        fate_ = f;
        return *this;
    }
    failure& set(billing b, billing_basis by = billing_basis::inferred)
    {
        edit().billed = b;
        edit().billed_by = by;
        return *this;
    }

    /// Our own sentence, and the field it is about.
    failure& explain(std::string message, std::string field = {})
    {
        diagnostics& d = edit();
        d.message = std::move(message);
        if (!field.empty())
            d.field = std::move(field);
        return *this;
    }

    /// What happened, whether it was billed and by whose word, and what to do, in one printable
    /// paragraph of one line. The host's own words are quoted; the job's text, where there is one,
    /// stands last.
    std::string describe() const;

    friend bool operator==(const failure& f, errc e) noexcept { return f.code_ == e; }
    friend bool operator==(const failure& f, condition c) noexcept { return f.code_ == c; }

private:
    error_code code_;
    fate fate_;
    std::shared_ptr<diagnostics> facts_;
};

/// What public verbs throw. what() is failure::describe().
class error : public boost::system::system_error
{
public:
    explicit error(failure f)
        : boost::system::system_error(f.code()), failure_(std::move(f)), text_(failure_.describe())
    {}

    const char* what() const noexcept override { return text_.c_str(); }
    const failure& why() const noexcept { return failure_; }
    const diagnostics& facts() const noexcept { return failure_.facts(); }
    /// The job's text where there is one: nothing that was paid for is lost with the exception.
    const std::string& job() const noexcept { return failure_.facts().job; }

private:
    failure failure_;
    std::string text_;
};

namespace detail {

/// Out of line, so that value() is small wherever it is used.
[[noreturn]] COKINO_DECL void throw_failure(const failure& f);

} // namespace detail

/// A value or a failure. Has the interface of boost::system::result, without the variant inside:
/// there are dozens of these types, and compiling each of those costs ten times as much.
template <class T> class [[nodiscard]] result
{
public:
    using value_type = T;
    using error_type = failure;

    result() noexcept(std::is_nothrow_default_constructible_v<T>)
        requires std::is_default_constructible_v<T>
        : value_(), good_(true)
    {}

    /// From what is or becomes a value, and is no failure.
    template <class A = T>
        requires(!std::is_same_v<std::remove_cvref_t<A>, result> &&
                 !std::is_constructible_v<failure, A> && std::is_constructible_v<T, A>)
    explicit(!std::is_convertible_v<A, T>)
        result(A&& from) noexcept(std::is_nothrow_constructible_v<T, A>)
        : value_(std::forward<A>(from)), good_(true)
    {}

    result(failure f) noexcept : failure_(std::move(f)), good_(false) {}
    result(errc e) noexcept
        requires(!std::is_constructible_v<T, errc>)
        : failure_(e), good_(false)
    {}
    explicit result(errc e, fate f) noexcept : failure_(e, f), good_(false) {}

    template <class U>
        requires(std::is_convertible_v<U, T> && !std::is_same_v<U, T>)
    result(result<U> other) : good_(other.has_value())
    {
        if (good_)
            std::construct_at(&value_, *std::move(other));
        else
            std::construct_at(&failure_, other.error());
    }

    result(const result& other)
        requires std::is_copy_constructible_v<T>
        : good_(other.good_)
    {
        if (good_)
            std::construct_at(&value_, other.value_);
        else
            std::construct_at(&failure_, other.failure_);
    }
    result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : good_(other.good_)
    {
        if (good_)
            std::construct_at(&value_, std::move(other.value_));
        else
            std::construct_at(&failure_, std::move(other.failure_));
    }
    result& operator=(const result& other)
        requires std::is_copy_constructible_v<T>
    {
        if (this != &other)
            *this = result(other);
        return *this;
    }
    result& operator=(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
    {
        if (this == &other)
            return *this;
        std::destroy_at(this);
        if constexpr (std::is_nothrow_move_constructible_v<T>) {
            std::construct_at(this, std::move(other));
        } else {
            try {
                std::construct_at(this, std::move(other));
            } catch (...) {
                std::construct_at(this, failure());
                throw;
            }
        }
        return *this;
    }
    ~result()
    {
        if (good_)
            std::destroy_at(&value_);
        else
            std::destroy_at(&failure_);
    }

    bool has_value() const noexcept { return good_; }
    bool has_error() const noexcept { return !good_; }
    explicit operator bool() const noexcept { return good_; }

    /// The value. Throws cokino::error if there is none.
    T& value() &
    {
        check();
        return value_;
    }
    const T& value() const&
    {
        check();
        return value_;
    }
    T value() &&
    {
        check();
        return std::move(value_);
    }
    void value() const&& = delete;

    /// The value, which must be there.
    T& operator*() & noexcept { return value_; }
    const T& operator*() const& noexcept { return value_; }
    T operator*() && noexcept(std::is_nothrow_move_constructible_v<T>) { return std::move(value_); }
    void operator*() const&& = delete;
    /// The same; null if it is not there.
    T* operator->() noexcept { return good_ ? std::addressof(value_) : nullptr; }
    const T* operator->() const noexcept { return good_ ? std::addressof(value_) : nullptr; }

    /// The failure; one of its own kind if there is none.
    failure error() const noexcept { return good_ ? failure() : failure_; }

    template <class... A> T& emplace(A&&... from)
    {
        *this = result(T(std::forward<A>(from)...));
        return value_;
    }

private:
    void check() const
    {
        if (!good_)
            detail::throw_failure(failure_);
    }

    union {
        T value_;
        failure failure_;
    };
    bool good_;
};

/// Nothing, or a failure.
template <> class [[nodiscard]] result<void>
{
public:
    using value_type = void;
    using error_type = failure;

    result() noexcept : failure_(errc::ok) {}
    result(failure f) noexcept : failure_(std::move(f)), good_(false) {}
    result(errc e) noexcept : failure_(e), good_(false) {}
    explicit result(errc e, fate f) noexcept : failure_(e, f), good_(false) {}

    bool has_value() const noexcept { return good_; }
    bool has_error() const noexcept { return !good_; }
    explicit operator bool() const noexcept { return good_; }
    void value() const
    {
        if (!good_)
            detail::throw_failure(failure_);
    }
    void operator*() const noexcept {}
    failure error() const noexcept { return good_ ? failure() : failure_; }
    void emplace() noexcept { *this = result(); }

private:
    failure failure_;
    bool good_ = true;
};

/// A failure about one field of a request or option: "duration: 7 s is not offered; 5 or 10". Told
/// as not billed, since nothing was ordered; of an invalid_job nothing is said.
COKINO_DECL failure invalid(std::string field, std::string message,
                            errc e = errc::invalid_argument);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/result.ipp>
#endif
