// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Starting, cancelling and ending children. The only place that instantiates co_spawn for them.
// Included by detail/task_group.hpp or async/src.hpp.
#pragma once

#include <cokino/async/detail/task_group.hpp>

#include <boost/asio/co_spawn.hpp>

namespace cokino::detail {

/// What co_spawn calls when a child's frames are done with. It has a slot of its own rather than
/// bind_cancellation_slot's, because then Asio emits directly instead of one turn later.
struct on_child_end {
    using cancellation_slot_type = asio::cancellation_slot;

    cancellation_slot_type get_cancellation_slot() const noexcept { return node->slot(); }
    void operator()(const std::exception_ptr& e)
    {
        if (e)
            group->broken_ = e;
        group->child_ended(*node, std::move(keep));
    }

    task_group* group;
    task_node* node;
    std::shared_ptr<void> keep;
};

COKINO_DECL void task_group::start(const executor& ex, task_node& node, awaitable<void> body,
                                   std::shared_ptr<void> keep)
{
    parents_.belong_to(ex);
    if (starting_ && was_cancelled()) // by one of the children that were started before
        node.emit(cancelled_);
    node.link_before(children_);
    ++running_;
    try {
        asio::co_spawn(ex, std::move(body), on_child_end{this, &node, std::move(keep)});
    } catch (...) {
        node.unlink();
        --running_;
        throw;
    }
}

COKINO_DECL void task_group::emit(asio::cancellation_type type, bool again)
{
    // Operations that went with their context have left their slots as they were.
    if (parents_.context_ended())
        return;
    // A foreign operation may complete inside emit(); ended children stay linked meanwhile.
    ++emitting_;
    for (list_link* at = &children_.next(); at != &children_; at = &at->next()) {
        if (auto& node = static_cast<task_node&>(*at); again || !node.told_to_stop())
            node.emit(type);
    }
    if (--emitting_ != 0)
        return;
    for (list_link* at = &children_.next(); at != &children_;) {
        auto* const node = static_cast<task_node*>(at);
        at = &at->next();
        if (node->gone())
            node->unlink();
    }
    gone_.clear();
}

COKINO_DECL void task_group::child_ended(task_node& node, std::shared_ptr<void> keep)
{
    if (emitting_ == 0) {
        node.unlink();
    } else {
        node.set_gone();
        gone_.push_back(std::move(keep));
    }
    --running_;
    settle();
}

} // namespace cokino::detail
