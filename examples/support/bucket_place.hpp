// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Which bucket, for an example: yours or a fake. A program of your own needs none of this; it
// writes `cokino::bucket mine(io.get_executor(), network, options);` with the options of its own.
//
//   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN    your key; without one: a fake
//   BUCKET, AWS_REGION                                             your bucket, and where it is
//   AWS_ENDPOINT_URL                                               for other services than AWS
#pragma once

#include <cokino/transfer/bucket.hpp>

#include "fake_bucket.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

namespace example {

struct bucket_place {
    /// The fake runs on `io` until stop().
    explicit bucket_place(boost::asio::io_context& io)
    {
        if (!variable("AWS_ACCESS_KEY_ID").empty()) {
            keys = cokino::bucket_keys::from_env();
            options.name = variable("BUCKET");
            options.endpoint = variable("AWS_ENDPOINT_URL");
            if (const auto region = variable("AWS_REGION"); !region.empty())
                options.region = region;
        } else {
            fake = std::make_unique<fake_bucket>(io);
            keys = cokino::bucket_keys::of(fake_bucket::key_id, fake_bucket::key);
            options.name = fake_bucket::name;
            options.endpoint = fake->endpoint();
        }
        // Only the fake, or a service of your own on this machine, is named so.
        options.allow_insecure = options.endpoint.starts_with("http://");
        options.allow_private_addresses = options.allow_insecure;
        std::clog << "bucket: " << options.name << (fake ? " (a fake)\n" : "\n");
    }
    void stop()
    {
        if (fake)
            fake->stop();
    }

    cokino::bucket_options options;
    cokino::bucket_keys keys;
    std::unique_ptr<fake_bucket> fake; ///< Null with a real one.

private:
    static std::string variable(const char* name)
    {
        const char* const value = std::getenv(name);
        return value ? value : "";
    }
};

} // namespace example
