#!/usr/bin/env bash
# Installs those Debian packages that a purpose needs and the machine lacks.
# Usage: scripts/install_packages.sh [GROUP...]
#   build   the program            plot    the pictures
#   test    the tests              style   scripts/run_checks.sh --quick
#   checks  scripts/run_checks.sh  bench   scripts/bench.sh
#   fuzz    scripts/fuzz.sh
#   r       scripts/examples/read_results.R (in test too)
#   browser scripts/run_browser_tests.sh
#   mpi     stardsim-mpi (in test too)
#   neon    scripts/neon.sh
# Without an argument: build. Needs Debian 12 and, if a package is missing, root
# or sudo and the network. Exit code 3: packages are missing and cannot be had.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

# shellcheck disable=SC2034  # named by the argument
{
  build=(g++ cmake ninja-build pkg-config git ca-certificates libeigen3-dev
    libboost-dev libboost-random-dev librandom123-dev libhdf5-dev
    libtomlplusplus-dev libcli11-dev libfmt-dev libhwy-dev libssl-dev
    nlohmann-json3-dev libnlopt-cxx-dev)
  plot=(python3 python3-numpy python3-h5py python3-matplotlib)
  test=(git catch2 python3 python3-numpy python3-h5py python3-xarray
    python3-h5netcdf python3-netcdf4 util-linux procps man-db bash-completion
    dpkg-dev file binutils)
  r=(r-base-core r-bioc-rhdf5)
  mpi=(libopenmpi-dev openmpi-bin)
  test+=("${r[@]}" "${mpi[@]}")
  style=(git shellcheck clang-format-14)
  checks=("${style[@]}" clang-14 clang-tidy-14 cppcheck libclang-rt-14-dev
    libomp-14-dev llvm-14 valgrind)
  fuzz=(clang-14 libclang-rt-14-dev llvm-14)
  bench=(libbenchmark-dev python3 python3-numpy python3-numba r-base-core)
  browser=(python3 python3-h5py chromium fonts-dejavu-core)
  neon=(g++-aarch64-linux-gnu qemu-user)
}
# Node may be there from elsewhere, and Debian's would replace it.
command -v node >/dev/null || browser+=(nodejs)
command -v npm >/dev/null || browser+=(npm)

cannot() {
  printf 'install_packages.sh: %s\n' "$*" >&2
  exit 3
}

wanted=()
for group in "${@:-build}"; do
  case $group in
    build | plot | test | style | checks | fuzz | bench | r | browser | mpi | neon)
      declare -n packages=$group
      wanted+=("${packages[@]}")
      ;;
    -h | --help) show_help && exit 0 ;;
    *) fail "no group of packages is called '$group'" || exit 2 ;;
  esac
done

command -v dpkg-query >/dev/null ||
  cannot "not a Debian system; it needs what Debian calls: ${wanted[*]}"

# A package is there if dpkg calls it installed ("ii", or "hi" if held); of one
# that it has never heard of it complains.
installed=" $({ dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' \
  "${wanted[@]}" 2>/dev/null || true; } | sed -n 's/^[hi]i *//p' | tr '\n' ' ') "
missing=()
for package in "${wanted[@]}"; do
  [[ $installed == *" $package "* || " ${missing[*]-} " == *" $package "* ]] ||
    missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "all ${#wanted[@]} packages are installed"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    cannot "run as root, or install sudo; missing: ${missing[*]}"
  as_root=(sudo)
fi
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

# apt waits for dpkg's lock by itself, but not for that of the package lists.
update() {
  local waited=0 said
  until said=$(apt update 2>&1); do
    if [[ $said != *"Could not get lock"* ]] || ((waited >= 300)); then break; fi
    sleep 5
    waited=$((waited + 5))
  done
  printf '%s\n' "$said"
}

echo "installing ${missing[*]}"
update
apt install --no-install-recommends "${missing[@]}" ||
  cannot "cannot install ${missing[*]}"
echo "installed ${#missing[@]} packages"
