// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Matches the events of Boost.JSON's parser against a table of wanted paths. At each level a bit
// mask says whose path has matched so far, so an event costs a few instructions a candidate.
// Included by json_reader.ipp alone.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/json_reader.hpp>

#include <boost/json/string_view.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>

namespace cokino::wire {

/// What Boost.JSON's parser calls. Returning false ends the parse.
class json_fields_handler
{
public:
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    using text = boost::json::string_view;
    using code = boost::system::error_code;

    json_fields_handler(json_fields& table, std::string_view source) noexcept
        : table_(table), source_(source)
    {}

    /// Why the handler itself ended the parse; null when it did not.
    const char* problem() const noexcept { return problem_; }
    std::size_t problem_at() const noexcept { return problem_at_; }

    bool on_document_begin(code&) noexcept { return true; }
    bool on_document_end(code&) noexcept { return true; }

    bool on_object_begin(code& ec) { return open(false, ec); }
    bool on_array_begin(code& ec) { return open(true, ec); }
    bool on_object_end(std::size_t, code&) noexcept { return close(); }
    bool on_array_end(std::size_t, code&) noexcept { return close(); }

    bool on_key_part(text part, std::size_t total, code&) noexcept
    {
        keep_key(part, total);
        return true;
    }
    bool on_key(text part, std::size_t total, code& ec)
    {
        if (part.size() == total)
            return match_key(std::string_view(part.data(), part.size()), ec);
        keep_key(part, total);
        if (total > sizeof key_) {
            next_ = 0; // longer than any name in a table
            return true;
        }
        return match_key(std::string_view(key_, total), ec);
    }

    bool on_string_part(text part, std::size_t, code& ec)
    {
        auto const first = !in_string_;
        in_string_ = true;
        return add_string(part, first, ec);
    }
    bool on_string(text part, std::size_t, code& ec)
    {
        auto const first = !in_string_;
        in_string_ = false;
        return add_string(part, first, ec) && (!first || set_views(part));
    }

    bool on_number_part(text, code&) noexcept { return true; }
    bool on_int64(std::int64_t value, text, code& ec) { return set_integer(value, ec); }
    bool on_uint64(std::uint64_t value, text, code& ec)
    {
        if (value <= static_cast<std::uint64_t>(INT64_MAX))
            return set_integer(static_cast<std::int64_t>(value), ec);
        return set_large(value, ec);
    }
    bool on_double(double value, text, code& ec) { return set_double(value, ec); }
    bool on_bool(bool value, code& ec)
    {
        for (auto left = leaves(); left != 0; left &= left - 1) {
            auto const i = lowest(left);
            if (table_.entries_[i].type == json_fields::kind::boolean) {
                *static_cast<bool*>(table_.entries_[i].to) = value;
                mark(i);
            } else if (!mismatch(i, "found true or false", ec)) {
                return false;
            }
        }
        return true;
    }
    bool on_null(code& ec) { return all_mismatch("found null", ec); }

    bool on_comment_part(text, code&) noexcept { return true; }
    bool on_comment(text, code&) noexcept { return true; }

private:
    using mask = std::uint32_t;
    using kind = json_fields::kind;

    struct level {
        mask match;          // fields whose path leads into this object or array
        mask seen;           // of these: whose next member has been met
        std::uint32_t index; // of the next element
        bool array;
    };

    static std::size_t lowest(mask m) noexcept
    {
        return static_cast<std::size_t>(std::countr_zero(m));
    }
    void mark(std::size_t i) noexcept { table_.found_ |= mask{1} << i; }

    /// The fields that lead through the value that is about to be told, this step included.
    mask arriving() noexcept
    {
        if (depth_ == 0)
            return (mask{1} << table_.count_) - 1;
        auto& here = levels_[depth_ - 1];
        if (!here.array)
            return next_;
        auto const index = here.index++;
        mask hit = 0;
        for (auto left = here.match; left != 0; left &= left - 1) {
            auto const& step = table_.entries_[lowest(left)].path.steps_[depth_ - 1];
            if (step.size == 0 && step.index == index)
                hit |= left & (~left + 1);
        }
        return hit;
    }

    /// Of those, the fields whose path ends here.
    mask leaves() noexcept
    {
        mask ending = 0;
        for (auto left = arriving(); left != 0; left &= left - 1)
            if (table_.entries_[lowest(left)].path.count_ == depth_)
                ending |= left & (~left + 1);
        return ending;
    }

    bool match_key(std::string_view key, code& ec)
    {
        auto& here = levels_[depth_ - 1];
        mask hit = 0;
        for (auto left = here.match; left != 0; left &= left - 1) {
            auto const& path = table_.entries_[lowest(left)].path;
            auto const& step = path.steps_[depth_ - 1];
            if (step.size == key.size() && step.size != 0 &&
                std::memcmp(path.text_ + step.at, key.data(), key.size()) == 0)
                hit |= left & (~left + 1);
        }
        next_ = hit;
        if ((hit & here.seen) != 0)
            return stop(lowest(hit & here.seen), "stands there twice", ec);
        here.seen |= hit;
        return true;
    }

    void keep_key(text part, std::size_t total) noexcept
    {
        auto const at = total - part.size();
        if (total <= sizeof key_ && !part.empty())
            std::memcpy(key_ + at, part.data(), part.size());
    }

    bool open(bool array, code& ec)
    {
        auto through = arriving();
        for (auto left = through; left != 0; left &= left - 1) {
            auto const i = lowest(left);
            if (table_.entries_[i].path.count_ != depth_)
                continue;
            through &= ~(mask{1} << i);
            if (!mismatch(i, array ? "found an array" : "found an object", ec))
                return false;
        }
        levels_[depth_++] = level{through, 0, 0, array};
        next_ = 0;
        return true;
    }
    bool close() noexcept
    {
        --depth_;
        return true;
    }

    bool add_string(text part, bool first, code& ec)
    {
        if (first)
            strings_ = leaves();
        for (auto left = strings_; left != 0; left &= left - 1) {
            auto const i = lowest(left);
            auto const& e = table_.entries_[i];
            if (e.type == kind::view)
                continue;
            if (e.type != kind::string && e.type != kind::text) {
                strings_ &= ~(mask{1} << i);
                if (!mismatch(i, "found a string", ec))
                    return false;
                continue;
            }
            auto& to = *static_cast<std::string*>(e.to);
            if (first)
                to.assign(part.data(), part.size());
            else
                to.append(part.data(), part.size());
            mark(i);
        }
        return true;
    }

    /// For a string that was told in one piece. What was unescaped lies outside of the source.
    bool set_views(text part) noexcept
    {
        auto const inside =
            std::greater_equal<>()(part.data(), source_.data()) &&
            std::less_equal<>()(part.data() + part.size(), source_.data() + source_.size());
        for (auto left = strings_; inside && left != 0; left &= left - 1) {
            auto const i = lowest(left);
            if (table_.entries_[i].type != kind::view)
                continue;
            *static_cast<std::string_view*>(table_.entries_[i].to) = {part.data(), part.size()};
            mark(i);
        }
        return true;
    }

    bool set_integer(std::int64_t value, code& ec)
    {
        for (auto left = leaves(); left != 0; left &= left - 1) {
            auto const i = lowest(left);
            auto const& e = table_.entries_[i];
            if (e.type == kind::integer)
                *static_cast<std::int64_t*>(e.to) = value;
            else if (e.type == kind::number)
                *static_cast<double*>(e.to) = static_cast<double>(value);
            else if (e.type == kind::text)
                write_text(e.to, value);
            else if (mismatch(i, "found a number", ec))
                continue;
            else
                return false;
            mark(i);
        }
        return true;
    }

    /// Whole numbers past 2^63 - 1.
    bool set_large(std::uint64_t value, code& ec)
    {
        for (auto left = leaves(); left != 0; left &= left - 1) {
            auto const i = lowest(left);
            auto const& e = table_.entries_[i];
            if (e.type == kind::number)
                *static_cast<double*>(e.to) = static_cast<double>(value);
            else if (e.type == kind::text)
                write_text(e.to, value);
            else if (mismatch(i, e.type == kind::integer ? "out of range" : "found a number", ec))
                continue;
            else
                return false;
            mark(i);
        }
        return true;
    }

    bool set_double(double value, code& ec)
    {
        constexpr double exact = 9007199254740992.0; // 2^53: above it doubles skip whole numbers
        for (auto left = leaves(); left != 0; left &= left - 1) {
            auto const i = lowest(left);
            auto const& e = table_.entries_[i];
            auto const finite = std::isfinite(value);
            if (e.type == kind::number && finite)
                *static_cast<double*>(e.to) = value;
            else if (e.type == kind::text && finite)
                write_text(e.to, value);
            else if (e.type == kind::integer && std::fabs(value) <= exact &&
                     value == std::trunc(value))
                *static_cast<std::int64_t*>(e.to) = static_cast<std::int64_t>(value);
            else if (mismatch(i, finite ? "found a number" : "out of range", ec))
                continue;
            else
                return false;
            mark(i);
        }
        return true;
    }

    template <class Number> static void write_text(void* to, Number value)
    {
        auto& out = *static_cast<std::string*>(to);
        out.clear();
        cokino::detail::append_number(out, value);
    }

    bool all_mismatch(const char* found, code& ec)
    {
        for (auto left = leaves(); left != 0; left &= left - 1)
            if (!mismatch(lowest(left), found, ec))
                return false;
        return true;
    }

    /// A value of another type: fatal to what is needed, no matter to a hint.
    bool mismatch(std::size_t i, const char* found, code& ec)
    {
        return !table_.entries_[i].needed || stop(i, found, ec);
    }
    bool stop(std::size_t i, const char* problem, code& ec)
    {
        problem_ = problem;
        problem_at_ = i;
        ec = make_error_code(errc::answer_malformed);
        return false;
    }

    json_fields& table_;
    std::string_view source_;
    std::size_t depth_ = 0;
    mask next_ = 0;    // fields that lead through the member whose name was told last
    mask strings_ = 0; // fields that take the string that is being told
    bool in_string_ = false;
    const char* problem_ = nullptr;
    std::size_t problem_at_ = 0;
    level levels_[limits::json_depth_max + 1];
    char key_[64];
};

} // namespace cokino::wire
