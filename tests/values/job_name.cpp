// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/job.hpp>

#include <gtest/gtest.h>

namespace shop {

struct send_email
{
    int user_id = 0;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id))

struct renamed
{
    static constexpr std::string_view job_name = "old_name";
};
BOOST_DESCRIBE_STRUCT(renamed, (), ())

struct by_pointer
{
    static constexpr char const* job_name = "c name";
};

namespace {
struct hidden
{};
BOOST_DESCRIBE_STRUCT(hidden, (), ())
}  // namespace

inline namespace v2 {
namespace deep {
struct job
{};
BOOST_DESCRIBE_STRUCT(job, (), ())
}  // namespace deep
}  // namespace v2

template <typename T, int N>
struct wrap
{
    BOOST_DESCRIBE_CLASS(wrap, (), (), (), ())
};

struct outer
{
    struct inner
    {
        BOOST_DESCRIBE_CLASS(inner, (), (), (), ())
    };
};

}  // namespace shop

struct global_job
{};
BOOST_DESCRIBE_STRUCT(global_job, (), ())

namespace {

TEST(job_name, is_the_type_without_namespaces)
{
    static_assert(work::job_name_v<shop::send_email> == "send_email");
    static_assert(work::job_name_v<shop::send_email const&> == "send_email");
    static_assert(work::job_name_v<shop::hidden> == "hidden");
    static_assert(work::job_name_v<shop::deep::job> == "job");
    static_assert(work::job_name_v<shop::outer::inner> == "inner");
    static_assert(work::job_name_v<global_job> == "global_job");
}

TEST(job_name, of_a_type_has_its_namespaces_in_messages)
{
    static_assert(work::detail::job_identity_v<shop::send_email>.type_name == "shop::send_email");
    static_assert(work::detail::job_identity_v<global_job>.type_name == "global_job");
    static_assert(work::detail::job_identity_v<shop::send_email>.derived);
    static_assert(!work::detail::job_identity_v<shop::renamed>.derived);
    EXPECT_EQ(*work::detail::job_identity_v<global_job>.type, typeid(global_job));
}

TEST(job_name, of_a_template_is_for_messages_only)
{
    using job = shop::wrap<shop::send_email, 3>;
    EXPECT_EQ(work::detail::name_in_messages<job>(), "wrap<shop::send_email, 3>");
}

TEST(job_name, of_a_local_type_is_its_own)
{
    struct local
    {};
    namespace detail = work::detail;
    EXPECT_EQ(detail::unqualified_type_name(detail::pretty_job_type<local>()), "local");
}

TEST(job_name, of_a_type_that_names_itself_is_that)
{
    static_assert(work::job_name_v<shop::renamed> == "old_name");
    static_assert(work::job_name_v<shop::by_pointer> == "c name");
}

TEST(described_job, knows_described_classes)
{
    static_assert(work::described_job<shop::send_email>);
    static_assert(!work::described_job<int>);
    static_assert(!work::described_job<std::string>);
    static_assert(!work::described_job<shop::by_pointer>);
}

}  // namespace
