// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// failure = code + fate + diagnostics; result<T> = a value or a failure. Inside the library
// everything is a result; public verbs throw cokino::error at their outermost line, and as_result
// (async/as_result.hpp) turns that off.
#pragma once

#include <cokino/core/diagnostics.hpp>
#include <cokino/core/error.hpp>
#include <cokino/core/fate.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <string>
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

    /// Our own sentence, and the field it is about.
    failure& explain(std::string message, std::string field = {})
    {
        diagnostics& d = edit();
        d.message = std::move(message);
        if (!field.empty())
            d.field = std::move(field);
        return *this;
    }

    /// What happened, whether it was billed, and what to do, in one printable paragraph of one
    /// line. The host's own words are quoted; the job's text, where there is one, stands last.
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

[[noreturn]] inline void throw_exception_from_error(const failure& f, const boost::source_location&)
{
    throw error(f);
}

template <class T> using result = boost::system::result<T, failure>;

/// A failure about one field of a request: "duration: 7 s is not offered; 5 or 10".
COKINO_DECL failure invalid(std::string field, std::string message,
                            errc e = errc::invalid_argument);

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/core/impl/result.ipp>
#endif
