// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// From an exception to the failure it stands for. Included by as_result.hpp or async/src.hpp.
#pragma once

#include <cokino/async/as_result.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace cokino {

COKINO_DECL failure detail::failure_or_rethrow(const std::exception_ptr& e)
{
    try {
        std::rethrow_exception(e);
    } catch (const error& thrown) {
        return thrown.why();
    } catch (const boost::system::system_error& thrown) {
        if (thrown.code() == asio::error::operation_aborted)
            return failure(errc::cancelled);
        return failure(thrown.code());
    }
}

COKINO_DECL std::optional<failure> failure_of(const std::exception_ptr& e)
{
    if (!e)
        return std::nullopt;
    try {
        return detail::failure_or_rethrow(e);
    } catch (...) {
        return std::nullopt;
    }
}

} // namespace cokino
