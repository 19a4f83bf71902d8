#include "sim/io/extends.hpp"

#include "sim/io/input_file.hpp"

#include <algorithm>
#include <system_error>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 32;

struct LoadedFile {
  fs::path path;     ///< from the folder of the program
  std::string name;  ///< its own for the first file; as `extends` has it
  std::string text;
  Table root;
};

// A file that another one extends, and where that is said.
struct Base {
  std::string name;
  Position where;
};

// The file's bytes, or its first million and one: enough to refuse it.
std::string read_bytes(const fs::path& path) {
  try {
    return read_input(path, longest_text);
  } catch (const std::system_error& error) {
    throw CannotRead("cannot read " + path.string() + ": " +
                     error.code().message());
  }
}

std::string read_base(const fs::path& path, Position where,
                      const Problems& problems) {
  try {
    return read_bytes(path);
  } catch (const CannotRead& error) {
    problems.stop(where, "extends", error.what());
  }
}

std::string base_name(const Node& node, const Problems& problems) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text || text->empty())
    problems.stop(node.where, "extends",
                  "the name of a scenario file in quotes, or an array of such "
                  "names, is allowed");
  return *text;
}

// Takes `extends` out of the table: what is named there, in its order.
std::vector<Base> take_bases(Table& root, const Problems& problems) {
  const Entry* entry = root.find("extends");
  if (!entry) return {};
  std::vector<Base> bases;
  if (const auto* array = std::get_if<Array>(&entry->node.value)) {
    for (const Node& item : array->items)
      bases.push_back({base_name(item, problems), item.where});
  } else {
    bases.push_back({base_name(entry->node, problems), entry->node.where});
  }
  root.erase("extends");
  return bases;
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

// Loads a file and all that it extends.
class Loader {
 public:
  explicit Loader(Problems& problems) : problems_(problems) {}

  // In the order in which they are merged: what a file extends before it. A
  // file that two others extend comes once, before both.
  std::vector<LoadedFile> load(const fs::path& path) {
    load(path, path.filename().string(), read_bytes(path));
    return std::move(merged_);
  }

 private:
  void load(const fs::path& path, const std::string& name, std::string text) {
    const std::size_t number = problems_.files().size();
    problems_.add_file(path.string());
    Table root = parse_document(text, number, problems_);
    ancestors_.push_back(path);
    for (const Base& base : take_bases(root, problems_))
      load_base(path.parent_path() / base.name, base);
    ancestors_.pop_back();
    merged_.push_back({path, name, std::move(text), std::move(root)});
  }

  void load_base(const fs::path& path, const Base& base) {
    refuse_loop(path, base.where);
    if (std::any_of(merged_.begin(), merged_.end(), [&](const LoadedFile& one) {
          return same_file(one.path, path);
        }))
      return;
    if (problems_.files().size() >= most_files)
      problems_.stop(base.where, "extends", "more than 32 files in all");
    load(path, base.name, read_base(path, base.where, problems_));
  }

  void refuse_loop(const fs::path& base, Position where) const {
    std::string names;
    bool seen = false;
    for (const fs::path& path : ancestors_) {
      seen = seen || same_file(path, base);
      names += path.string() + " -> ";
    }
    if (seen)
      problems_.stop(where, "extends",
                     "a file cannot extend itself: " + names + base.string());
  }

  Problems& problems_;
  std::vector<fs::path> ancestors_;
  std::vector<LoadedFile> merged_;
};

// Merges one file into what it extends.
class Merger {
 public:
  Merger(MergesByName merges_by_name, Problems& problems)
      : merges_by_name_(merges_by_name), problems_(problems) {}

  // A new table, or the first file, has nothing that could be removed.
  void refuse_removals_within(Table& table) {
    std::vector<Entry> kept;
    for (Entry& entry : table.entries) {
      path_.push_back(entry.key);
      auto* inner = std::get_if<Table>(&entry.node.value);
      const bool removed = inner && removes(*inner);
      if (removed)
        nothing_to_remove(inner->find("remove")->where, Table{});
      else if (inner && !is_of_alternatives())
        refuse_removals_within(*inner);
      path_.pop_back();
      if (!removed) kept.push_back(std::move(entry));
    }
    table.entries = std::move(kept);
  }

  void merge(Table& base, Table&& own) {
    for (Entry& entry : own.entries) {
      path_.push_back(entry.key);
      merge_entry(base, std::move(entry));
      path_.pop_back();
    }
  }

 private:
  void merge_entry(Table& base, Entry&& own) {
    Entry* old = base.find(own.key);
    auto* own_table = std::get_if<Table>(&own.node.value);
    if (own_table && removes(*own_table)) {
      if (!old) nothing_to_remove(own_table->find("remove")->where, base);
      base.erase(own.key);
      return;
    }
    auto* old_table = old ? std::get_if<Table>(&old->node.value) : nullptr;
    if (own_table && old_table && merges_by_name_(path_)) {
      old->where = own.where;
      old->node.where = own.node.where;
      merge(*old_table, std::move(*own_table));
      return;
    }
    if (own_table && !is_of_alternatives()) refuse_removals_within(*own_table);
    if (old)
      *old = std::move(own);
    else
      base.entries.push_back(std::move(own));
  }

  // Variants of this file: they are merged onto it later.
  bool is_of_alternatives() const {
    return path_.size() == 1 && path_.front() == "alternatives";
  }

  // True for `{ remove = true }`. A `remove` among other keys is a problem,
  // and is taken out.
  bool removes(Table& table) {
    const Entry* entry = table.find("remove");
    const auto* flag = entry ? std::get_if<bool>(&entry->node.value) : nullptr;
    if (!flag) return false;
    if (*flag && table.entries.size() == 1) return true;
    problems_.add(entry->where, join_key(path(), "remove"),
                  "stands alone in its table, as remove = true");
    table.erase("remove");
    return false;
  }

  // `base` has the names that could have been meant.
  void nothing_to_remove(Position where, const Table& base) {
    problems_.add(where, path(),
                  "nothing of this name to remove in what this file extends" +
                      hint_for_name(path_.back(), base));
  }

  static std::string hint_for_name(const std::string& name, const Table& base) {
    std::vector<std::string> names;
    for (const Entry& entry : base.entries) names.push_back(entry.key);
    if (names.empty()) return "";
    if (nearest(name, names)) return suggestion(name, names);
    return "; the names there are " + listed(names);
  }

  std::string path() const {
    std::string joined;
    for (const std::string& key : path_) joined = join_key(joined, key);
    return joined;
  }

  MergesByName merges_by_name_;
  Problems& problems_;
  std::vector<std::string> path_;
};

// The texts, the base first.
std::string joined_text(const std::vector<LoadedFile>& files) {
  if (files.size() == 1) return files.front().text;
  std::string text;
  for (const LoadedFile& file : files) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += "# ---- " + file.name + " ----\n" + file.text;
  }
  return text;
}

}  // namespace

void merge(Table& base, Table own, MergesByName merges_by_name,
           Problems& problems) {
  Merger(merges_by_name, problems).merge(base, std::move(own));
}

Document read_document(const fs::path& path, MergesByName merges_by_name,
                       Problems& problems) {
  std::vector<LoadedFile> files = Loader(problems).load(path);
  for (auto file = files.begin(); file != files.end() - 1; ++file)
    file->root.erase("alternatives");
  Document document{std::move(files.front().root), joined_text(files), {}};
  for (const LoadedFile& file : files) document.files.push_back(file.path);
  Merger merger(merges_by_name, problems);
  merger.refuse_removals_within(document.root);
  for (auto file = files.begin() + 1; file != files.end(); ++file)
    merger.merge(document.root, std::move(file->root));
  return document;
}

}  // namespace stardsim
