// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>

#include <string>

/// The sentence of the work::error that `fn` throws, which must have the expected code.
template <typename Fn>
std::string error_text(work::errc expected, Fn&& fn)
{
    try {
        fn();
    } catch (work::error const& thrown) {
        if (thrown.code() != expected)
            return "wrong code: " + thrown.code().message();
        return thrown.what();
    }
    return "nothing was thrown";
}
