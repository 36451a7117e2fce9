// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/error.hpp>
#include <work/fork.hpp>
#include <work/fork_watch.hpp>
#include <work/redis/backoff.hpp>
#include <work/redis/connection_call.hpp>
#include <work/redis/connection_options.hpp>
#include <work/redis/endpoint.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace work::redis::detail {

/// The engine of a connection. It owns the calls and lives as long as the connection or an
/// operation under way.
///
/// A call goes queued_ -> sent_ -> done_; `update` starts whatever is to be done next, and is run
/// after everything that happens. Tasks: 1. connect while calls wait; 2. write what is queued in
/// one go; 3. read while replies are due; 4. tear the connection down and sort out what was sent
/// and what was not; 5. stop everything while no call waits, so that no work is outstanding.
class connection_core final : public work::detail::fork_member,
                              public std::enable_shared_from_this<connection_core>
{
public:
    using clock = std::chrono::steady_clock;

    connection_core(
        boost::asio::any_io_executor executor,
        endpoint server,
        connection_options options
    );
    ~connection_core();

    void submit(call* added);
    void cancel(call* unwanted, boost::asio::cancellation_type type);
    void close();
    bool closed() const noexcept { return closed_; }
    /// A time that no addition takes beyond the clock's end.
    static clock::time_point after(clock::time_point time, clock::duration more) noexcept
    {
        return more < clock::time_point::max() - time ? time + more : clock::time_point::max();
    }

    connection_stats stats() const;
    endpoint const& server() const noexcept { return server_; }
    boost::asio::any_io_executor const& executor() const noexcept { return executor_; }

private:
    /// Every operation under way has one. When the last one is gone and calls are left, the
    /// execution context was destroyed under us: the calls are then destroyed as well, since
    /// their coroutines may own the connection that owns us.
    class hold
    {
    public:
        explicit hold(connection_core& core) : core_(core.shared_from_this()) { ++core_->holds_; }
        hold(hold&&) noexcept = default;
        hold& operator=(hold&&) = delete;
        ~hold()
        {
            if (core_ && --core_->holds_ == 0)
                core_->orphaned();
        }
        connection_core* operator->() const noexcept { return core_.get(); }

    private:
        std::shared_ptr<connection_core> core_;
    };

    void now_in_child() override;
    void look_for_fork();
    void fail_all(std::exception_ptr const& failure, std::exception_ptr const& if_sent);
    void in_trouble(std::string_view why);
    void recovered();
    clock::time_point due(call const& one) const noexcept
    {
        return std::min(one.deadline, after(std::max(one.begun, progress_), one.silence));
    }
    void wake();
    void update(bool fresh);
    void rest();
    static task<void> connect_loop(hold self);
    task<void> connect_once();
    void start_write();
    void write_more();
    void on_write(boost::system::error_code failure, std::size_t size);
    void start_read();
    void on_read(boost::system::error_code failure, std::size_t size);
    void on_reply(reply answer);
    void watch(clock::time_point deadline);
    void stop_watch();
    void on_deadline();
    void fail_link(std::string why);
    void sort_out();
    void finish(call* ended, std::exception_ptr failure);
    void fail_waiting(std::exception_ptr const& failure);
    void deliver(bool fresh);
    void deliver_later();
    void orphaned() noexcept;
    std::size_t waiting() const noexcept { return queued_.size() + sent_.size() - ghosts_; }

    boost::asio::any_io_executor executor_;
    endpoint server_;
    connection_options options_;
    connection_stats stats_;
    std::size_t holds_ = 0;

    call_list queued_;  // not sent
    call_list sent_;    // sent, or being sent; ghosts stand for those nobody waits for any more
    call_list done_;    // ended, their handlers are yet to be called
    std::size_t queued_bytes_ = 0;
    std::size_t sent_bytes_ = 0;
    std::size_t ghosts_ = 0;

    std::unique_ptr<transport> link_;
    parser incoming_;
    std::string writing_;  // what is being written
    std::size_t written_of_it_ = 0;
    std::uint64_t stream_ = 0;   // bytes of this connection taken from queued_
    std::uint64_t written_ = 0;  // bytes of it the kernel took
    std::size_t read_size_ = 4096;
    std::size_t offered_ = 0;
    bool connecting_ = false;
    bool connected_ = false;
    bool is_reading_ = false;
    bool is_writing_ = false;
    bool failing_ = false;      // the link was closed, its operations have not all come back
    bool retiring_ = false;     // nothing more is written; ends when the replies due have come
    bool interrupted_ = false;  // the attempt to connect was ended by ourselves
    bool fruitful_ = false;     // this connection gave a reply
    bool closed_ = false;
    bool forked_ = false;            // closed as well: the connection is the parent's
    bool troubled_ = false;          // `health` was told
    bool refusing_ = false;          // … because of what the server answers
    bool refused_a_change_ = false;  // … to a call that changes something: a replica still reads
    bool wake_posted_ = false;
    bool delivery_posted_ = false;
    bool delivering_ = false;
    bool batching_ = false;  // `deliver` will be called anyway
    std::string why_;        // the last failure of the link, for messages
    unsigned failures_ = 0;  // in a row
    backoff pauses_;
    clock::time_point next_attempt_{};

    boost::asio::steady_timer pause_;
    boost::asio::steady_timer deadline_timer_;
    boost::asio::steady_timer trouble_timer_;
    bool trouble_watched_ = false;
    clock::time_point progress_{};  // when a byte last went or came
    clock::time_point watched_ = clock::time_point::max();
    std::uint64_t watch_number_ = 0;

    bool probing_ = false;  // one call at a time has its round trip measured
    std::uint64_t probe_ = 0;
    clock::time_point probe_time_;
    clock::time_point linked_at_{};  // calls that are older waited for the link to be made

    work::detail::process_mark mark_;
    work::detail::fork_membership membership_;
};

}  // namespace work::redis::detail
