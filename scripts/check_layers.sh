#!/usr/bin/env bash
# Checks that includes point only downwards through the layers, that each
# library is used only where it belongs, and what stands at the top level.
# Usage: scripts/check_layers.sh [--self-test | ROOT]
#   ROOT         another checkout to look at
#   --self-test  plants violations in a copy and checks that each is caught
# Prints each violation as file:line: what; exit code 1 if there is one.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

# What a layer may include (as paths, without quotes or brackets).
standard='[a-z_0-9]+'
posix='([a-z]+|sys/[a-z]+)\.h'
declare -A allowed=(
  [models]="$standard|models/.*|(unsupported/)?Eigen/.*|boost/.*"
  [sim/core]="$standard|(models|sim/core)/.*|Random123/.*|hwy/.*|boost/.*"
  [sim/analysis]="$standard|(models|sim/(core|analysis))/.*|Eigen/.*|boost/.*"
  [sim/io]="$standard|$posix|(models|sim/(core|analysis|io))/.*|fmt/.*"
  [sim/app]="$standard|$posix|(models|sim)/.*|fmt/.*|boost/.*|Eigen/.*"
)
allowed[sim/core]+="|omp\.h|mpi\.h|immintrin\.h"
allowed[sim/analysis]+="|nlopt\.hpp"
allowed[sim/io]+="|(hdf5|H5).*|toml\+\+/.*|openssl/.*"
allowed[sim/app]+="|CLI/.*|nlohmann/json\.hpp|generated/commit\.hpp"

# Headers that have a home: HEADER HOME, and what is said elsewhere.
homes=(
  'omp\.h sim/core/parallel\.cpp OpenMP belongs in sim/core/parallel.cpp alone'
  'mpi\.h sim/core/ranks_mpi\.cpp MPI belongs in sim/core/ranks_mpi.cpp alone'
  '(hdf5|H5).* sim/io/(hdf5|netcdf|results)[^/]* HDF5 belongs in sim/io/hdf5*, netcdf* and results*'
  'toml(\+\+)?(/.*|\.hpp?) sim/io/document\.cpp toml++ belongs in sim/io/document.cpp alone'
  'openssl/.* sim/io/sha256\.cpp OpenSSL belongs in sim/io/sha256.cpp alone'
  'nlopt\.hp?p? sim/analysis/calibration\.cpp NLopt belongs in sim/analysis/calibration.cpp alone'
  'CLI/.* sim/app/.* CLI11 belongs in sim/app/'
  'nlohmann/.* sim/app/.* nlohmann-json belongs in sim/app/'
)

# Never mentioned, not even in a comment.
declare -A unspoken=(
  [models]='\b([Oo]pen[Mm][Pp]|OPENMP|MPI|HDF5|hdf5|TOML|toml)\b'
  [sim/core]='\b(HDF5|hdf5|TOML|toml|CLI11)\b'
)

# Standard headers that a layer has no business with.
declare -A unused=(
  [models]='fstream|iostream|filesystem|chrono|ctime|thread|mutex|atomic|future|stop_token|barrier|latch|semaphore|condition_variable'
  [sim/core]='fstream|iostream|filesystem'
  [sim/analysis]='fstream|iostream|filesystem|thread|mutex|atomic|future|barrier|latch|semaphore|condition_variable'
)

top_level='README\.md|LICENSE|CHANGELOG\.md|CITATION\.cff|CMakeLists\.txt|CMakePresets\.json|\..*|sim|models|configs|scripts|tests|results'

# The project's files below the working directory, one a line.
files() { git -c safe.directory='*' ls-files "$@"; }

report() { printf '%s\n' "$1" && violations=$((violations + 1)); }

layer_of() {
  case $1 in
    models/*) echo models ;;
    sim/core/* | sim/analysis/* | sim/io/* | sim/app/*) cut -d/ -f1,2 <<<"$1" ;;
  esac
}

# check_include FILE:LINE FILE LAYER HEADER
check_include() {
  local place=$1 file=$2 layer=$3 header=$4 home pattern where what
  for home in "${homes[@]}"; do
    read -r pattern where what <<<"$home"
    if [[ $header =~ ^($pattern)$ ]]; then
      [[ $file =~ ^($where)$ ]] || report "$place: <$header>: $what"
      return 0
    fi
  done
  if [[ ! $header =~ ^(${allowed[$layer]})$ || $header == *../* ]]; then
    report "$place: $layer/ may not include $header"
  elif [[ -n ${unused[$layer]-} && $header =~ ^(${unused[$layer]})$ ]]; then
    report "$place: <$header> has no place in $layer/"
  fi
}

check_file() {
  local file=$1 layer line text
  layer=$(layer_of "$file")
  if [[ -z $layer ]]; then
    report "$file:1: belongs to no layer"
    return 0
  fi
  while IFS=: read -r line text; do
    if [[ $text =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]*[\<\"]([^\>\"]+)[\>\"] ]]; then
      check_include "$file:$line" "$file" "$layer" "${BASH_REMATCH[1]}"
    else
      report "$file:$line: an include whose file cannot be seen"
    fi
  done < <(grep -nE '^[[:space:]]*#[[:space:]]*include' "$file")
  if [[ $file != sim/core/parallel.cpp ]]; then
    while IFS=: read -r line text; do
      report "$file:$line: OpenMP belongs in sim/core/parallel.cpp alone"
    done < <(grep -nE '#[[:space:]]*pragma[[:space:]]+omp|_Pragma\("omp' "$file")
  fi
  [[ -n ${unspoken[$layer]-} ]] || return 0
  while IFS=: read -r line text; do
    [[ $text =~ ^[[:space:]]*#[[:space:]]*(include|pragma) ]] ||
      report "$file:$line: ${layer}/ does not mention $(
        grep -oE "${unspoken[$layer]}" <<<"$text" | head -n 1)"
  done < <(grep -nE "${unspoken[$layer]}" "$file")
}

# Looks at the project in the working directory; returns 1 if it breaks a rule.
check() {
  local file entry
  violations=0
  while read -r entry; do
    [[ $entry =~ ^($top_level)$ ]] ||
      report "$entry:1: has no place at the top level"
  done < <(files | cut -d/ -f1 | sort -u)
  while read -r file; do
    [[ ! -f $file || $file =~ \.(md|html|css|js|svg)$ ]] || check_file "$file"
  done < <(files --cached --others --exclude-standard models sim | sort -u)
  ((violations == 0))
}

# Violations to plant, as FILE|TEXT|WHAT: the text is added to the file's end.
planted=(
  'models/law.cpp|#include "sim/core/tally.hpp"|may not include'
  'models/exact.cpp|  #  include <omp.h>|OpenMP belongs'
  'models/exact.cpp|#include <thread>|has no place'
  'models/exact.cpp|#include <chrono>|has no place'
  'models/exact.cpp|#include <fstream>|has no place'
  'models/exact.cpp|#include <fmt/format.h>|may not include'
  'models/exact.cpp|#include <unistd.h>|may not include'
  'models/exact.cpp|#include "law.hpp"|may not include'
  'models/exact.cpp|#include "models/../sim/core/tally.hpp"|may not include'
  'models/exact.cpp|#include HEADER|cannot be seen'
  'models/exact.cpp|// then written as HDF5|does not mention HDF5'
  'models/exact.cpp|int toml = 0;|does not mention toml'
  'models/planted.hpp|#include <hdf5.h>|HDF5 belongs'
  'sim/core/course.cpp|#include "sim/io/results.hpp"|may not include'
  'sim/core/course.cpp|#include "sim/analysis/agreement.hpp"|may not include'
  'sim/core/course.cpp|#pragma omp parallel for|OpenMP belongs'
  'sim/core/course.cpp|#include <mpi.h>|MPI belongs'
  'sim/core/simulate.cpp|#include <mpi.h>|MPI belongs'
  'sim/core/simulate.cpp|#include <Eigen/Dense>|may not include'
  'sim/analysis/agreement.cpp|#include "sim/io/results.hpp"|may not include'
  'sim/analysis/agreement.cpp|#include <filesystem>|has no place'
  'sim/analysis/agreement.cpp|#include <nlopt.hpp>|NLopt belongs'
  'sim/io/document.cpp|#include "sim/app/options.hpp"|may not include'
  'sim/io/document.cpp|#include <CLI/CLI.hpp>|CLI11 belongs'
  'sim/io/scenario_reader.cpp|#include <toml++/toml.h>|toml++ belongs'
  'sim/io/results.cpp|#include <openssl/evp.h>|OpenSSL belongs'
  'sim/io/atomic_file.cpp|#include <hdf5.h>|HDF5 belongs'
  'sim/app/commands.cpp|#include <H5public.h>|HDF5 belongs'
  'sim/app/commands.cpp|#include "hwy/highway.h"|may not include'
  'sim/planted.cpp|int planted;|belongs to no layer'
  'planted/notes.txt|a folder too many|at the top level'
)

# What may stand where it is planted.
harmless=(
  'models/law.cpp|#include <unsupported/Eigen/MatrixFunctions>'
  'models/law.cpp|#include <boost/math/distributions.hpp>'
  'sim/core/parallel.cpp|#include <omp.h>'
  'sim/core/parallel.cpp|#pragma omp parallel'
  'sim/core/course.cpp|#include "hwy/highway.h"'
  'sim/analysis/calibration.cpp|#include <nlopt.hpp>'
  'sim/io/document.cpp|#include <toml++/toml.h>'
  'sim/io/results.cpp|#include <hdf5_hl.h>'
  'sim/io/sha256.cpp|#include <openssl/evp.h>'
  'sim/io/atomic_file.cpp|#include <sys/stat.h>'
  'sim/app/options.cpp|#include <CLI/CLI.hpp>'
  'sim/app/README.md|#include <hdf5.h>'
)

self_test() {
  local copy expected file text what line found missed=0
  copy=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder's name as it is now
  trap "rm -rf '$copy'" EXIT
  files --cached --others --exclude-standard models sim CMakeLists.txt |
    while read -r file; do [[ ! -f $file ]] || echo "$file"; done |
    tar -c -T - | tar -x -C "$copy"
  cd "$copy"
  git init -q .
  for expected in "${harmless[@]}"; do
    IFS='|' read -r file text <<<"$expected"
    printf '%s\n' "$text" >>"$file"
  done
  git add .
  if ! found=$(check); then
    printf 'called violations before any was planted:\n%s\n' "$found"
    return 1
  fi
  for expected in "${planted[@]}"; do
    IFS='|' read -r file text what <<<"$expected"
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$text" >>"$file"
  done
  git add .
  found=$(check) && missed=1
  for expected in "${planted[@]}"; do
    IFS='|' read -r file text what <<<"$expected"
    [[ $file != planted/* ]] || file=planted
    line=1
    [[ ! -f $file ]] ||
      line=$(grep -nxF -- "$text" "$file" | tail -n 1 | cut -d: -f1)
    grep -qE "^$file:$line: .*${what//+/\\+}" <<<"$found" ||
      { echo "not caught: $file:$line: $text" && missed=1; }
  done
  if (($(wc -l <<<"$found") != ${#planted[@]})); then
    printf 'planted %d violations, found:\n%s\n' "${#planted[@]}" "$found"
    missed=1
  fi
  ((missed == 0)) && echo "caught ${#planted[@]} planted violations"
}

case ${1-} in
  -h | --help) show_help ;;
  --self-test) self_test ;;
  *)
    cd "${1:-.}"
    files >/dev/null || fail "needs a git checkout" || exit 1
    check || fail "$violations violations of the layers" || exit 1
    echo "layers: ok"
    ;;
esac
