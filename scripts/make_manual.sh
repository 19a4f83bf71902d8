#!/usr/bin/env bash
# Writes the manual page (troff) from what the program says with --help.
# Usage: scripts/make_manual.sh PROGRAM PAGE
#   scripts/make_manual.sh build/release/stardsim build/stardsim.1 && man -l build/stardsim.1
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

case ${1-} in -h | --help) show_help && exit 0 ;; esac
(($# == 2)) || fail "takes the program and the page to write" || exit 2
program=$1 page=$2

# The instruction sets that the help names are those of this machine.
asked() {
  "$program" "$@" --help |
    sed 's/(default: the fastest): [^;]*;/(default: the fastest there is);/'
}

# What stands in the help of PROGRAM between a heading and the next empty line.
section() { sed -n "/^$1:\$/,/^\$/p" | sed '1d;/^ *$/d'; }

# Lines as text for troff, but for how they begin.
escaped() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g'; }

# For awk: prints a line of text, so that troff cannot take it for a request.
# shellcheck disable=SC2016  # awk's own
say='function say(text) {
  sub(/^ +/, "", text)
  print (text ~ /^[.\047]/ ? "\\&" : "") text
}'

# Lines "  -o,--output TEXT ... REQUIRED   What it is for" as tagged paragraphs.
# What is for all commands is left out.
tagged() {
  sed '/^  -h,--help /d' | escaped | awk "$say"'
    /^  [^ ]/ {
      tag = $0; sub(/^ +/, "", tag); text = ""
      if (match(tag, /  +/)) {
        text = substr(tag, RSTART + RLENGTH)
        tag = substr(tag, 1, RSTART - 1)
      }
      needed = sub(/ REQUIRED$/, "", tag)
      parts = split(tag, part, " ")
      name = part[1]; gsub(/,/, "\\fR, \\fB", name)
      print ".TP"
      if (name ~ /^\\-/) {
        printf "\\fB%s\\fR", name
        for (i = 2; i <= parts; ++i)
          if (part[i] == "...") printf "..."
          else printf " \\fI%s\\fR", part[i] == "TEXT" ? "VALUE" : part[i]
      } else {
        printf "\\fI%s\\fR", name
        if (tag ~ /\.\.\.$/) printf "..."
      }
      print needed && name ~ /^\\-/ ? " (required)" : ""
      if (text != "") say(text)
      next
    }
    { say($0) }'
}

# What a command is for: its help up to "Usage:", of which examples keep their
# lines.
purpose() {
  sed '/^Usage: /,$d' | escaped | awk "$say"'
    /^Example: / { print ".PP\nExample:\n.PP\n.EX"; sub(/^Example: /, ""); in_example = 1 }
    in_example { sub(/^ +/, ""); print "  " $0; next }
    /^ *$/ { next }
    { say($0) }
    END { if (in_example) print ".EE" }'
}

commands() {
  asked | sed -n '/^Subcommands:$/,$s/^  \([a-z][a-z-]*\) .*/\1/p'
}

command_section() {
  local help usage
  help=$(asked "$1")
  usage=$(sed -n 's/^Usage: //p' <<<"$help")
  printf '.SS "%s"\n' "$(escaped <<<"$usage")"
  purpose <<<"$help"
  section Positionals <<<"$help" | tagged
  section Options <<<"$help" | tagged
}

manual() {
  local version title one
  version=$("$program" --version | cut -d' ' -f1,2)
  title=$(asked | sed -n 1p)
  cat <<END
.\\" Made by scripts/make_manual.sh from the program's --help.
.TH STARDSIM 1 "" "$version" "User Commands"
.ad l
.nh
.SH NAME
stardsim \\- $(escaped <<<"$title")
.SH SYNOPSIS
.B stardsim
.I COMMAND
.RI [ OPTION ]...
.IR FILE ...
.br
.B stardsim
.I COMMAND
.B \\-\\-help
.br
.B stardsim \\-\\-version
.SH DESCRIPTION
Takes synthetic patients through treatment steps (a first drug, switch,
augmentation, psychotherapy, ECT, ...) with the probabilities of a scenario
file, and says who is in remission, when, for how long and at what cost, with
the Monte Carlo error of every figure.
.PP
The same file, seed and version give the same bytes in every dataset of a
result, for any number of threads and on every instruction set.
.SH COMMANDS
END
  for one in "$@"; do command_section "$one"; done
  cat <<END
.SH EXIT STATUS
$(asked | sed -n 's/^Exit codes: //p' | escaped)
.SH FILES
.TP
.I /usr/share/stardsim/configs
Scenarios to run and to start from; below another prefix if it was installed
there (by default /usr/local). Its README.md describes the format.
.TP
.I /usr/share/doc/stardsim
What can be relied on, and what it does not do.
END
}

mapfile -t names < <(commands)
((${#names[@]} > 0)) || fail "$program --help lists no commands" || exit 1
mkdir -p "$(dirname "$page")"
manual "${names[@]}" >"$page.new"
mv "$page.new" "$page"
