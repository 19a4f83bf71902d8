#include "sim/io/alternatives_reader.hpp"

#include "sim/io/section.hpp"
#include "sim/io/value_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

const std::set<std::string> own_keys{"label", "source", "file"};

/// An alternative as the file has it.
class Reader {
 public:
  Reader(const NamedValue& entry, const Table& table,
         const AlternativeSources& sources, Problems& problems,
         std::vector<fs::path>& files)
      : entry_(entry), sources_(sources), problems_(problems), files_(files) {
    for (const Entry& one : table.entries)
      (own_keys.count(one.key) > 0 ? own_ : changes_).entries.push_back(one);
  }

  Alternative read() {
    Alternative alternative;
    alternative.name = entry_.name;
    Section section(own_, entry_.value, problems_);
    alternative.label = section.text("label", entry_.name);
    alternative.source =
        ValueReader(sources_.scenario.sources, problems_).source(section);
    alternative.file = section.text("file");
    if (entry_.name == base_alternative)
      add_problem(problems_, entry_.value,
                  "is the name of the scenario itself; another one is allowed");
    if (const auto file = section.find("file")) {
      for (const Entry& one : changes_.entries)
        problems_.add(one.where, join_key(entry_.value.path, one.key),
                      "stands beside file; the other scenario is taken as it "
                      "is");
      if (!alternative.file.empty()) read_file(*file, alternative);
    } else {
      change(alternative);
    }
    alternative.scenario.cohort.patients = sources_.scenario.cohort.patients;
    alternative.scenario.cohort.seed = sources_.scenario.cohort.seed;
    return alternative;
  }

 private:
  void read_file(const Value& file, Alternative& alternative) {
    const fs::path path =
        fs::path(problems_.files().at(file.node.where.file)).parent_path() /
        alternative.file;
    try {
      WholeScenario other = sources_.read(path);
      alternative.scenario = std::move(other.scenario);
      files_.insert(files_.end(), other.files.begin(), other.files.end());
    } catch (const BadScenario& bad) {
      for (const std::string& line : bad.lines())
        add_problem(problems_, file, line);
    } catch (const CannotRead& error) {
      add_problem(problems_, file, error.what());
    }
  }

  void change(Alternative& alternative) {
    if (changes_.entries.empty())
      return add_problem(problems_, entry_.value,
                         "changes nothing; tables of the scenario are needed, "
                         "or file = \"other.toml\"");
    refuse_what_stays();
    Problems within = problems_.within(entry_.value.path);
    Table root = sources_.root;
    // Neither is of use to a variant, and both may name what it removes.
    root.erase("published");
    root.erase("uncertainty");
    const Problems misspelt = misspelt_names();
    merge(root, changes_, sources_.merges_by_name, within);
    try {
      WholeScenario whole = sources_.make(root, within);
      alternative.scenario = std::move(whole.scenario);
      files_.insert(files_.end(), whole.files.begin(), whole.files.end());
    } catch (const BadScenario& bad) {
      // A problem that hid all others.
      for (const std::string& line : bad.lines())
        add_problem(problems_, entry_.value, line);
    }
    // A new name is allowed; only where something is wrong is it doubted.
    if (within.count() > 0) problems_.add(misspelt);
    problems_.add(within);
  }

  /// New names in the tables of steps, treatments and pathways that are near
  /// one of the scenario.
  Problems misspelt_names() const {
    Problems found = problems_.within(entry_.value.path);
    for (const auto& [section, what] :
         {std::pair{"steps", "step"}, std::pair{"treatments", "treatment"},
          std::pair{"pathways", "pathway"}}) {
      const Table* const base = table_of(sources_.root, section);
      const Table* const own = table_of(changes_, section);
      if (!base || !own) continue;
      look_for_misspelt(*base, *own, section, what, "the scenario", found);
      for (const Entry& one : own->entries) {
        const Table* const base_arms = arms_of(*base, one.key);
        const Table* const own_arms = arms_of(*own, one.key);
        if (base_arms && own_arms)
          look_for_misspelt(*base_arms, *own_arms,
                            join_key(join_key(section, one.key), "arms"), "arm",
                            "step " + in_quotes(one.key) + " of the scenario",
                            found);
      }
    }
    return found;
  }

  static const Table* table_of(const Table& parent, const std::string& key) {
    const Entry* const entry = parent.find(key);
    return entry ? std::get_if<Table>(&entry->node.value) : nullptr;
  }

  static const Table* arms_of(const Table& steps, const std::string& step) {
    const Table* const table = table_of(steps, step);
    return table ? table_of(*table, "arms") : nullptr;
  }

  static void look_for_misspelt(const Table& base, const Table& own,
                                const std::string& path,
                                const std::string& what,
                                const std::string& where, Problems& found) {
    std::vector<std::string> names;
    for (const Entry& one : base.entries) names.push_back(one.key);
    for (const Entry& one : own.entries) {
      if (base.find(one.key) || !std::get_if<Table>(&one.node.value)) continue;
      const std::string hint = suggestion(one.key, names);
      if (!hint.empty())
        found.add(one.node.where, join_key(path, one.key),
                  where + " has no " + what + " " + in_quotes(one.key) + hint);
    }
  }

  void refuse_what_stays() {
    for (const char* const key :
         {"extends", "alternatives", "published", "uncertainty"})
      if (const Entry* entry = changes_.find(key)) {
        problems_.add(entry->where, join_key(entry_.value.path, key),
                      "is of the scenario as a whole, not of an alternative");
        changes_.erase(key);
      }
    Entry* const cohort = changes_.find("cohort");
    auto* table = cohort ? std::get_if<Table>(&cohort->node.value) : nullptr;
    for (const char* const key : {"patients", "seed"})
      if (const Entry* entry = table ? table->find(key) : nullptr) {
        problems_.add(
            entry->where, join_key(join_key(entry_.value.path, "cohort"), key),
            "an alternative has the patients and the seed of the scenario, so "
            "that the same patients are compared");
        table->erase(key);
      }
  }

  const NamedValue& entry_;
  const AlternativeSources& sources_;
  Problems& problems_;
  std::vector<fs::path>& files_;
  Table own_, changes_;
};

}  // namespace

std::optional<Entry> take_alternatives(Table& root) {
  const Entry* const entry = root.find("alternatives");
  if (!entry) return std::nullopt;
  const Entry taken = *entry;
  root.erase("alternatives");
  return taken;
}

std::vector<Alternative> read_alternatives(const Entry& entry,
                                           const AlternativeSources& sources,
                                           Problems& problems,
                                           std::vector<fs::path>& files) {
  std::vector<Alternative> alternatives;
  const Value all{entry.node, "alternatives"};
  for (const NamedValue& one : named_values(all, most_alternatives, problems)) {
    const Table* table = as_table(one.value, problems);
    if (table)
      alternatives.push_back(
          Reader(one, *table, sources, problems, files).read());
  }
  return alternatives;
}

}  // namespace stardsim
