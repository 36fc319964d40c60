// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Matches what a text is made of against a table of wanted paths. At each level a bit
// mask says whose path has matched so far, so an event costs a few instructions a candidate.
// Included by json_reader.ipp alone.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/wire/json_reader.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace cokino::wire {

/// What json_scanner tells of a text. Returning false ends the walk.
class json_fields_handler
{
    using mask = std::uint32_t;
    using kind = json_fields::kind;

public:
    explicit json_fields_handler(json_fields& table) noexcept : table_(table) {}

    /// Why the handler itself ended the walk; null when it did not.
    const char* problem() const noexcept { return problem_; }
    std::size_t problem_at() const noexcept { return problem_at_; }

    std::size_t depth() const noexcept { return depth_; }
    bool in_array() const noexcept { return levels_[depth_ - 1].array; }

    bool open(bool array)
    {
        auto through = arriving();
        for (auto left = through; left != 0; left &= left - 1) {
            auto const i = lowest(left);
            if (table_.entries_[i].path.count_ != depth_)
                continue;
            through &= ~(mask{1} << i);
            if (!mismatch(i, array ? "found an array" : "found an object"))
                return false;
        }
        levels_[depth_++] = level{through, 0, 0, array};
        next_ = 0;
        return true;
    }
    void close() noexcept { --depth_; }

    // A member's name: most come whole, and one with escapes in pieces.
    bool whole_name(std::string_view name) { return match_name(name); }
    void begin_name() noexcept { name_size_ = 0; }
    bool name(std::string_view part) noexcept
    {
        if (name_size_ + part.size() <= sizeof name_ && !part.empty())
            std::memcpy(name_ + name_size_, part.data(), part.size());
        name_size_ += part.size();
        return true;
    }
    bool end_name()
    {
        if (name_size_ <= sizeof name_)
            return match_name(std::string_view(name_, name_size_));
        next_ = 0; // longer than any name in a table
        return true;
    }

    // A string, whole or in pieces. Of the latter there is no view.
    bool begin_text()
    {
        first_ = true;
        texts_ = leaves();
        return true;
    }
    bool text(std::string_view part)
    {
        for (auto left = texts_; left != 0; left &= left - 1) {
            auto const i = lowest(left);
            auto const& e = table_.entries_[i];
            if (e.type == kind::view)
                continue;
            if (e.type != kind::string && e.type != kind::text) {
                texts_ &= ~(mask{1} << i);
                if (!mismatch(i, "found a string"))
                    return false;
                continue;
            }
            auto& to = *static_cast<std::string*>(e.to);
            if (first_)
                to.assign(part.data(), part.size());
            else
                to.append(part.data(), part.size());
            mark(i);
        }
        first_ = false;
        return true;
    }
    bool whole_text(std::string_view all)
    {
        for (auto left = texts_; left != 0; left &= left - 1) {
            auto const i = lowest(left);
            if (table_.entries_[i].type != kind::view)
                continue;
            *static_cast<std::string_view*>(table_.entries_[i].to) = all;
            mark(i);
        }
        return text(all);
    }

    bool integer(std::int64_t value)
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
            else if (mismatch(i, "found a number"))
                continue;
            else
                return false;
            mark(i);
        }
        return true;
    }

    /// Whole numbers past 2^63 - 1.
    bool large(std::uint64_t value)
    {
        for (auto left = leaves(); left != 0; left &= left - 1) {
            auto const i = lowest(left);
            auto const& e = table_.entries_[i];
            if (e.type == kind::number)
                *static_cast<double*>(e.to) = static_cast<double>(value);
            else if (e.type == kind::text)
                write_text(e.to, value);
            else if (mismatch(i, e.type == kind::integer ? "out of range" : "found a number"))
                continue;
            else
                return false;
            mark(i);
        }
        return true;
    }

    bool real(double value)
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
            else if (mismatch(i, finite ? "found a number" : "out of range"))
                continue;
            else
                return false;
            mark(i);
        }
        return true;
    }

    bool boolean(bool value)
    {
        for (auto left = leaves(); left != 0; left &= left - 1) {
            auto const i = lowest(left);
            if (table_.entries_[i].type == kind::boolean) {
                *static_cast<bool*>(table_.entries_[i].to) = value;
                mark(i);
            } else if (!mismatch(i, "found true or false")) {
                return false;
            }
        }
        return true;
    }
    bool null()
    {
        for (auto left = leaves(); left != 0; left &= left - 1)
            if (!mismatch(lowest(left), "found null"))
                return false;
        return true;
    }

private:
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

    bool match_name(std::string_view name)
    {
        auto& here = levels_[depth_ - 1];
        mask hit = 0;
        for (auto left = here.match; left != 0; left &= left - 1) {
            auto const& path = table_.entries_[lowest(left)].path;
            auto const& step = path.steps_[depth_ - 1];
            if (step.size == name.size() && step.size != 0 &&
                std::memcmp(path.text_ + step.at, name.data(), name.size()) == 0)
                hit |= left & (~left + 1);
        }
        next_ = hit;
        if ((hit & here.seen) != 0)
            return stop(lowest(hit & here.seen), "stands there twice");
        here.seen |= hit;
        return true;
    }

    template <class Number> static void write_text(void* to, Number value)
    {
        auto& out = *static_cast<std::string*>(to);
        out.clear();
        cokino::detail::append_number(out, value);
    }

    /// A value of another type: fatal to what is needed, no matter to a hint.
    bool mismatch(std::size_t i, const char* found)
    {
        return !table_.entries_[i].needed || stop(i, found);
    }
    bool stop(std::size_t i, const char* problem)
    {
        problem_ = problem;
        problem_at_ = i;
        return false;
    }

    json_fields& table_;
    std::size_t depth_ = 0;
    mask next_ = 0;  // fields that lead through the member whose name was told last
    mask texts_ = 0; // fields that take the string that is being told
    bool first_ = false;
    const char* problem_ = nullptr;
    std::size_t problem_at_ = 0;
    level levels_[limits::json_depth_max + 1];
    std::size_t name_size_ = 0;
    char name_[json_path::name_bytes_max];
};

} // namespace cokino::wire
