// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: two alternatives of a variant argument look alike in JSON: give each struct a tag

#include <work/worker_pool.hpp>

#include <variant>

struct card
{
    std::string number;
};
BOOST_DESCRIBE_STRUCT(card, (), (number))

struct sepa
{
    std::string iban;
};
BOOST_DESCRIBE_STRUCT(sepa, (), (iban))

struct charge
{
    std::variant<card, sepa> by;
};
BOOST_DESCRIBE_STRUCT(charge, (), (by))

void serve(work::worker_pool& pool)
{
    pool.handle<charge>([](work::context&, charge) -> work::task<void> { co_return; });
}
