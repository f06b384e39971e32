// From the Workers' counters to the figures of a server, and from these to Prometheus's text.
#pragma once

#include <string>
#include <string_view>

#include "banter/metrics.h"
#include "server/counters.h"

namespace banter::server {

// Adds what one Worker has counted. Any thread.
void add_to(Metrics& metrics, const Counters& counters);

// The exposition format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
inline constexpr std::string_view prometheus_type = "text/plain; version=0.0.4; charset=utf-8";
[[nodiscard]] std::string prometheus_text(const Metrics& metrics);

}  // namespace banter::server
