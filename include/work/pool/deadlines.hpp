// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/pool/shared_part.hpp>
#include <work/pool/worker.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>

#include <chrono>

namespace work::detail {

/// Who is told of deadlines that pass.
class deadline_listener
{
public:
    /// Its job ran into its timeout: it is to end.
    virtual void timed_out(worker& s) = 0;
    /// And did not end in the grace that it got, or not in that since it was cancelled: it is to be
    /// given up.
    virtual void overstayed(worker& s) = 0;
    /// After all that passed.
    virtual void deadlines_passed() = 0;

protected:
    ~deadline_listener() = default;
};

/// The deadlines of running jobs, all on one timer.
class deadlines : public shared_part<deadlines>
{
public:
    using clock = std::chrono::steady_clock;

    /// `grace`: for a job between its timeout and being given up.
    deadlines(
        boost::asio::any_io_executor executor,
        deadline_listener& listener,
        clock::duration grace
    )
        : listener_(listener),
          grace_(grace),
          timer_(std::move(executor))
    {}
    ~deadlines() { clear(); }

    /// Of `s.deadline`.
    WORK_DECL void arm(worker& s);
    /// It was told to end, and has the grace for that, whatever its deadline.
    WORK_DECL void hurry(worker& s);
    /// `last`: no more jobs will come.
    WORK_DECL void disarm(worker& s, bool last);
    WORK_DECL void cancel_timer();
    /// Before the workers go.
    void clear() { set_.clear(); }

private:
    WORK_DECL void wait();
    WORK_DECL void passed();

    using ordered = boost::intrusive::multiset<worker, boost::intrusive::compare<by_deadline>>;

    deadline_listener& listener_;
    clock::duration const grace_;
    ordered set_;
    boost::asio::steady_timer timer_;
    clock::time_point armed_ = clock::time_point::max();
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/deadlines.ipp>
#endif
