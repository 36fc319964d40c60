// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What an S3 service in memory (fake_bucket.hpp) sees and answers, and what can go wrong with it.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/core/result.hpp>
#include <cokino/wire/message.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fake_bucket_test {

using namespace cokino;

/// A request as it arrived.
struct s3_seen {
    std::string method, key;
    std::map<std::string, std::string> query, fields; // fields by lower-case name
    std::string body;
    std::string head; // all of it, as on the wire
    std::string target;
    bool public_only = false;
    std::chrono::milliseconds continue_wait{0};

    bool has(const std::string& parameter) const { return query.count(parameter) != 0; }
    /// "PUT k", "POST k?uploads" ...
    std::string text() const
    {
        std::string out = method + " " + key;
        for (const char* const name : {"uploads", "uploadId", "partNumber", "location"})
            if (has(name))
                out += "?" + std::string(name) +
                       (name == std::string_view("partNumber") ? "=" + query.at(name) : "");
        return out;
    }
};

inline wire::response s3_error(unsigned status, const std::string& code,
                               const std::string& more = {})
{
    return wire::make_response(status,
                               "<?xml version=\"1.0\"?><Error><Code>" + code +
                                   "</Code><Message>so it is</Message><RequestId>req-7"
                                   "</RequestId>" +
                                   more + "</Error>",
                               "application/xml");
}

/// What goes wrong with one request.
struct s3_fault {
    std::optional<failure> fails;          ///< No answer comes.
    std::optional<wire::response> answers; ///< This comes instead.
    bool done = false;                     ///< Whether what was asked is done all the same.
    duration takes{0};
};

} // namespace fake_bucket_test
