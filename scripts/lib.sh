# shellcheck shell=bash
# What the scripts share. Sourced, not run: goes to the root of the project and
# gives show_help, fail, seconds_since, stage and build.

script_file=$(readlink -f "$0")
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." || exit 1
export LC_ALL=C.UTF-8
# shellcheck disable=SC2034  # for the scripts' own closing lines
started=${EPOCHREALTIME//[!0-9]/}

# The comment at the head of the script that was called.
show_help() { sed -n '2,/^[^#]*$/{/^#/s/^# \{0,1\}//p}' "$script_file"; }

fail() {
  printf '%s: %s\n' "$(basename "$script_file")" "$*" >&2
  return 1
}

# seconds_since MICROSECONDS: elapsed time as "12.3".
seconds_since() {
  local tenths=$(((${EPOCHREALTIME//[!0-9]/} - $1) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# stage LABEL COMMAND...: runs the command quietly and says in one line on
# stderr how it ended and how long it took; on failure also the end of what it
# printed, all of which is in build/log.
stage() {
  local label=$1 from=${EPOCHREALTIME//[!0-9]/} status=0
  local log="build/log/${label//[^A-Za-z0-9]/_}.txt"
  shift
  mkdir -p build/log
  printf '%-46s ' "$label" >&2
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status == 0)); then
    printf 'ok      %7s s\n' "$(seconds_since "$from")" >&2
  else
    printf 'FAILED  %7s s\n' "$(seconds_since "$from")" >&2
    tail -n 40 "$log" | sed 's/^/    /' >&2
    printf '    (exit code %d; all of it in %s)\n' "$status" "$log" >&2
  fi
  return "$status"
}

# build PRESET [TARGET...]: configures (which also notes the commit) and builds
# in build/PRESET.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" &&
    cmake --build --preset "$preset" --parallel "$(nproc)" \
      ${1:+--target "$@"}
}
