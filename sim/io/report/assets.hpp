#pragma once

#include <string_view>

/// What a report carries beside its words: files of this folder, put into the
/// program when it is built (scripts/embed.cmake). UTF-8; none contains
/// "</script" or "</style", so that each can stand in its element as it is.
namespace stardsim::report_assets {

std::string_view style();    ///< report.css
std::string_view library();  ///< vendor/*.js in the order they need
std::string_view script();   ///< report.js; runs after library() and the page

}  // namespace stardsim::report_assets
