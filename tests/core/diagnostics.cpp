// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Text from outside is made fit to print, and cut where a character ends.
#include <cokino/core/diagnostics.hpp>

#include <doctest/doctest.h>

#include <string>

namespace diagnostics_test {

using cokino::clean_text;

TEST_SUITE("core/diagnostics")
{
    TEST_CASE("plain text of any language passes unchanged")
    {
        CHECK(clean_text("", 10).empty());
        CHECK(clean_text("a slow dolly shot", 100) == "a slow dolly shot");
        CHECK(clean_text("Straße 雨 🎬", 100) == "Straße 雨 🎬");
    }

    TEST_CASE("control characters cannot forge a line of a log")
    {
        CHECK(clean_text("a\r\nb\tc\x1b[31m", 100) == "a  b c [31m");
        CHECK(clean_text(std::string("a\0b\x7f", 4), 100) == "a b ");
        CHECK(clean_text("next\xC2\x85line", 100) == "next line");      // C1
        CHECK(clean_text("a\xE2\x80\xA8z", 100) == "a z");              // line separator
        CHECK(clean_text("a\xE2\x80\xAEz", 100) == "a z");              // right-to-left override
        CHECK(clean_text("a\xE2\x81\xA6z\xEF\xBB\xBF", 100) == "a z "); // isolate, byte order mark
    }

    TEST_CASE("bytes that are not UTF-8 become question marks")
    {
        CHECK(clean_text("a\x80z", 100) == "a?z");            // stray continuation
        CHECK(clean_text("\xC0\xAF", 100) == "??");           // overlong
        CHECK(clean_text("\xE0\x80\xAF", 100) == "???");      // overlong
        CHECK(clean_text("\xED\xA0\x80", 100) == "???");      // surrogate
        CHECK(clean_text("\xF4\x90\x80\x80", 100) == "????"); // past the last character
        CHECK(clean_text("\xF8\x88\x80\x80\x80", 100) == "?????");
        CHECK(clean_text("ok\xE9\x9B", 100) == "ok??"); // cut by whoever sent it
    }

    TEST_CASE("the cut falls between characters and is never over the bound")
    {
        const std::string text = "aä雨🎬 and more";
        for (std::size_t bound = 0; bound <= text.size() + 2; ++bound) {
            const std::string cut = clean_text(text, bound);
            CAPTURE(bound);
            CHECK(cut.size() <= bound);
            CHECK(cut.find('?') == std::string::npos);
            CHECK((cut == text) == (bound >= text.size()));
            if (bound >= 3 && bound < text.size())
                CHECK(cut.substr(cut.size() - 3) == "...");
        }
        CHECK(clean_text(text, 9) == "aä雨..."); // 1 + 2 + 3 + the dots
        CHECK(clean_text(text, 8) == "aä...");
        CHECK(clean_text("abcdef", 6) == "abcdef");
        CHECK(clean_text("abcdefg", 6) == "abc...");
        CHECK(clean_text("abc", 2) == "ab"); // no room for dots
    }
}

} // namespace diagnostics_test
