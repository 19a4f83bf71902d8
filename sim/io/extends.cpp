#include "sim/io/extends.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
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

// The file's bytes, or its first million and one: enough to refuse it.
std::string read_bytes(const fs::path& path) {
  const auto refuse = [&](int error) {
    throw CannotRead("cannot read " + path.string() + ": " +
                     std::generic_category().message(error));
  };
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) refuse(EISDIR);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(errno != 0 ? errno : EIO);
  std::string bytes(longest_text + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) refuse(errno != 0 ? errno : EIO);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

std::string read_base(const fs::path& path, Position where,
                      const Problems& problems) {
  try {
    return read_bytes(path);
  } catch (const CannotRead& error) {
    problems.stop(where, "extends", error.what());
  }
}

// Takes `extends` out of the table: the name in it, "" if there is none.
std::string take_base(LoadedFile& file, Position& where,
                      const Problems& problems) {
  const Entry* entry = file.root.find("extends");
  if (!entry) return "";
  where = entry->node.where;
  const auto* text = std::get_if<std::string>(&entry->node.value);
  if (!text || text->empty())
    problems.stop(where, "extends",
                  "the name of a scenario file in quotes is allowed");
  std::string name = *text;
  file.root.erase("extends");
  return name;
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

void refuse_loop(const std::vector<LoadedFile>& chain, const fs::path& base,
                 Position where, const Problems& problems) {
  const bool seen = std::any_of(
      chain.begin(), chain.end(),
      [&](const LoadedFile& file) { return same_file(file.path, base); });
  if (!seen && chain.size() < most_files) return;
  if (!seen) problems.stop(where, "extends", "more than 32 files in a chain");
  std::string names;
  for (const LoadedFile& file : chain) names += file.path.string() + " -> ";
  problems.stop(where, "extends",
                "a file cannot extend itself: " + names + base.string());
}

// The file, what it extends, what that extends, ...
std::vector<LoadedFile> load_chain(const fs::path& path, Problems& problems) {
  std::vector<LoadedFile> chain;
  fs::path next = path;
  std::string name = path.filename().string();
  std::string text = read_bytes(path);
  for (;;) {
    problems.add_file(next.string());
    Table root = parse_document(text, chain.size(), problems);
    chain.push_back({next, name, std::move(text), std::move(root)});
    Position where;
    name = take_base(chain.back(), where, problems);
    if (name.empty()) return chain;
    next = next.parent_path() / name;
    refuse_loop(chain, next, where, problems);
    text = read_base(next, where, problems);
  }
}

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
      else if (inner)
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
    if (own_table) refuse_removals_within(*own_table);
    if (old)
      *old = std::move(own);
    else
      base.entries.push_back(std::move(own));
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
std::string joined_text(const std::vector<LoadedFile>& chain) {
  if (chain.size() == 1) return chain.front().text;
  std::string text;
  for (auto file = chain.rbegin(); file != chain.rend(); ++file) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += "# ---- " + file->name + " ----\n" + file->text;
  }
  return text;
}

}  // namespace

Document read_document(const fs::path& path, MergesByName merges_by_name,
                       Problems& problems) {
  std::vector<LoadedFile> chain = load_chain(path, problems);
  Document document{std::move(chain.back().root), joined_text(chain), {}};
  for (auto file = chain.rbegin(); file != chain.rend(); ++file)
    document.files.push_back(file->path);
  Merger merger(merges_by_name, problems);
  merger.refuse_removals_within(document.root);
  for (auto file = chain.rbegin() + 1; file != chain.rend(); ++file)
    merger.merge(document.root, std::move(file->root));
  return document;
}

}  // namespace stardsim
