// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/middleware.hpp>
#include <work/pool/job_type.hpp>
#include <work/pool/provider.hpp>
#include <work/values/job_options.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <unordered_map>
#include <utility>
#include <vector>

namespace work::detail {

/// What a pool's user registered before it runs: handlers by job name, middleware, providers.
class job_types
{
public:
    using map = std::unordered_map<std::string, std::unique_ptr<job_type>>;

    WORK_DECL job_type& add(std::string name, job_options options);
    void add_layer(middleware layer) { layers_.push_back(std::move(layer)); }
    WORK_DECL void add_layer(std::string name, middleware layer);
    WORK_DECL void add_provider(std::type_info const& type, std::function<void(worker&)> make);

    /// Puts the middleware around the handlers. Throws errc::invalid_option where one is for a name
    /// without a handler.
    WORK_DECL void build_chains();

    bool empty() const noexcept { return types_.empty(); }
    map::const_iterator begin() const noexcept { return types_.begin(); }
    map::const_iterator end() const noexcept { return types_.end(); }
    WORK_DECL job_type* find(std::string_view name) const;
    WORK_DECL std::vector<std::string> names() const;
    std::vector<provider> const& providers() const noexcept { return providers_; }
    /// The jobs of all of them are dead when their process dies.
    bool all_dead_on_crash() const noexcept { return all_dead_on_crash_; }

private:
    map types_;
    std::vector<middleware> layers_;
    std::vector<std::pair<std::string, middleware>> own_layers_;
    std::vector<provider> providers_;
    bool all_dead_on_crash_ = false;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/job_types.ipp>
#endif
