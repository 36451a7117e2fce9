// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/redis/endpoint.hpp>

#include <gtest/gtest.h>
#include <string>

namespace {

using work::redis::describe;
using work::redis::parse_url;

// Each part of a URL lands in its field.
TEST(redis_config, url_parts_are_read)
{
    auto const plain = parse_url("redis://example.org");
    EXPECT_EQ(plain.host, "example.org");
    EXPECT_EQ(plain.port, 6379);
    EXPECT_EQ(plain.database, 0);
    EXPECT_FALSE(plain.tls);
    EXPECT_FALSE(plain.has_credentials());

    auto const full = parse_url("redis://ada:s3cret@example.org:7000/12");
    EXPECT_EQ(full.username, "ada");
    EXPECT_EQ(full.password, "s3cret");
    EXPECT_EQ(full.host, "example.org");
    EXPECT_EQ(full.port, 7000);
    EXPECT_EQ(full.database, 12);

    EXPECT_TRUE(parse_url("rediss://example.org").tls);
    EXPECT_EQ(parse_url("redis://h/?db=3").database, 3);
    EXPECT_EQ(parse_url("redis://h?db=3").database, 3);
    EXPECT_EQ(parse_url("redis://:pw@h").password, "pw");
    EXPECT_EQ(parse_url("redis://:pw@h").username, "");
    EXPECT_EQ(parse_url("redis://user@h").username, "user");
    EXPECT_EQ(parse_url("redis://h/").database, 0);
}

TEST(redis_config, url_percent_encoding_is_undone)
{
    auto const read = parse_url("redis://a%40b:p%2Fw%3a%25@h:1");
    EXPECT_EQ(read.username, "a@b");
    EXPECT_EQ(read.password, "p/w:%");
    EXPECT_EQ(parse_url("redis://u:a@b@h").password, "a@b");
}

TEST(redis_config, url_ipv6_is_read_without_brackets)
{
    EXPECT_EQ(parse_url("redis://[::1]").host, "::1");
    auto const read = parse_url("redis://u:p@[fe80::1]:7000/1");
    EXPECT_EQ(read.host, "fe80::1");
    EXPECT_EQ(read.port, 7000);
    EXPECT_EQ(describe(read), "redis://[fe80::1]:7000/1");
}

TEST(redis_config, url_ipv6_zone_is_read_both_ways)
{
    for (char const* url : {"redis://[fe80::1%25eth0]:7000", "redis://[fe80::1%eth0]:7000"}) {
        auto const read = parse_url(url);
        EXPECT_EQ(read.host, "fe80::1%eth0");
        EXPECT_EQ(describe(read), "redis://[fe80::1%25eth0]:7000");
        EXPECT_EQ(parse_url(describe(read)).host, read.host);
    }
}

// Secrets and URLs out of files end with a line; nobody means it.
TEST(redis_config, url_white_space_around_url_and_password_is_left_out)
{
    for (std::string const space : {"\n", "\r\n", " ", "\t", " \n\n"}) {
        auto const url = parse_url(space + "redis://ada:pw@h:7000/3" + space);
        EXPECT_EQ(url.password, "pw");
        EXPECT_EQ(url.port, 7000);
        EXPECT_EQ(url.database, 3);
        EXPECT_EQ(parse_url("redis://ada:pw" + space + "@h").password, "pw");
        EXPECT_EQ(parse_url("redis://h" + space).host, "h");
        EXPECT_EQ(parse_url("unix:///run/s" + space).unix_socket, "/run/s");
    }
    EXPECT_EQ(parse_url("redis://ada:pw%0A@h").password, "pw\n") << "asked for";
    EXPECT_EQ(parse_url("redis://ada:p%20w@h").password, "p w");
}

TEST(redis_config, url_unix_socket_is_read)
{
    auto const plain = parse_url("unix:///run/redis.sock");
    EXPECT_EQ(plain.unix_socket, "/run/redis.sock");
    auto const full = parse_url("unix://ada:pw@/run/my%20redis.sock?db=2");
    EXPECT_EQ(full.unix_socket, "/run/my redis.sock");
    EXPECT_EQ(full.username, "ada");
    EXPECT_EQ(full.password, "pw");
    EXPECT_EQ(full.database, 2);
    EXPECT_EQ(describe(full), "unix:///run/my redis.sock?db=2");
}

// Every bad URL says which part is bad, and none repeats a password.
TEST(redis_config, url_that_is_bad_names_the_part)
{
    struct
    {
        char const* url;
        char const* part;
    } const table[] = {
        {"", "scheme"},
        {"localhost:6379", "scheme"},
        {"http://h", "\"http\""},
        {"redis+sentinel://h", "\"redis+sentinel\""},
        {"redis://", "host"},
        {"redis://:6379", "host"},
        {"redis://u:hunter2@", "host"},
        {"redis://u:hunter2@h:port", "port \"port\""},
        {"redis://u:hunter2@h:0", "port \"0\""},
        {"redis://u:hunter2@h:65536", "port \"65536\""},
        {"redis://u:hunter2@h:", "port"},
        {"redis://u:hunter2@h:-1", "port"},
        {"redis://u:hunter2", "port"},
        {"redis://u:hunter2@h/x", "database \"x\""},
        {"redis://u:hunter2@h/-1", "database \"-1\""},
        {"redis://u:hunter2@h/99999999999", "database"},
        {"redis://u:hunter2@h?db=", "database"},
        {"redis://u:hunter2@h?db=x", "database"},
        {"redis://u:hunter2@h?timeout=3", "\"timeout\""},
        {"redis://u:hunter2@h?db", "\"db\""},
        {"redis://u:hunter2@h#x", "'#'"},
        {"redis://u:hunter2%@h", "password"},
        {"redis://u:hunter2%4@h", "password"},
        {"redis://u:hunter2%zz@h", "password"},
        {"redis://u:hunter2%00@h", "password"},
        {"redis://u%:hunter2@h", "user name"},
        {"redis://u:hunter2/x@h", "'@'"},
        {"redis://u:hunter2?x@h", "'@'"},
        {"redis://u:hunter2#x@h", "'@'"},
        {"redis://[::1", "']'"},
        {"redis://[::1]x", "host"},
        {"redis://[]", "host"},
        {"redis://::1", "brackets"},
        {"redis://h%4", "host"},
        {"redis://u:hun ter2@h", "password"},
        {"redis://u:hun\nter2@h", "password"},
        {"redis://u u:hunter2@h", "user name"},
        {"redis://u:hunter2@h h", "host"},
        {"redis://u:hunter2@h/1 2", "path"},
        {"\"redis://u:hunter2@h\"", "quotation mark"},
        {"'redis://u:hunter2@h'", "quotation mark"},
        {"redis://[fe80::1%25]", "zone"},
        {"redis://[fe80::1%]", "zone"},
        {"http://u:hunter2@h", "memory:"},
        {"unix://", "unix socket"},
        {"unix:///", "unix socket"},
        {"unix://run/redis.sock", "unix socket"},
        {"unix://u:hunter2/redis.sock", "unix socket"},
        {"unix:///run/redis.sock?x=1", "\"x\""},
    };
    for (auto const& row : table) {
        try {
            parse_url(row.url);
            ADD_FAILURE() << row.url << " was read";
        } catch (work::error const& failure) {
            std::string const said = failure.what();
            EXPECT_EQ(failure.code(), work::errc::invalid_url) << row.url;
            if (std::string(row.part) != "']'") {
                EXPECT_NE(said.find(row.part), std::string::npos) << row.url << " -> " << said;
            }
            EXPECT_EQ(said.find("hunter2"), std::string::npos) << row.url << " -> " << said;
        }
    }
    EXPECT_THROW(parse_url("unix:///" + std::string(200, 'x')), work::error);
}

TEST(redis_config, description_has_no_secrets)
{
    auto read = parse_url("rediss://ada:hunter2@h:1/2");
    EXPECT_EQ(describe(read), "rediss://h:1/2");
    EXPECT_EQ(describe(parse_url("redis://h")), "redis://h:6379");
}

}  // namespace
