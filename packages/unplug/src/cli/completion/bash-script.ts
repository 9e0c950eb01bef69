/** For bash 3.2, which macOS has, and later. */
export const bashScript = `# Completion of unplug for bash. Put this into ~/.bashrc: eval "$(unplug completion bash)"
_unplug() {
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:COMP_POINT} words=() starts=() word blanks i
  # bash cuts words at = and :, unplug does not.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    blanks=\${line%%[![:space:]]*}
    line=\${line#"$blanks"}
    if ((i == COMP_CWORD)); then word=$line; fi
    line=\${line#"$word"}
    if [[ -z $blanks && $i -gt 0 ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
      starts+=("$i")
    fi
  done
  local current=\${words[\${#words[@]} - 1]} kept='' value rest
  # What stands before its last cut bash keeps by itself.
  case $current in
    *[=:]*) kept=\${current%"\${current##*[=:]}"} ;;
  esac
  COMPREPLY=()
  while IFS=$'\\t' read -r value rest; do
    case $value in
      :files) _unplug_files "$current" "$rest" ;;
      :folders) _unplug_paths -d "$current" ;;
      :command) _unplug_command "$rest" "$current" ;;
      *) COMPREPLY+=("\${value#"$kept"}") ;;
    esac
  done < <("\${words[0]/#\\~/$HOME}" __complete -- "\${words[@]:1}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}

_unplug_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$2")
}

# Folders, and files with one of the endings; all files when none has.
_unplug_files() {
  local before=\${#COMPREPLY[@]} ending path endings
  IFS=$'\\t' read -r -a endings <<<"$2"
  for ending in "\${endings[@]}"; do
    while IFS= read -r path; do
      if [[ -f $path ]]; then COMPREPLY+=("$path"); fi
    done < <(compgen -f -X "!*$ending" -- "$1")
  done
  if [[ \${#COMPREPLY[@]} -eq $before ]]; then _unplug_paths -f "$1"; else _unplug_paths -d "$1"; fi
}

# The words of another program, from the one with this number behind unplug.
_unplug_command() {
  local start=\${starts[$1 + 1]}
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$start"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$start"
  elif [[ $1 -eq $((\${#words[@]} - 2)) ]]; then
    _unplug_paths -c "$2"
  else
    _unplug_paths -f "$2"
  fi
}

complete -o nosort -F _unplug unplug 2>/dev/null || complete -F _unplug unplug
`;
