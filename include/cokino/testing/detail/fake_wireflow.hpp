// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake Wireflow: what it offers and what it keeps beside its jobs. Its answers are in
// impl/fake_wireflow.ipp; numbers in brackets are sections of
// providers/kling-kie-piapi-pollo-wireflow.md.
#pragma once

#include <cokino/testing/detail/fake_host.hpp>

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace cokino::testing {
namespace detail {

/// A node that makes something. Prices in thousandths of a dollar, of which a credit is ten; but
/// for Seedance's [5.6] they are invented, since none is known.
struct wireflow_node {
    std::string_view type, version;
    job_kind kind;
    int mills; ///< A second, or a still.
    int from_s, to_s, step_s;
};

inline constexpr std::array<wireflow_node, 6> wireflow_nodes{{
    {"video:kling_video_2_5_i2v", "2.5-pro", job_kind::video, 90, 5, 10, 5},
    {"video:kling_video_2_5_i2v", "2.5-standard", job_kind::video, 60, 5, 10, 5},
    {"video:kling_video_2_5_i2v", "3.0-pro", job_kind::video, 200, 3, 15, 1},
    {"video:kling_video_2_5_i2v", "3.0-standard", job_kind::video, 150, 3, 15, 1},
    {"video:seedance_2_0", "", job_kind::video, 170, 4, 15, 1},
    {"generate:flux_2", "", job_kind::images, 40, 0, 0, 1},
}};

inline std::string wireflow_text(const boost::json::object& o, std::string_view name)
{
    return string_in(o, name).value_or("");
}

/// The object of that name; an empty one when there is none.
inline const boost::json::object& wireflow_object(const boost::json::object& o,
                                                  std::string_view name)
{
    static const boost::json::object none;
    const auto* const value = member(o, name);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

} // namespace detail

class fake_wireflow final : public fake_host
{
public:
    using fake_host::fake_host;

    fake_dialect dialect() const noexcept override { return fake_dialect::wireflow; }
    bool owns(const fake_request& r) const override
    {
        const std::string_view path = r.path();
        return path.starts_with("/api/v1/workflows") || path.starts_with("/api/v1/media") ||
               path.starts_with("/api/v1/workflow/");
    }
    COKINO_DECL fake_reply answer(const fake_request& r) override;
    COKINO_DECL fake_reply error(unsigned status, std::string_view text) const override;

private:
    struct remembered {
        std::string body;
        fake_reply answer;
        steady_time until{};
    };
    struct announced {
        std::string type;
        std::size_t size = 0;
        bool came = false;
    };

    fake_reply route(const fake_request& r);
    fake_reply create(const fake_request& r);
    fake_reply execute(const fake_request& r, const std::string& workflow);
    fake_reply run(const fake_request& r, const std::string& workflow);
    /// What was read of a graph beside the job: its nodes.
    struct graph {
        std::set<std::string> ids;
        std::string maker, frame, wrong;
    };
    std::string read_graph(const boost::json::object& body, input& in) const;
    static std::string read_node(const boost::json::object& node, input& in, graph& g);
    fake_reply graph_error(std::string_view rule, std::string_view text) const;
    fake_reply poll(const fake_request& r, fake_job& job);
    std::string nodes_of(const fake_request& r, fake_job& job, std::string_view word,
                         std::string& runs);
    fake_reply upload(const fake_request& r);
    fake_reply announce(const fake_request& r);
    fake_reply put(const fake_request& r, const std::string& id);
    fake_reply stored(std::string_view tail);
    bool is_stored(std::string_view link) const;

    std::set<std::string, std::less<>> workflows_;
    std::map<std::string, remembered, std::less<>> keys_;
    std::map<std::string, announced, std::less<>> announced_;
    std::set<std::string, std::less<>> stored_;
    std::size_t requests_ = 0;
};

} // namespace cokino::testing
