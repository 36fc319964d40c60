// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// How an object comes under its key, step by step, as a table: what was answered, and what is done
// about it. A word before '>' is an event, what follows it is the action it must lead to.

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/placing_fsm.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace placing_fsm_test {

using namespace cokino;
using namespace cokino::detail;
using kind = placing_action::kind;

std::string said(const placing_action& a)
{
    std::string out(name_of(a.what));
    if (a.what == kind::place)
        out += a.conditional ? "?" : "!";
    if (a.what == kind::done && a.existed)
        out += " before";
    if (a.what == kind::fail)
        out += ":" + a.why.code().message();
    return out;
}

placing_action feed(placing_fsm& fsm, std::string_view event)
{
    failure why(errc::host_fault, fate::answered);
    if (event == "waited")
        return fsm.on_waited();
    for (const auto a : {placing_answer::stored, placing_answer::unproved, placing_answer::exists,
                         placing_answer::not_offered, placing_answer::conflict,
                         placing_answer::gone, placing_answer::passing, placing_answer::refused})
        if (event == name_of(a))
            return fsm.on_answer(a, why);
    for (const auto l :
         {placing_look::absent, placing_look::same, placing_look::other, placing_look::unknown})
        if (event == name_of(l))
            return fsm.on_look(l, failure(errc::forbidden));
    if (event == "parts whole")
        return fsm.on_parts(placing_parts::whole);
    if (event == "parts lacking")
        return fsm.on_parts(placing_parts::lacking);
    if (event == "parts gone")
        return fsm.on_parts(placing_parts::gone);
    REQUIRE(event == "parts unknown");
    return fsm.on_parts(placing_parts::unknown);
}

/// "place? stored>done": the first action, then event>action pairs between blanks. A '_' in an
/// event stands for a blank of its name; "fail" is followed by the code's name.
void follows(bool conditional, bool in_parts, std::string_view story)
{
    CAPTURE(story);
    placing_rules rules;
    rules.conditional = conditional;
    rules.in_parts = in_parts;
    rules.tries_max = 3;
    rules.looks_max = 2;
    placing_fsm fsm(rules);
    auto last = fsm.start();
    std::string_view first = take_until(story, ' ');
    CHECK(said(last) == first);
    while (!story.empty()) {
        std::string_view step = take_until(story, ' ');
        std::string event(take_until(step, '>'));
        for (char& c : event)
            if (c == '/')
                c = ' ';
        REQUIRE(last.what != kind::fail);
        REQUIRE(last.what != kind::done);
        last = feed(fsm, event);
        CAPTURE(event);
        if (step.starts_with("fail:")) {
            REQUIRE(last.what == kind::fail);
            CHECK(errc_of(last.why.code()).has_value());
            CHECK(name_of(*errc_of(last.why.code())) == step.substr(5));
        } else {
            std::string expected(step);
            for (char& c : expected)
                if (c == '/')
                    c = ' ';
            CHECK(said(last) == expected);
        }
    }
}

TEST_CASE("a put: each answer and what follows")
{
    const auto put = [](std::string_view story) { follows(true, false, story); };
    put("place? stored>done");
    put("place? refused>fail:host_fault");
    // No ETag came with the confirmation: it is looked for, and a copy may lag.
    put("place? unproved>look same>done");
    put("place? unproved>look unknown>done");
    put("place? unproved>look absent>wait waited>look same>done");
    put("place? unproved>look absent>wait waited>look absent>fail:answer_malformed");
    put("place? unproved>look other>wait waited>look other>fail:answer_malformed");
    // Something has the key.
    put("place? exists>look same>done/before");
    put("place? exists>look other>fail:object_exists");
    put("place? exists>look unknown>fail:object_exists");
    put("place? exists>look absent>wait waited>place? stored>done");
    // No conditional writes: the look stands for them.
    put("place? not_offered>look absent>place! stored>done");
    put("place? not_offered>look same>done/before");
    put("place? not_offered>look other>fail:object_exists");
    put("place? not_offered>look unknown>fail:forbidden");
    put("place? not_offered>look absent>place! not_offered>fail:host_fault");
    // Another writer.
    put("place? conflict>look absent>wait waited>place? stored>done");
    put("place? conflict>look same>done/before");
    put("place? conflict>look other>fail:object_exists");
    // Nobody knows: it may be there.
    put("place? passing>look same>done");
    put("place? passing>look other>fail:object_exists");
    put("place? passing>look absent>wait waited>place? exists>look same>done");
    put("place? passing>look unknown>wait waited>place? stored>done");
    put("place? passing>look absent>wait waited>place? passing>look absent>wait waited>place? "
        "passing>look absent>fail:host_fault");
    put("place? gone>look absent>wait waited>look absent>fail:not_found");
}

TEST_CASE("a put that may replace: what stands there is no conflict")
{
    const auto put = [](std::string_view story) { follows(false, false, story); };
    put("place! stored>done");
    put("place! passing>look other>wait waited>place! stored>done");
    put("place! passing>look same>done");
    put("place! conflict>look other>wait waited>place! stored>done");
    put("place! not_offered>fail:host_fault");
}

TEST_CASE("a complete: looks first, and never loses an object that is there")
{
    const auto complete = [](std::string_view story) { follows(true, true, story); };
    // Services that overlook the condition on a complete do not get the chance.
    complete("look same>done/before");
    complete("look other>fail:object_exists");
    complete("look unknown>place? stored>done");
    complete("look absent>place? stored>done");
    complete("look absent>place? unproved>look same>done");
    complete("look absent>place? exists>look other>fail:object_exists");
    complete("look absent>place? not_offered>look absent>place! stored>done");
    // Unknown: look, complete again, look, list the parts.
    complete("look absent>place? passing>look same>done");
    complete("look absent>place? passing>look absent>wait waited>place? stored>done");
    complete("look absent>place? passing>look absent>wait waited>place? gone>look same>done");
    complete("look absent>place? passing>look absent>wait waited>place? passing>look absent>list "
             "parts/whole>wait waited>place? stored>done");
    complete("look absent>place? passing>look absent>wait waited>place? passing>look absent>list "
             "parts/lacking>fail:answer_malformed");
    complete("look absent>place? passing>look absent>wait waited>place? passing>look absent>list "
             "parts/gone>look same>done");
    complete("look absent>place? passing>look absent>wait waited>place? passing>look unknown>list "
             "parts/unknown>wait waited>place? passing>look absent>fail:host_fault");
    // The parts are no longer here, so that what must be sent anew cannot be.
    complete("look absent>place? conflict>look absent>fail:host_fault");
    complete("look absent>place? conflict>look same>done/before");
    complete("look absent>place? gone>look absent>wait waited>look absent>fail:not_found");
    complete("look absent>place? gone>look other>fail:object_exists");
}

TEST_CASE("a complete that may replace does not look first")
{
    const auto complete = [](std::string_view story) { follows(false, true, story); };
    complete("place! stored>done");
    complete("place! gone>look other>wait waited>look same>done/before");
    complete("place! passing>look other>wait waited>place! passing>look other>list "
             "parts/gone>look same>done");
}

} // namespace placing_fsm_test
