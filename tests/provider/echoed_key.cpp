// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A sender who puts the account's own key into a hook does not get it into an error's text,
// whatever member it stands in: those of ids and codes are shown otherwise.
#include "support/hosts.hpp"

#include <doctest/doctest.h>

#include <string>

namespace echoed_key_test {

using namespace cokino;
using namespace cokino::testing::support;

TEST_CASE("a hook that holds the key is refused without telling it, at every host")
{
    const std::string key = "canary-key"; // that of every_host
    const std::string forms[] = {
        key,
        "{\"request_id\":\"" + key + "\"}",
        "{\"request_id\":\"c" + key + "x\",\"status\":\"" + key + "\"}",
        "{\"id\":\"\",\"code\":\"" + key + "\"}",
        "{\"data\":{\"taskId\":\"\",\"task_id\":\"\",\"code\":\"" + key + "\"}}",
        "{\"message\":\"wrong key " + key + "\"}",
        "{\"task_id\":\"/" + key + "\"}",
        "[\"" + key + "\"",
    };
    std::size_t refused = 0;
    for (const host_row& row : every_host) {
        CAPTURE(row.name);
        auto const host = row.make("https://api.example.com");
        for (const std::string& body : forms) {
            CAPTURE(body);
            auto const note = host->read_webhook(body);
            if (note)
                continue;
            ++refused;
            const diagnostics& d = note.error().facts();
            auto const told = note.error().describe() + d.message + d.host_text + d.host_code +
                              d.request_id + d.job;
            CHECK(told.find(key) == std::string::npos);
            if (d.host_text.empty())
                continue;
            CHECK(d.host == host->traits().name);
        }
    }
    CHECK(refused > 40);
}

} // namespace echoed_key_test
