// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: enqueue takes a range of described structs

#include <work/enqueuer.hpp>

struct send_email
{
    int user_id;
};

work::task<void> produce(work::enqueuer& enqueuer, std::vector<send_email> const& mails)
{
    co_await enqueuer.enqueue(mails);
}
