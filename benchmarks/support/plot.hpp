// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// One line of a plot: jobs/s over a setting.
struct curve
{
    std::string name;
    std::string axis;                               ///< what the setting is called
    std::vector<std::pair<double, double>> points;  ///< setting, jobs/s
    double take = 0;                                ///< the setting to mark
};

namespace detail {

inline std::string escaped(std::string const& text)
{
    std::string out;
    for (char const c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else
            out += c;
    }
    return out;
}

/// "950", "12k", "1.5M"
inline std::string short_number(double n)
{
    char text[32];
    if (n >= 1e6)
        std::snprintf(text, sizeof text, "%.3gM", n / 1e6);
    else if (n >= 1e4)
        std::snprintf(text, sizeof text, "%.3gk", n / 1e3);
    else
        std::snprintf(text, sizeof text, "%.4g", n);
    return text;
}

/// 1, 2 or 5 times a power of ten, such that at most five steps reach `most`.
inline double step_for(double most)
{
    double const rough = std::max(most, 1.0) / 5;
    double const power = std::pow(10, std::floor(std::log10(rough)));
    for (double const factor : {1.0, 2.0, 5.0, 10.0})
        if (factor * power >= rough)
            return factor * power;
    return power * 10;
}

}  // namespace detail

/// One panel a curve, jobs/s over its setting (a logarithmic axis), as SVG that is readable on
/// light and dark pages: it follows what the reader's system prefers.
inline std::string plot_svg(std::string const& title, std::vector<curve> const& curves)
{
    constexpr double left = 70, width = 560, height = 190, top = 68, gap = 84;
    double const total = top + static_cast<double>(curves.size()) * (height + gap) - gap + 52;
    std::string out;
    char line[512];
    auto const add = [&](char const* format, auto... values) {
        std::snprintf(line, sizeof line, format, values...);
        out += line;
    };
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 680 %.0f\" width=\"680\" "
        "height=\"%.0f\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n",
        total,
        total);
    out += "<style>\n"
           ".page{fill:#ffffff}.text{fill:#1f2328}.faint{fill:#59636e}.grid{stroke:#d1d9e0}\n"
           ".line{stroke:#0969da;fill:none;stroke-width:2}.dot{fill:#0969da}\n"
           ".take{stroke:#bc4c00;stroke-dasharray:4 3}.label{fill:#bc4c00}\n"
           "@media (prefers-color-scheme: dark){\n"
           ".page{fill:#0d1117}.text{fill:#f0f6fc}.faint{fill:#9198a1}.grid{stroke:#3d444d}\n"
           ".line{stroke:#4493f8}.dot{fill:#4493f8}.take{stroke:#f0883e}.label{fill:#f0883e}}\n"
           "</style>\n";
    add("<rect class=\"page\" width=\"680\" height=\"%.0f\" rx=\"6\"/>\n", total);
    out += "<text class=\"text\" x=\"16\" y=\"26\" font-size=\"15\" font-weight=\"600\">" +
           detail::escaped(title) + "</text>\n";
    for (std::size_t i = 0; i < curves.size(); ++i) {
        curve const& c = curves[i];
        double const base = top + static_cast<double>(i) * (height + gap) + height;
        double most = 1;
        double from = c.points.empty() ? 1 : c.points.front().first;
        double to = from * 2;
        for (auto const& [x, y] : c.points) {
            most = std::max(most, y);
            from = std::min(from, x);
            to = std::max(to, x);
        }
        double const step = detail::step_for(most);
        double const ceiling = std::ceil(most / step) * step;
        auto const at_x = [&](double x) {
            return left +
                   width * (std::log2(x) - std::log2(from)) / (std::log2(to) - std::log2(from));
        };
        auto const at_y = [&](double y) { return base - height * y / ceiling; };
        out += "<text class=\"text\" x=\"16\" y=\"" +
               std::to_string(static_cast<int>(base - height - 16)) + "\">" +
               detail::escaped(c.name) + ", jobs/s</text>\n";
        for (double y = 0; y <= ceiling * 1.001; y += step) {
            add("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
                left,
                left + width,
                at_y(y),
                at_y(y));
            add("<text class=\"faint\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                left - 8,
                at_y(y) + 4,
                detail::short_number(y).c_str());
        }
        // A label for each point, as long as they don't touch.
        double last = -100;
        for (auto const& [x, y] : c.points) {
            if (at_x(x) - last < 30)
                continue;
            last = at_x(x);
            add("<text class=\"faint\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
                last,
                base + 18,
                detail::short_number(x).c_str());
        }
        if (c.take > 0) {
            bool const right = at_x(c.take) > left + width * 0.7;
            add("<line class=\"take\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
                at_x(c.take),
                at_x(c.take),
                base,
                base - height);
            add("<text class=\"label\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">take %s</text>\n",
                at_x(c.take) + (right ? -6 : 6),
                base - 8,
                right ? "end" : "start",
                detail::short_number(c.take).c_str());
        }
        out += "<polyline class=\"line\" points=\"";
        for (auto const& [x, y] : c.points)
            add("%.1f,%.1f ", at_x(x), at_y(y));
        out += "\"/>\n";
        for (auto const& [x, y] : c.points)
            add("<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", at_x(x), at_y(y));
        add("<text class=\"faint\" x=\"%.1f\" y=\"%.1f\" "
            "text-anchor=\"middle\">%s</text>\n",
            left + width / 2,
            base + 36,
            c.axis.c_str());
    }
    return out + "</svg>\n";
}

}  // namespace bench
