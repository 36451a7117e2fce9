// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// only: gcc<13
// expect: work: g\+\+ 12 destroys a temporary job inside co_await twice. Give it a name

#include <work/enqueuer.hpp>

struct send_email
{
    int user_id;
    std::string address;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

work::task<void> produce(work::enqueuer& enqueuer)
{
    co_await enqueuer.enqueue(work::make(send_email{42, "ada@example.com"}));
}
