// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// URLs: what is taken, what is refused, what two spellings of one origin come to, and every example
// of RFC 3986 §5.4.
#include <cokino/wire/url.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace url_test {

using cokino::errc;
using cokino::wire::url;

std::string parsed(std::string_view text)
{
    auto const made = url::parse(text);
    return made ? made->text() : "refused: " + made.error().facts().message;
}

std::string resolved(std::string_view base, std::string_view reference)
{
    auto const made = url::parse(base)->resolve(reference);
    return made ? made->text() : "refused";
}

TEST_CASE("a URL is split into origin and target, and its spelling made one")
{
    struct row {
        const char* text;
        const char* same;
    };
    row const rows[] = {
        {"https://queue.fal.run/fal-ai/kling", "https://queue.fal.run/fal-ai/kling"},
        {"HTTPS://Queue.FAL.run:443/A?B=c", "https://queue.fal.run/A?B=c"},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080/"},
        {"http://h:80/", "http://h/"},
        {"http://h:", "http://h/"},
        {"https://h:80/", "https://h:80/"},
        {"https://h?a=1", "https://h/?a=1"},
        {"https://h#fragment", "https://h/"},
        {"https://h/a?b#c?d", "https://h/a?b"},
        {"https://h/a%2Fb/%7Ec", "https://h/a%2Fb/%7Ec"},
        {"https://h/../a/./b", "https://h/../a/./b"}, // a signed path is sent as it came
        {"https://h/a?x=http://other/", "https://h/a?x=http://other/"},
        {"https://h/a@b:c", "https://h/a@b:c"},
        {"https://under_score.example/", "https://under_score.example/"},
        {"https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"},
        {"https://h/\xE8\xA7\x86.mp4?n=\xC3\xA9", "https://h/%E8%A7%86.mp4?n=%C3%A9"},
        {"https://[::1]:8443/x", "https://[::1]:8443/x"},
        {"https://[0:0:0:0:0:0:0:1]/", "https://[::1]/"},
        {"https://[2001:DB8:0:0:1:0:0:1]/", "https://[2001:db8::1:0:0:1]/"},
        {"https://[::]/", "https://[::]/"},
        {"https://[fe80::]/", "https://[fe80::]/"},
        {"https://[1:2:3:4:5:6:7::]/", "https://[1:2:3:4:5:6:7:0]/"},
        {"https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/"},
        {"https://[64:ff9b::10.0.0.1]/", "https://[64:ff9b::a00:1]/"},
        {"https://1.2.3.4.example/", "https://1.2.3.4.example/"},
        {"https://0x7f.example/", "https://0x7f.example/"},
        {"https://255.255.255.255/", "https://255.255.255.255/"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.text);
        CHECK(parsed(row.text) == row.same);
        CHECK(parsed(parsed(row.text)) == row.same);
    }
}

// Refused, all of them: two programs may read them in two ways.
constexpr char const* refused_texts[] = {
    "",
    "h/a",
    "//h/a",
    "/a",
    "ftp://h/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:video/mp4;base64,AAAA",
    "http:",
    "http:/h/",
    "http:h",
    "https//h/",
    "https:///a",
    "https://?a",
    "https://:443/",
    " https://h/",
    "https://h/ ",
    "ht tp://h/",
    // User info, in all its disguises.
    "https://user@h/",
    "https://user:secret@h/",
    "https://@h/",
    "https://api.example@evil.example/",
    "https://api.example:443@evil.example/",
    // Host names.
    "https://h%2eexample/",
    "https://h%00.example/",
    "https://evil%2f.example/",
    "https://h\xE3\x80\x82"
    "example/", // U+3002, which some programs read as a dot
    "https://b\xC3\xBC"
    "cher.example/",
    "https://h./",
    "https://h../",
    "https://.h/",
    "https://a..b/",
    "https://.",
    "https://h*/",
    "https://h,i/",
    "https://h;i/",
    "https://h!/",
    "https://h\\@evil.example/",
    "https://h\\evil/",
    "https://h/\\evil/",
    // Odd spellings of IPv4 addresses.
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0X7F.0.0.0x1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.01/",
    "http://127.0.0.256/",
    "http://1.2.3.4.5/",
    "http://1.2.3.4./",
    "http://1.2.3./",
    "http://1.2.3/",
    "http://example.0x/",
    "http://example.123/",
    "http://0/",
    // IPv6.
    "http://::1/",
    "http://[::1/",
    "http://[]/",
    "http://[:]/",
    "http://[:::]/",
    "http://[::1::]/",
    "http://[1:2:3:4:5:6:7]/",
    "http://[1:2:3:4:5:6:7:8:9]/",
    "http://[1:2:3:4:5:6:7:8::]/",
    "http://[::1:2:3:4:5:6:7:8]/",
    "http://[12345::]/",
    "http://[g::]/",
    "http://[1:]/",
    "http://[:1]/",
    "http://[::1.2.3]/",
    "http://[::1.2.3.256]/",
    "http://[1.2.3.4::]/",
    "http://[1:2:3:4:5:6:7:1.2.3.4]/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[v1.a]/",
    "http://[::1]a/",
    "http://[::1]@h/",
    // Ports.
    "http://h:0/",
    "http://h:65536/",
    "http://h:080/",
    "http://h:+80/",
    "http://h:-1/",
    "http://h:8a/",
    "http://h:80:80/",
    "http://h:99999999999/",
    // Controls.
    "https://h/a b",
    "https://h/a\tb",
    "https://h/a\rb",
    "https://h/a\nHost: evil",
    "https://h\r\n/",
    "https://h/\x7f",
    "https://h/a?\x01",
};

TEST_CASE("a text that programs read in different ways is no URL")
{
    for (auto const* text : refused_texts) {
        CAPTURE(text);
        auto const made = url::parse(text);
        REQUIRE(!made);
        CHECK(made.error() == errc::invalid_argument);
        CHECK(made.error().facts().field == "url");
        CHECK(!made.error().facts().message.empty());
    }
    CHECK(!url::parse(std::string_view("https://h/\0", 11)));
    CHECK(!url::parse(std::string_view("https://h\0.example/", 19)));
}

TEST_CASE("names, labels and whole URLs have a greatest length")
{
    std::string const label(63, 'a');
    CHECK(url::parse("https://" + label + ".example/").has_value());
    CHECK(!url::parse("https://" + label + "a.example/"));
    auto const longest = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
    CHECK(url::parse("https://" + longest + "/").has_value());
    CHECK(!url::parse("https://" + longest + "a/"));
    std::string const front = "https://h/";
    CHECK(url::parse(front + std::string(8192 - front.size(), 'a')).has_value());
    CHECK(!url::parse(front + std::string(8193 - front.size(), 'a')));
}

TEST_CASE("origins are equal when scheme, host and port are")
{
    auto const where = [](const char* text) { return url::parse(text)->where(); };
    CHECK(where("https://API.example/a") == where("https://api.example:443/b?c"));
    CHECK(where("http://[::1]/") == where("http://[0:0::1]:80/"));
    CHECK(where("https://api.example/") != where("http://api.example/"));
    CHECK(where("https://api.example/") != where("https://api.example:8443/"));
    CHECK(where("https://api.example/") != where("https://api.example.evil/"));
    CHECK(where("https://h:444/").authority() == "h:444");
    CHECK(where("http://[::1]:81/").authority() == "[::1]:81");
    CHECK(where("http://[::1]:81/").host == "::1");
    CHECK(where("https://h/").text() == "https://h");
    CHECK(where("https://h/").tls());
    CHECK(!where("http://h/").tls());
}

TEST_CASE("path and query are views of the target")
{
    auto const u = *url::parse("https://h/a/b?c=d?e");
    CHECK(u.target() == "/a/b?c=d?e");
    CHECK(u.path() == "/a/b");
    CHECK(u.query() == "c=d?e");
    CHECK(url::parse("https://h/a?")->query().empty());
    CHECK(url::parse("https://h/a?")->target() == "/a?");
    CHECK(url().text().empty());
    CHECK(url().redacted().empty());
    CHECK(!url().resolve("/a"));
}

TEST_CASE("the normal examples of RFC 3986 come out as printed there")
{
    auto const base = "http://a/b/c/d;p?q";
    struct row {
        const char* reference;
        const char* target;
    };
    row const rows[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"}, // fragments are dropped throughout
        {"g#s", "http://a/b/c/g"},
        {"g?y#s", "http://a/b/c/g?y"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.reference);
        CHECK(resolved(base, row.reference) == row.target);
    }
}

TEST_CASE("the abnormal examples of RFC 3986 come out as printed there")
{
    auto const base = "http://a/b/c/d;p?q";
    struct row {
        const char* reference;
        const char* target;
    };
    row const rows[] = {
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/./x", "http://a/b/c/g"},
        {"g:h", "refused"},
        {"http:g", "refused"}, // the strict reading
    };
    for (auto const& row : rows) {
        CAPTURE(row.reference);
        CHECK(resolved(base, row.reference) == row.target);
    }
}

TEST_CASE("a reference may name another host, but not in a disguise")
{
    CHECK(resolved("https://a:8443/x", "http://b/y") == "http://b/y");
    CHECK(resolved("https://a:8443/x", "//b:1/y/../z?q=../") == "https://b:1/z?q=../");
    CHECK(resolved("https://a:8443/x", "y") == "https://a:8443/y");
    CHECK(resolved("https://a:8443", "?q") == "https://a:8443/?q");
    CHECK(resolved("https://a/x", "/\xC3\xA9") == "https://a/%C3%A9");
    for (auto const* bad : {"//u@b/", "\\\\b\\", "/a b", "/a\r\nb", "https://b:0/", "//127.1/"}) {
        CAPTURE(bad);
        CHECK(resolved("https://a/x", bad) == "refused");
    }
    auto const base = url::parse("https://a/" + std::string(5000, 'b') + "/");
    CHECK(!base->resolve(std::string(4000, 'c')));
}

TEST_CASE("a query pair is encoded when it is added")
{
    auto const u = *url::parse("https://h/a");
    CHECK(u.with_query("k&", "v =\r\n\xC3\xA9").text() == "https://h/a?k%26=v%20%3D%0D%0A%C3%A9");
    CHECK(u.with_query("a", "1").with_query("b", "2").text() == "https://h/a?a=1&b=2");
}

TEST_CASE("percent-encoding goes there and back, and broken escapes are refused")
{
    std::string every;
    for (int c = 0; c != 256; ++c)
        every += static_cast<char>(c);
    CHECK(*cokino::wire::percent_decode(cokino::wire::percent_encode(every)) == every);
    CHECK(cokino::wire::percent_encode("aZ09-._~ /%") == "aZ09-._~%20%2F%25");
    CHECK(*cokino::wire::percent_decode("%41%5a+%5A") == "AZ+Z");
    for (auto const* bad : {"%", "%4", "a%", "%G0", "%0G", "%%41", "% 41"}) {
        CAPTURE(bad);
        CHECK(!cokino::wire::percent_decode(bad));
    }
}

TEST_CASE("a printed URL shows when the link dies and hides what opens it")
{
    auto const u = *url::parse("https://cdn.example/v/clip.mp4?X-Amz-Date=20260101T000000Z&"
                               "X-Amz-Expires=3600&X-Amz-Signature=CANARY1&X-Amz-Credential=CANARY2"
                               "&CANARY3&ksSecret=CANARY4&ksTime=69884f0c&nobody_knows=CANARY5");
    CHECK(u.redacted() == "https://cdn.example/v/clip.mp4?X-Amz-Date=20260101T000000Z&"
                          "X-Amz-Expires=3600&X-Amz-Signature=***&X-Amz-Credential=***"
                          "&***&ksSecret=***&ksTime=69884f0c&nobody_knows=***");
}

} // namespace url_test
