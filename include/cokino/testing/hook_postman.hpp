// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Brings the fake host's webhooks to whoever listens on loopback: as soon as a job has ended, and
// again after a while where it was not answered with 2xx. Plain HTTP; no redirects.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/testing/fake_hooks.hpp>
#include <cokino/testing/fake_server.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace cokino::testing {

struct postman_options {
    /// How often the host looks whether a job has ended.
    std::chrono::milliseconds look_every{5};
    int tries_max = 5;                            ///< Of one hook.
    std::chrono::milliseconds try_again{100};     ///< After the first; doubled from try to try.
    std::chrono::milliseconds answer_max{15'000}; ///< Kie and fal wait so long for an answer.
};

struct postman_counts {
    std::size_t sent = 0;     ///< Tries, forged ones too.
    std::size_t accepted = 0; ///< Answered with 2xx.
    std::size_t refused = 0;  ///< Answered with something else.
    std::size_t unanswered = 0;
    std::size_t given_up = 0; ///< Hooks that no try brought home.
};

/// Sends one hook. The status of its answer; 0 when none came.
[[nodiscard]] COKINO_DECL awaitable<unsigned> post_hook(hook_delivery d,
                                                        std::chrono::milliseconds answer_max);

/// The postman of one server. One thread, that of its executor, which may be the server's or
/// another. The server outlives it. Keeps its io_context running until stop().
class hook_postman
{
public:
    hook_postman(executor ex, fake_server& server, postman_options options = {});
    hook_postman(const hook_postman&) = delete;
    hook_postman& operator=(const hook_postman&) = delete;
    /// Stops.
    ~hook_postman();

    /// Runs f(fake_hooks&) where the engine lives: postman.script([](auto& h) {
    /// h.on_job(2).lost = true; }).
    void script(const std::function<void(fake_hooks&)>& f);
    hook_signer signer() const;

    void start();
    void stop();
    postman_counts counts() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace cokino::testing

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/hook_postman.ipp>
#endif
