// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/job_types.hpp>
#include <work/values/name.hpp>
#include <work/values/nearest.hpp>
#include <work/values/text.hpp>

#include <boost/core/demangle.hpp>

#include <algorithm>

namespace work::detail {

WORK_DECL job_type& job_types::add(std::string name, job_options options)
{
    validate_name("job name", name);
    options.validate();
    auto& place = types_[name];
    if (place)
        throw error(
            errc::invalid_option,
            "handle(\"" + name + "\"): this pool has a handler of that name already"
        );
    place = std::make_unique<job_type>();
    place->name = std::move(name);
    place->options = std::move(options);
    return *place;
}

WORK_DECL void job_types::add_layer(std::string name, middleware layer)
{
    validate_name("job name", name);
    own_layers_.emplace_back(std::move(name), std::move(layer));
}

WORK_DECL void job_types::add_provider(
    std::type_info const& type,
    std::function<void(worker&)> make
)
{
    for (provider const& other : providers_)
        if (*other.type == type)
            throw error(
                errc::invalid_option,
                "provide<" + boost::core::demangle(type.name()) +
                    ">: this pool provides one already, and no job would see the second"
            );
    providers_.push_back(provider{&type, std::move(make)});
}

// All that it takes is known here, so a misspelt name is an error: the handler that was meant would
// run without what was to stand around it.
WORK_DECL void job_types::build_chains()
{
    for (auto const& [name, layer] : own_layers_) {
        if (types_.contains(name))
            continue;
        std::vector<std::string> const handled = names();
        std::vector<std::string_view> const known(handled.begin(), handled.end());
        throw error(
            errc::invalid_option,
            "use(" + quote(name) + ", ...): this pool has no handler of that name" +
                did_you_mean(name, known) + ", so the middleware would never run; handle " +
                quote(name) + " in this pool, or use no middleware for it"
        );
    }
    for (auto const& [name, type] : types_) {
        type->calls.layers = layers_;
        for (auto const& [whose, layer] : own_layers_) {
            if (whose == name)
                type->calls.layers.push_back(layer);
        }
    }
    all_dead_on_crash_ = std::all_of(types_.begin(), types_.end(), [](auto const& type) {
        return type.second->options.on_crash == on_crash::dead;
    });
}

WORK_DECL job_type* job_types::find(std::string_view name) const
{
    auto const found = types_.find(std::string(name));
    return found == types_.end() ? nullptr : found->second.get();
}

WORK_DECL std::vector<std::string> job_types::names() const
{
    std::vector<std::string> names;
    for (auto const& [name, type] : types_)
        names.push_back(name);
    return names;
}

}  // namespace work::detail
