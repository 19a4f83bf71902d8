#include "sim/io/mortality_reader.hpp"

#include "sim/io/cost_reader.hpp"
#include "sim/io/covariate_name.hpp"
#include "sim/io/csv_rows.hpp"
#include "sim/io/sha256.hpp"
#include "sim/io/table_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace stardsim {
namespace {

constexpr std::size_t oldest_age = 150;
constexpr std::size_t most_problems = 10;
constexpr std::size_t most_age_bands = 151;

constexpr Quantity gompertz_alpha =
    of_kind(ValueKind::positive,
            {"a hazard per year (above 0, at most 1)", 0, 1, false});
constexpr Quantity gompertz_beta =
    of_kind(ValueKind::positive,
            {"a slope by year of age (above 0, at most 1)", 0, 1, false});
constexpr Quantity age_in_years{"an age in years (0 to 119)", 0, 119};
constexpr Quantity deaths_a_year =
    of_kind(ValueKind::positive,
            {"a number of deaths per person-year (0 to 10)", 0, 10});

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::optional<double> as_number(const std::string& cell) {
  double number = 0;
  const char* const end = cell.data() + cell.size();
  const auto [rest, error] = std::from_chars(cell.data(), end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number))
    return std::nullopt;
  return number;
}

// Reads one life table row by row, and collects what is wrong with it.
class LifeTableReader {
 public:
  LifeTableReader(std::string file, const std::string& bytes)
      : file_(std::move(file)), rows_(bytes) {
    rows_.allow_comments();
  }

  LifeTable read() {
    std::vector<std::string> cells;
    if (!rows_.next_row(cells))
      throw BadTable({file_ + ": is empty; a header is needed"});
    find_columns(cells);
    const std::size_t width = cells.size();
    for (std::size_t rows = 0; rows_.next_row(cells); ++rows) {
      if (rows == most_table_rows)
        throw BadTable(
            {fmt::format("{}: more than {} rows", file_, most_table_rows)});
      if (cells.size() == width)
        read_row(cells);
      else
        add(fmt::format("{} cells; the header has {}", cells.size(), width));
    }
    if (problem_count_ == 0 && next_age_ == 0)
      throw BadTable({file_ + ": has no rows"});
    throw_if_any();
    return std::move(table_);
  }

 private:
  void add(const std::string& what) {
    if (++problem_count_ <= most_problems)
      problems_.push_back(fmt::format("{}:{}: {}", file_, rows_.line(), what));
  }

  void throw_if_any() {
    if (problem_count_ > most_problems)
      problems_.push_back(fmt::format("{}: and {} more problems of this kind",
                                      file_, problem_count_ - most_problems));
    if (!problems_.empty()) throw BadTable(problems_);
  }

  void find_columns(std::vector<std::string> header) {
    for (std::string& name : header) name = trimmed(name);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto found = std::find(header.begin(), header.end(), names[i]);
      if (found == header.end()) {
        const std::string hint = suggestion(names[i], header);
        add(fmt::format("has no column {}{}", in_quotes(names[i]),
                        hint.empty() ? "; it has " + listed(header) : hint));
      }
      column_[i] = static_cast<std::size_t>(found - header.begin());
    }
    throw_if_any();
  }

  void read_row(const std::vector<std::string>& cells) {
    const std::string cell = trimmed(cells[column_[0]]);
    const auto age = as_number(cell);
    if (!age || *age < 0 || *age > oldest_age || *age != std::floor(*age))
      return add(fmt::format("{} is not an age (whole years, 0 to {})",
                             in_quotes(cell), oldest_age));
    check_age(static_cast<std::size_t>(*age));
    table_.male.push_back(probability_of_death(cells, 1));
    table_.female.push_back(probability_of_death(cells, 2));
  }

  // Each age is the one after the last.
  void check_age(std::size_t age) {
    if (age < next_age_)
      add(age + 1 == next_age_
              ? fmt::format("age {} stands twice", age)
              : fmt::format("age {} comes after age {}; ages must ascend", age,
                            next_age_ - 1));
    else if (age == next_age_ + 1)
      add(fmt::format("age {} is missing; every age from 0 on is needed",
                      next_age_));
    else if (age > next_age_)
      add(fmt::format(
          "ages {} to {} are missing; every age from 0 on is needed", next_age_,
          age - 1));
    next_age_ = age + 1;
  }

  double probability_of_death(const std::vector<std::string>& cells,
                              std::size_t name) {
    const std::string cell = trimmed(cells[column_[name]]);
    const auto number = as_number(cell);
    if (number && *number >= 0 && *number <= 1) return *number;
    add(fmt::format("column {}: {} is not a probability (0 to 1)",
                    in_quotes(names[name]), in_quotes(cell)));
    return 0;
  }

  inline static const std::array<std::string, 3> names = {"age", "male",
                                                          "female"};
  std::string file_;
  CsvRows rows_;
  std::array<std::size_t, 3> column_{};
  std::size_t next_age_ = 0;
  LifeTable table_;
  std::vector<std::string> problems_;
  std::size_t problem_count_ = 0;
};

// Reads [mortality] but for the file.
class MortalityReader {
 public:
  MortalityReader(const Cohort& cohort, const ValueReader& values,
                  std::vector<DataFile>& files)
      : cohort_(cohort),
        values_(values),
        problems_(values.problems()),
        files_(files) {}

  Mortality read(Section& section) {
    Mortality mortality;
    read_background(section, mortality);
    read_covariates(section, mortality);
    mortality.ratio_by_health = by_health(section, "hazard_ratio", ratio);
    if (const auto value = section.find("resistant_hazard_ratio"))
      read_age_bands(*value, mortality);
    mortality.suicide = by_health(section, "suicide", deaths_a_year);
    if (section.find("suicide_resistant"))
      mortality.suicide_resistant =
          suicide_of_resistant(section, mortality.suicide);
    section.finish();
    return mortality;
  }

 private:
  // ---- background ----

  void read_background(Section& section, Mortality& mortality) {
    const auto file = section.find("life_table");
    const auto gompertz = section.find("gompertz");
    if (!file && !gompertz)
      section.require("life_table",
                      "the name of a .csv file, or else gompertz,");
    if (file && gompertz)
      add_problem(problems_, *gompertz,
                  "stands beside life_table; one of them is allowed");
    if (gompertz)
      mortality.background = gompertz_of(*gompertz);
    else if (file)
      read_file(*file, mortality);
  }

  Gompertz gompertz_of(const Value& value) {
    const Table* table = as_table(value, problems_);
    if (!table) return {};
    Section section(*table, value, problems_);
    Gompertz law;
    law.male_alpha = values_.require(section, "male_alpha", gompertz_alpha);
    law.male_beta = values_.require(section, "male_beta", gompertz_beta);
    law.female_alpha = values_.require(section, "female_alpha", gompertz_alpha);
    law.female_beta = values_.require(section, "female_beta", gompertz_beta);
    values_.share_source(section, {&law.male_alpha, &law.male_beta,
                                   &law.female_alpha, &law.female_beta});
    section.finish();
    return law;
  }

  // From the folder of the file in which its name stands.
  void read_file(const Value& value, Mortality& mortality) {
    const std::size_t problems_before = problems_.count();
    const std::string name = as_text(value, problems_);
    if (problems_.count() > problems_before) return;
    const std::filesystem::path scenario =
        problems_.files().at(value.node.where.file);
    const std::filesystem::path path = scenario.parent_path() / name;
    try {
      LifeTableFile file = read_life_table(path);
      mortality.background = std::move(file.table);
      files_.push_back({path, name, std::move(file.sha256)});
    } catch (const BadTable& bad) {
      for (const std::string& line : bad.lines())
        add_problem(problems_, value, line);
    }
  }

  // ---- covariates ----

  void read_covariates(Section& section, Mortality& mortality) {
    mortality.age = 0;
    if (section.require("age", "the covariate that is the age at entry"))
      mortality.age =
          find_number(section, "age", cohort_, problems_).value_or(0);
    const auto female = section.find("female");
    const auto share = section.find("female_share");
    if (female && share)
      add_problem(problems_, *share,
                  "stands beside female; one of them is allowed");
    if (!female && !share)
      section.require(
          "female", "the covariate that is 1 in women, or else female_share,");
    mortality.female = find_yes_or_no(section, "female", cohort_, problems_);
    if (share) mortality.female_share = values_.evidence(*share, probability);
  }

  // ---- hazards ----

  std::array<std::optional<Evidence>, health_count> by_health(
      Section& section, const std::string& key, const Quantity& quantity) {
    std::array<std::optional<Evidence>, health_count> by_health;
    const auto value = section.find(key);
    const Table* table = value ? as_table(*value, problems_) : nullptr;
    if (!table) return by_health;
    Section keys(*table, *value, problems_);
    for (std::size_t i = 0; i < health_count; ++i)
      by_health[i] = values_.find(keys, health_names()[i], quantity);
    std::vector<Evidence*> stated;
    for (auto& one : by_health)
      if (one) stated.push_back(&*one);
    values_.share_source(keys, stated);
    keys.finish();
    return by_health;
  }

  // Where nothing is said of the resistant they are as the others.
  std::array<Evidence, health_count> suicide_of_resistant(
      Section& section,
      const std::array<std::optional<Evidence>, health_count>& others) {
    const auto stated = by_health(section, "suicide_resistant", deaths_a_year);
    std::array<Evidence, health_count> all;
    for (std::size_t i = 0; i < health_count; ++i)
      all[i] = stated[i] ? *stated[i] : others[i].value_or(Evidence{});
    return all;
  }

  void read_age_bands(const Value& value, Mortality& mortality) {
    const bool several = std::holds_alternative<Array>(value.node.value);
    std::vector<double> ages;
    for (const Value& item : one_or_more(value, most_age_bands, problems_)) {
      const Value one{
          item.node, several
                         ? join_key(value.path, std::to_string(ages.size() + 1))
                         : value.path};
      const Table* table = as_table(
          one, problems_, "a table such as { from_age = 50, value = 1.2 }");
      if (!table) return;
      Section section(*table, one, problems_);
      const auto age =
          section.require("from_age", "the lowest age it holds for");
      ages.push_back(age ? values_.number(*age, age_in_years) : unusable);
      mortality.resistant_ratio.push_back(
          {ages.back(), values_.evidence(one, ratio, {"from_age"})});
    }
    check_ascending(ages, value, "ages", problems_);
  }

  const Cohort& cohort_;
  const ValueReader& values_;
  Problems& problems_;
  std::vector<DataFile>& files_;
};

}  // namespace

LifeTableFile read_life_table(const std::filesystem::path& path) {
  const std::string file = path.string();
  if (path.extension() != ".csv")
    throw BadTable({file + ": a file named *.csv is allowed"});
  std::string bytes;
  try {
    bytes = read_bytes(path);
    return {LifeTableReader(file, bytes).read(), sha256(bytes)};
  } catch (const BadTable& bad) {
    // What is no text or no file does not know of its name.
    std::vector<std::string> lines = bad.lines();
    for (std::string& line : lines)
      if (line.compare(0, file.size() + 1, file + ":") != 0)
        line = file + ": " + line;
    throw BadTable(std::move(lines));
  }
}

std::optional<Mortality> read_mortality(const std::optional<Value>& value,
                                        const Cohort& cohort,
                                        const ValueReader& values,
                                        std::vector<DataFile>& files) {
  const Table* table = value ? as_table(*value, values.problems()) : nullptr;
  if (!table) return std::nullopt;
  Section section(*table, *value, values.problems());
  return MortalityReader(cohort, values, files).read(section);
}

}  // namespace stardsim
