#include "sim/core/plain.hpp"

#include "sim/core/account.hpp"
#include "sim/core/book.hpp"

#include <algorithm>
#include <vector>

namespace stardsim {
namespace {

// So many patients' outcomes are gathered before they are added to the sums.
constexpr std::size_t gathered = 256;

}  // namespace

void run_plainly(const Engine& engine, Luck luck, std::uint64_t first,
                 std::size_t count, Tally& tally) {
  const Law& law = engine.law;
  const std::size_t pathways = law.pathways.size();
  const std::size_t measures = law.accrual ? law.accrual->measures.size() : 0;
  std::vector<std::int64_t> values(measures);
  std::vector<std::vector<std::int64_t>> rows(
      pathways * measures, std::vector<std::int64_t>(gathered));
  std::vector<const std::int64_t*> starts;
  starts.reserve(rows.size());
  for (const auto& row : rows) starts.push_back(row.data());
  Lives lives(engine, luck);
  for (std::size_t done = 0; done < count; done += gathered) {
    const std::size_t some = std::min(gathered, count - done);
    for (std::size_t i = 0; i < some; ++i) {
      lives.enter(first + done + i);
      for (std::size_t p = 0; p < pathways; ++p) {
        const bool ever_if_all_continue =
            count_life(engine, p, 0, lives.live(p, true), tally.pathways[p]);
        const Life& life = lives.live(p, false);
        count_life(engine, p, 1, life, tally.pathways[p]);
        if (measures == 0) continue;
        account(*law.accrual, law.pathways[p], life, ever_if_all_continue,
                values.data());
        for (std::size_t m = 0; m < measures; ++m)
          rows[p * measures + m][i] = values[m];
      }
    }
    if (measures > 0) tally.outcomes.add(first + done, some, starts);
  }
  tally.patients += count;
}

}  // namespace stardsim
