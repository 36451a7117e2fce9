# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# Defines work::tls, what programs that include <work/tls.hpp> link, where OpenSSL is found.
if(NOT TARGET work::tls)
    find_package(OpenSSL 1.1.1 QUIET)
    if(OpenSSL_FOUND)
        add_library(work_tls INTERFACE)
        add_library(work::tls ALIAS work_tls)
        target_link_libraries(work_tls INTERFACE work::work OpenSSL::SSL OpenSSL::Crypto)
    endif()
endif()
