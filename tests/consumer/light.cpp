// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a file of a user's program has that only describes jobs: quick to compile, and linked with
// what work needs (see run.sh).

#include <work/job.hpp>

#include <boost/json.hpp>

#include <string>
#include <thread>

#ifndef BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE
#error "the definitions of work::work are missing"
#endif

namespace {

struct send_email
{
    int user_id = 0;
    std::string subject;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, subject))
static_assert(work::described_job<send_email>);

}  // namespace

int main()
{
    bool read = false;
    std::thread reader([&] { read = boost::json::parse(R"({"user_id":1})").is_object(); });
    reader.join();
    return read ? 0 : 1;
}
