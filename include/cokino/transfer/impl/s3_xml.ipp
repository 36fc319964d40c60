// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/s3_xml.hpp.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/s3_xml.hpp>

#include <charconv>
#include <cstdint>
#include <utility>

namespace cokino::detail {

class xml_parser
{
public:
    explicit xml_parser(std::string_view text) noexcept : rest_(text) {}

    std::optional<std::vector<xml_element>> run()
    {
        if (rest_.size() > xml_bytes_max)
            return std::nullopt;
        if (rest_.starts_with("\xEF\xBB\xBF"))
            rest_.remove_prefix(3);
        // A service that takes its time over an answer keeps the connection alive with blanks.
        while (!rest_.empty() && is_space(rest_.front()))
            rest_.remove_prefix(1);
        if (rest_.starts_with("<?xml") && !skip_past("?>"))
            return std::nullopt;
        while (!rest_.empty())
            if (!step())
                return std::nullopt;
        if (!open_.empty() || all_.empty())
            return std::nullopt;
        for (auto& element : all_)
            element.text = trim_lines(element.text);
        return std::move(all_);
    }

private:
    static bool is_space(char c) noexcept { return is_blank(c) || c == '\n' || c == '\r'; }

    static std::string_view trim_lines(std::string_view text) noexcept
    {
        while (!text.empty() && is_space(text.front()))
            text.remove_prefix(1);
        while (!text.empty() && is_space(text.back()))
            text.remove_suffix(1);
        return text;
    }

    static bool is_name(std::string_view text) noexcept
    {
        if (text.empty() || text.size() > 128)
            return false;
        for (const char c : text) {
            const char low = to_lower(c);
            if (!(low >= 'a' && low <= 'z') && !is_digit(c) && c != '-' && c != '_' && c != '.' &&
                c != ':')
                return false;
        }
        return !is_digit(text[0]) && text[0] != '-' && text[0] != '.';
    }

    bool skip_past(std::string_view mark)
    {
        const auto at = rest_.find(mark);
        if (at == std::string_view::npos)
            return false;
        rest_.remove_prefix(at + mark.size());
        return true;
    }

    bool step()
    {
        if (rest_[0] != '<')
            return text();
        if (rest_.starts_with("<!--"))
            return skip_past("-->");
        if (rest_.starts_with("<![CDATA["))
            return raw_text();
        if (rest_.starts_with("<!") || rest_.starts_with("<?"))
            return false;
        return rest_.starts_with("</") ? end_tag() : start_tag();
    }

    bool text()
    {
        const auto part = rest_.substr(0, rest_.find('<'));
        rest_.remove_prefix(part.size());
        if (open_.empty())
            return trim_lines(part).empty();
        return append_text(all_[open_.back()].text, part);
    }

    bool raw_text()
    {
        rest_.remove_prefix(9);
        const auto end = rest_.find("]]>");
        if (end == std::string_view::npos || open_.empty())
            return false;
        all_[open_.back()].text.append(rest_.substr(0, end));
        rest_.remove_prefix(end + 3);
        return true;
    }

    static bool append_text(std::string& out, std::string_view text)
    {
        while (!text.empty()) {
            const auto plain = text.substr(0, text.find('&'));
            for (const char c : plain)
                if (static_cast<unsigned char>(c) < 0x20 && !is_space(c))
                    return false;
            out.append(plain);
            text.remove_prefix(plain.size());
            if (text.empty())
                return true;
            const auto end = text.find(';');
            if (end == std::string_view::npos || end > 12 ||
                !append_entity(out, text.substr(1, end - 1)))
                return false;
            text.remove_prefix(end + 1);
        }
        return true;
    }

    static bool append_entity(std::string& out, std::string_view name)
    {
        static constexpr std::pair<std::string_view, char> known[] = {
            {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
        for (const auto& [word, c] : known) {
            if (name == word) {
                out += c;
                return true;
            }
        }
        if (!name.starts_with('#'))
            return false;
        const bool hex = name.starts_with("#x");
        const auto digits = name.substr(hex ? 2 : 1);
        std::uint32_t code = 0;
        const auto end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, code, hex ? 16 : 10);
        return read.ec == std::errc() && read.ptr == end && append_character(out, code);
    }

    static bool append_character(std::string& out, std::uint32_t code)
    {
        const bool surrogate = code >= 0xD800 && code < 0xE000;
        if (code > 0x10FFFF || surrogate ||
            (code < 0x20 && code != '\n' && code != '\r' && code != '\t'))
            return false;
        const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
        if (code < 0x80) {
            byte(code);
        } else if (code < 0x800) {
            byte(0xC0 | code >> 6);
            byte(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            byte(0xE0 | code >> 12);
            byte(0x80 | (code >> 6 & 0x3F));
            byte(0x80 | (code & 0x3F));
        } else {
            byte(0xF0 | code >> 18);
            byte(0x80 | (code >> 12 & 0x3F));
            byte(0x80 | (code >> 6 & 0x3F));
            byte(0x80 | (code & 0x3F));
        }
        return true;
    }

    /// Attributes say nothing that matters here, but may hold a '>'.
    std::optional<std::string_view> take_tag()
    {
        char quote = 0;
        for (std::size_t at = 0; at < rest_.size(); ++at) {
            const char c = rest_[at];
            if (quote != 0) {
                if (c == quote)
                    quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '<' && at != 0) {
                return std::nullopt;
            } else if (c == '>') {
                const auto tag = rest_.substr(1, at - 1);
                rest_.remove_prefix(at + 1);
                return tag;
            }
        }
        return std::nullopt;
    }

    bool start_tag()
    {
        auto tag = take_tag();
        if (!tag)
            return false;
        const bool empty = tag->ends_with('/');
        if (empty)
            tag->remove_suffix(1);
        std::size_t size = 0;
        while (size < tag->size() && !is_space((*tag)[size]))
            ++size;
        const auto name = tag->substr(0, size);
        if (!is_name(name) || (open_.empty() && !all_.empty()) || open_.size() >= xml_depth_max ||
            all_.size() >= xml_elements_max)
            return false;
        xml_element made;
        if (!open_.empty())
            made.path = all_[open_.back()].path + "/";
        made.path += name.substr(name.rfind(':') + 1);
        all_.push_back(std::move(made));
        if (empty)
            return true;
        open_.push_back(all_.size() - 1);
        names_.push_back(name);
        return true;
    }

    bool end_tag()
    {
        auto tag = take_tag();
        if (!tag || open_.empty() || trim_lines(tag->substr(1)) != names_.back())
            return false;
        open_.pop_back();
        names_.pop_back();
        return true;
    }

    std::string_view rest_;
    std::vector<xml_element> all_;
    std::vector<std::size_t> open_;
    std::vector<std::string_view> names_;
};

COKINO_DECL std::optional<std::vector<xml_element>> read_xml(std::string_view text)
{
    return xml_parser(text).run();
}

COKINO_DECL std::string_view xml_text(const std::vector<xml_element>& all,
                                      std::string_view path) noexcept
{
    for (const auto& element : all)
        if (element.path == path)
            return element.text;
    return {};
}

COKINO_DECL std::string xml_escape(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '&': out += "&amp;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

} // namespace cokino::detail
