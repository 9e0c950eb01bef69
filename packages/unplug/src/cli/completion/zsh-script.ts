/** Sourced, or a file `_unplug` in a folder of $fpath. */
export const zshScript = `#compdef unplug
# Completion of unplug for zsh. Put this into ~/.zshrc, after compinit: eval "$(unplug completion zsh)"
_unplug() {
  local line handover
  local -a answer closed open
  answer=("\${(@f)$("\${(Q)words[1]/#\\~/$HOME}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${answer[@]}"; do
    case $line in
      '') ;;
      :*) handover=$line ;;
      *=$'\\t'*) open+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      *) closed+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  local -i found=1
  (( $#closed )) && _describe -V unplug closed && found=0
  (( $#open )) && _describe -V unplug open -S '' && found=0
  local -a endings
  case $handover in
    :folders) _path_files -/ && found=0 ;;
    :files) _files && found=0 ;;
    :files*)
      endings=("\${(@ps:\\t:)\${handover#:files$'\\t'}}")
      _files -g "*(\${(j:|:)endings})" && found=0 ;;
    :command*)
      local -i at=\${handover#*$'\\t'}
      shift $((at + 1)) words
      (( CURRENT -= at + 1 ))
      _normal && found=0 ;;
  esac
  return found
}

if [[ \${funcstack[1]} == _unplug ]]; then
  _unplug "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _unplug unplug
fi
`;
