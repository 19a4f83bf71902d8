# shellcheck shell=bash
# Completes the words of a stardsim command line in bash. Commands, options and
# instruction sets are asked of the program (--help), so that they are its own.

# The line that the help of the command has for the option.
_stardsim_option() {
  "$1" "$2" --help 2>/dev/null | awk -v option="$3" '/^  -/ {
    count = split($1, names, ",")
    for (i = 1; i <= count; ++i) if (names[i] == option) print
  }'
}

# The help has its kind one space behind its name ("--seed TEXT").
_stardsim_takes_value() {
  [[ $(_stardsim_option "$@") =~ ^'  '[^\ ]+' '[A-Z] ]]
}

_stardsim_options() {
  "$1" ${2:+"$2"} --help 2>/dev/null |
    sed -nE 's/^  (-[a-zA-Z],)?(--[a-z-]+).*/\2/p'
}

_stardsim_commands() {
  "$1" --help 2>/dev/null |
    sed -nE '/^Subcommands:/,$s/^  ([a-z][a-z-]*) .*/\1/p'
}

# Words that begin like the one to complete.
_stardsim_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# Folders, and files whose name ends in one of the extensions.
_stardsim_files() {
  local word=$1 extension
  shift
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <({
    compgen -d -- "$word"
    for extension in "$@"; do compgen -f -X "!*.$extension" -- "$word"; done
  } | sort -u)
}

# The value of an option.
_stardsim_value() {
  local program=$1 command=$2 option=$3 word=$4
  case $option in
    --format)
      _stardsim_words "$(_stardsim_option "$program" "$command" --format |
        grep -owE 'text|csv|markdown|json' | sort -u)" "$word"
      ;;
    --instructions)
      _stardsim_words "$(_stardsim_option "$program" "$command" --instructions |
        sed -E 's/.*fastest\): ([^;]*);.*/\1/; s/,//g')" "$word"
      ;;
    --targets) _stardsim_files "$word" toml ;;
    -o | --output) _stardsim_files "$word" h5 html toml ;;
  esac
}

_stardsim() {
  local program=${1/#\~/$HOME} word=$2 before=$3 command=${COMP_WORDS[1]-}
  COMPREPLY=()
  # bash takes "--format=c" for three words.
  if [[ $word == = ]]; then
    word=''
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
    if [[ $word == -* ]]; then
      _stardsim_words "$(_stardsim_options "$program")" "$word"
    else
      _stardsim_words "$(_stardsim_commands "$program")" "$word"
    fi
  elif [[ $before == -* ]] && _stardsim_takes_value "$program" "$command" "$before"; then
    _stardsim_value "$program" "$command" "$before" "$word"
  elif [[ $word == -* ]]; then
    _stardsim_words "$(_stardsim_options "$program" "$command")" "$word"
  else
    case $command in
      compare) _stardsim_files "$word" toml h5 hdf5 nc ;;
      report) _stardsim_files "$word" h5 hdf5 nc ;;
      *) _stardsim_files "$word" toml ;;
    esac
  fi
}

complete -F _stardsim stardsim stardsim-mpi
