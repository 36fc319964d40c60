// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One dialect of the fake host, in a file of its own: which requests are its, what it answers, how
// it words an error. The table of jobs, the clock, the script of faults and the money are the
// engine's; a dialect only gives them its shape.
#pragma once

#include <cokino/testing/detail/fake_engine_class.hpp>
#include <cokino/testing/impl/fake_input.ipp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino::testing {

/// Stateless but for what a host keeps beside its jobs (uploads, workflows).
class fake_host
{
public:
    explicit fake_host(fake_engine& engine) noexcept : engine_(engine) {}
    virtual ~fake_host() = default;

    virtual fake_dialect dialect() const noexcept = 0;
    /// Whether a request is spoken in this dialect, by its path (and method).
    virtual bool owns(const fake_request& r) const = 0;
    virtual fake_reply answer(const fake_request& r) = 0;
    /// How it words an HTTP status that it tells without a cause of its own.
    virtual fake_reply error(unsigned status, std::string_view text = {}) const = 0;

protected:
    using input = fake_engine::input;

    const fake_options& options() const noexcept { return engine_.options_; }
    fake_counts& counts() noexcept { return engine_.counts_; }
    time_source& time() const noexcept { return engine_.time_; }
    random_source& random() noexcept { return engine_.random_; }
    std::deque<fake_job>& jobs() noexcept { return engine_.jobs_; }
    bool key_is_good(std::string_view key) const noexcept { return engine_.key_is_good(key); }

    /// The job of this dialect with that id; null when there is none.
    fake_job* find(std::string_view id)
    {
        fake_job* const job = engine_.find(id);
        return job != nullptr && job->dialect == dialect() ? job : nullptr;
    }
    /// The script for the next job.
    job_faults& rule_for(const std::string& prompt)
    {
        return engine_.faults_.rule_for(engine_.jobs_.size() + 1, prompt);
    }
    /// A refusal before acceptance, if the script or active_max wants one.
    std::optional<fake_reply> refusal(job_faults& rule) { return engine_.refusal(rule, dialect()); }
    /// Takes the job on and its price; `in.id` is drawn unless given.
    fake_job& accept(input&& in, job_faults& rule, const fake_request& r)
    {
        in.dialect = dialect();
        return engine_.accept(std::move(in), rule, r);
    }
    /// What the script makes of the answer to an accepted submit.
    fake_reply accepted(const fake_job& job, fake_reply answer) const
    {
        return engine_.accepted(job, std::move(answer));
    }
    fake_reply acted(const misstep& m) const { return engine_.acted(m, dialect()); }
    fake_state state_of(const fake_job& job) const noexcept { return engine_.state_of(job); }
    /// Cancels a job as of now, and gives the price back if it had not started.
    void cancel(fake_job& job);
    /// A link to the job's file that dies as the options and the script say.
    std::string link(const fake_request& r, fake_job& job, std::size_t index = 0)
    {
        return engine_.link(r, job, index);
    }
    fake_source source_of(std::string_view link) const { return engine_.source_of(link); }
    /// The instant on the wall clock at which something happened on the steady one.
    system_time wall(steady_time t) const
    {
        return engine_.time_.system_now() -
               std::chrono::duration_cast<system_time::duration>(engine_.time_.now() - t);
    }

    fake_engine& engine_;
};

} // namespace cokino::testing
