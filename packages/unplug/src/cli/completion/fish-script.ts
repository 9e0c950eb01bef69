/** Sourced, or a file in fish's folder of completions. */
export const fishScript = `# Completion of unplug for fish. Save it as ~/.config/fish/completions/unplug.fish
function __unplug_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    for line in ($program __complete -- $words[2..] "$current" 2>/dev/null)
        set -l parts (string split \\t -- $line)
        switch $parts[1]
            case :folders
                __fish_complete_directories "$current" ''
            case :files
                __unplug_files "$current" $parts[2..]
            case :command
                set -l at (math $parts[2] + 2)
                set -l command (string escape -- $words[$at..] "$current")
                if test (count $words) -lt $at
                    set command (string escape -- "$current")
                end
                complete -C (string join ' ' -- $command)
            case '*'
                echo $line
        end
    end
end

# Folders, and files with one of the endings; all files when none has.
function __unplug_files
    set -l all (__fish_complete_path $argv[1])
    set -l found
    for ending in $argv[2..]
        set -a found (string match -r -- '^[^\\t]*'(string escape --style=regex -- $ending)'(?:\\t.*)?$' $all)
    end
    if test (count $found) -eq 0
        printf '%s\\n' $all
    else
        printf '%s\\n' $found (string match -r -- '^[^\\t]*/(?:\\t.*)?$' $all)
    end
end

complete -c unplug -f -k -a '(__unplug_complete)'
`;
